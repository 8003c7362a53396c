"""The reference page: it lists the catalog as it is, and its examples run."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tools.indicator_page import with_tables

from quantloom.indicators import catalog, get_indicator
from tests.library.indicators.builders import make_bars, stream_over

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/indicators.md").read_text("utf-8")
USE_ONE, WRITE_YOUR_OWN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_lists_the_catalog_as_it_is() -> None:
    assert with_tables(PAGE) == PAGE, "write them anew: python tools/indicator_page.py"


def test_the_first_example_computes_and_streams_the_same() -> None:
    names: dict[str, Any] = {}

    exec(USE_ONE, names)

    np.testing.assert_allclose(names["batch"], [np.nan, np.nan, 34 / 3, 12, 40 / 3])
    np.testing.assert_array_equal(names["streamed"], names["batch"])
    assert (names["average"].label, names["average"].warm_up) == ("SMA(3)", 2)


def test_the_own_indicator_of_the_page_works_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "_definitions", dict(catalog._definitions))
    bars = make_bars([10.0, 12.0, 9.0, 11.0])

    exec(WRITE_YOUR_OWN, {"__name__": "page"})

    middle = get_indicator("CHANNEL_MIDDLE").bind(3)
    values = middle.compute(bars)["value"]
    np.testing.assert_array_equal(values, [np.nan, np.nan, 10.5, 10.5])
    np.testing.assert_array_equal(stream_over(middle, bars)["value"], values)
