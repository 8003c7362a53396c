"""The pages about indicators: one lists the catalog as it is, and all their examples run."""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tools.indicator_page import with_tables

from quantloom.backtest import backtest
from quantloom.data import random_walk
from quantloom.indicators import catalog, get_indicator
from tests.library.indicators.builders import make_bars, stream_over

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "reference/indicators.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to/custom-indicators.md").read_text("utf-8")
USE_ONE, IN_ONE_CALL = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
HALVES, AGREEMENT, STRATEGY = re.findall(r"```python\n(.*?)```", HOW_TO, re.DOTALL)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that the how-to page writes, with a catalog of its own."""
    write_channel(monkeypatch, HALVES)


def write_channel(monkeypatch: pytest.MonkeyPatch, halves: str) -> None:
    monkeypatch.setattr(catalog, "_definitions", dict(catalog._definitions))
    module = ModuleType("channel")
    exec(halves, module.__dict__)
    monkeypatch.setitem(sys.modules, "channel", module)


def test_the_page_lists_the_catalog_as_it_is() -> None:
    assert with_tables(PAGE) == PAGE, "write them anew: python tools/indicator_page.py"


def test_the_first_example_computes_and_streams_the_same() -> None:
    names: dict[str, Any] = {}

    exec(USE_ONE, names)

    np.testing.assert_allclose(names["batch"], [np.nan, np.nan, 34 / 3, 12, 40 / 3])
    np.testing.assert_array_equal(names["streamed"], names["batch"])
    assert (names["average"].label, names["average"].warm_up) == ("SMA(3)", 2)


def test_one_call_serves_bars_frames_and_arrays() -> None:
    names: dict[str, Any] = {}

    exec(IN_ONE_CALL, names)

    np.testing.assert_array_equal(names["same"], names["strength"])
    np.testing.assert_array_equal(names["also"], names["strength"])
    assert {"upper", "middle", "lower"} <= set(names["banded"].columns)
    assert np.isnan(names["smoothed"][:18]).all()


@pytest.mark.usefixtures("channel")
def test_the_own_indicator_of_the_page_works_both_ways() -> None:
    bars = make_bars([10.0, 12.0, 9.0, 11.0])

    middle = get_indicator("CHANNEL_MIDDLE").bind(3)
    values = middle.compute(bars)["value"]
    np.testing.assert_array_equal(values, [np.nan, np.nan, 10.5, 10.5])
    np.testing.assert_array_equal(stream_over(middle, bars)["value"], values)


@pytest.mark.usefixtures("channel")
def test_the_tests_of_the_page_pass() -> None:
    names: dict[str, Any] = {}
    exec(AGREEMENT, names)

    names["test_the_halves_agree"]()
    names["test_a_value_does_not_change_when_later_bars_come"]()


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("test_the_halves_agree", "min(self._lows)) / 2", "max(self._lows)) / 2"),
        ("test_a_value_does_not_change_when_later_bars_come", "last + 1)", "last + 2)"),
    ],
)
def test_the_tests_of_the_page_fail_for_an_indicator_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch, name: str, right: str, wrong: str
) -> None:
    assert HALVES.count(right) == 1
    write_channel(monkeypatch, HALVES.replace(right, wrong))
    names: dict[str, Any] = {}
    exec(AGREEMENT, names)

    with pytest.raises(AssertionError):
        names[name]()


@pytest.mark.usefixtures("channel")
def test_the_strategy_of_the_page_trades() -> None:
    names: dict[str, Any] = {"__name__": "page"}
    exec(STRATEGY, names)

    result = backtest(names["MiddleCross"], random_walk(500, seed=1))

    assert len(result.fills) > 2
