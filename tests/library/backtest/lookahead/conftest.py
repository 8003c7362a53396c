"""The indicators of the corpus, in the catalog while a test of this folder runs."""

import pytest

from quantloom.indicators import catalog
from tests.library.backtest.lookahead.corpus import OWN_LINES


@pytest.fixture(autouse=True)
def corpus_in_the_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_definitions", {**catalog._definitions, **OWN_LINES})
