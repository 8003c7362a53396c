"""Bars looked at block by block get the report that all of them together get."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data.quality import QualityReport, RowAccount, check, check_blocks, streaming
from quantloom.kit import BoolArray
from quantloom.market import Bars, EmptyRange, assume_instrument, default_instrument
from tests.library.data.quality.builders import FAULTS, Fault, changed, clean, scaled, taken

INTRADAY = [one for one in FAULTS if one.timeframe != "1d"]


@pytest.fixture(autouse=True)
def every_row_is_streamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "_FEW", 3)


def sound(bars: Bars) -> Bars:
    """The rows that a file's reader would let through."""
    order = np.argsort(bars.ts, kind="stable")
    ts = bars.ts[order]
    possible: BoolArray = np.append(True, np.diff(ts) > 0)
    prices = np.array([bars.open, bars.high, bars.low, bars.close])[:, order]
    possible &= np.isfinite(prices).all(axis=0) & (prices > 0).all(axis=0)
    possible &= (bars.high >= np.maximum(bars.open, bars.close))[order]
    possible &= (bars.low <= np.minimum(bars.open, bars.close))[order]
    possible &= ~(bars.volume < 0)[order] & ~np.isinf(bars.volume)[order]
    return taken(bars, order[possible])


def cut(bars: Bars, borders: Sequence[int]) -> list[Bars]:
    places = [0, *sorted({border % len(bars) for border in borders} - {0}), len(bars)]
    return [bars[begin:end] for begin, end in pairwise(places)]


def told(report: QualityReport) -> dict[str, Any]:
    """Everything but pictures and the prices of examples."""
    found = [
        (one.plain() | {"examples": None}, _times(report, one.check)) for one in report.findings
    ]
    return report.to_json() | {"findings": found}


def _times(report: QualityReport, check: str) -> tuple[Any, ...]:
    finding = report.find(check)
    return () if finding is None else tuple(one.time for one in finding.examples)


def both(bars: Bars, borders: Sequence[int], **more: Any) -> tuple[QualityReport, QualityReport]:
    instrument = more.pop("instrument", None) or assume_instrument(bars)
    whole = check(bars, instrument=instrument, is_sound=True, **more)
    blocks = cut(bars, borders)
    return whole, check_blocks(lambda: blocks, instrument=instrument, **more)


def evenly(n: int, blocks: int) -> list[int]:
    return [n * block // blocks for block in range(1, blocks)]


@pytest.mark.parametrize("fault", INTRADAY, ids=lambda one: f"{one.check}-{one.symbol}")
def test_a_planted_fault_is_found_in_blocks_as_in_the_whole(fault: Fault) -> None:
    bars = clean(fault.symbol, fault.timeframe, start=fault.start, days=fault.days)
    bars = sound(fault.plant(bars, len(bars) // 2))

    whole, streamed = both(bars, evenly(len(bars), 13))

    assert told(streamed) == told(whole)


SYMBOLS = (
    "600000.SSE",
    "rb-MAIN.SHFE",
    "rb2105.SHFE",
    "IF2103.CFFEX",
    "AAPL.NASDAQ",
    "EUR-USD.FX",
    "BTC-USDT.BINANCE",
    "AAA.LOCAL",
)


@st.composite
def damaged(draw: st.DrawFn) -> Bars:
    """Bars with holes, moved clocks, stale runs, wrong prints, wicks, jumps and odd volumes."""
    symbol, timeframe = draw(st.sampled_from(SYMBOLS)), draw(st.sampled_from(["5m", "15m", "1h"]))
    start = draw(st.sampled_from(["2019-12-02", "2021-01-04", "2031-03-03"]))
    bars = clean(symbol, timeframe, start=start, days=45, seed=draw(st.integers(1, 9)))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = random.integers(1, len(bars) - 2, 8)
    for row in rows[: draw(st.integers(0, 6))].tolist():
        names = (("close",), ("open",), ("high",), ("low",))[row % 4]
        bars = scaled(bars, slice(row, row + 1), 1 + 0.3 * random.standard_normal(), names)
    if draw(st.booleans()):
        bars = scaled(bars, slice(int(rows[6]), None), draw(st.sampled_from([0.5, 0.1, 2.0, 1.3])))
    columns = {name: getattr(bars, name).copy() for name in ("open", "high", "low", "close")}
    columns["high"] = np.maximum.reduce(list(columns.values()))
    columns["low"] = np.minimum.reduce(list(columns.values()))
    volume = bars.volume.copy()
    volume[random.random(len(bars)) < draw(st.sampled_from([0.0, 0.1, 1.0]))] = draw(
        st.sampled_from([0.0, float("nan")])
    )
    if draw(st.booleans()):
        still = slice(int(rows[7]), int(rows[7]) + 40)
        for column in (*columns.values(), volume):
            column[still] = column[still.start]
    extras = {"open_interest": 1e5 * np.exp(np.cumsum(0.02 * random.standard_normal(len(bars))))}
    bars = changed(bars, volume=volume, **columns, **extras)
    kept = random.random(len(bars)) >= draw(st.sampled_from([0.0, 0.02, 0.6]))
    kept[: len(bars) // 3] |= draw(st.booleans())
    hours = draw(st.sampled_from([0, 0, 0, 8, -5, 1 / 12]))
    bars = taken(bars, np.flatnonzero(kept))
    return changed(bars, ts=bars.ts + int(hours * 3_600) * 10**9)


@settings(max_examples=40)
@given(damaged(), st.lists(st.integers(0, 10**6), max_size=25))
def test_blocks_cut_anywhere_get_the_report_of_the_whole(bars: Bars, borders: list[int]) -> None:
    whole, streamed = both(bars, borders)

    assert told(streamed) == told(whole)


@pytest.mark.soak
@settings(max_examples=2_000)
@given(damaged(), st.lists(st.integers(0, 10**6), max_size=25))
def test_many_blocks_cut_anywhere(bars: Bars, borders: list[int]) -> None:
    whole, streamed = both(bars, borders)

    assert told(streamed) == told(whole)


def test_single_rows_are_blocks_too() -> None:
    bars = clean("600000.SSE", "5m", days=4)

    whole, streamed = both(bars, range(len(bars)))

    assert told(streamed) == told(whole)


def test_bars_of_days_are_checked_at_once() -> None:
    bars = clean("600000.SSE", "1d", days=200)

    whole, streamed = both(bars, evenly(len(bars), 7))

    assert told(streamed) == told(whole)


def test_what_a_reader_left_out_counts() -> None:
    bars = clean("rb2105.SHFE", "5m", days=10)
    raw = RowAccount(read=len(bars) + 40, dropped=(("high below low", 40),), unsorted=3)

    whole, streamed = both(bars, evenly(len(bars), 5), raw=raw, repairs=("sorted",))

    assert told(streamed) == told(whole)
    assert streamed.grade == whole.grade > "A"


def test_no_bars_have_no_grade() -> None:
    with pytest.raises(EmptyRange):
        check_blocks(list, instrument=default_instrument("AAA.LOCAL"))
