"""A catalog grades what it holds, of whatever size, and keeps what was found with it."""

from pathlib import Path

import pytest

from quantloom.data import Catalog, catalog, random_walk
from quantloom.market import Ticks, assume_instrument, default_instrument

SYMBOL = "BTC-USDT.BINANCE"


def test_more_bars_than_are_held_have_the_grade_that_they_have_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = random_walk(30_000, 3, symbol=SYMBOL, timeframe="1m")
    held = Catalog(tmp_path)
    held.write(bars, assume_instrument(bars), source="a test")
    whole = held.check(SYMBOL)
    monkeypatch.setattr(catalog, "MOST_HELD", 1_000)
    monkeypatch.setattr(held, "read", None)

    info = held.grade(SYMBOL)

    assert (info.grade, info.quality) == (whole.grade, whole.short())


def test_a_stored_stream_of_ticks_is_graded(tmp_path: Path) -> None:
    ts = [0, 10**9, 10**9]
    ticks = Ticks.of_quotes(SYMBOL, ts=ts, bid=[10.0] * 3, ask=[11.0] * 3)
    held = Catalog(tmp_path)
    held.write_ticks(ticks, default_instrument(SYMBOL, ticks.bid[:, 0]), source="a test")

    report = held.check_ticks(SYMBOL, "quotes")
    [info] = held.list_ticks()

    assert [one.check for one in report.findings] == ["repeated_ticks"]
    assert (info.grade, info.quality) == (report.grade, report.short())
