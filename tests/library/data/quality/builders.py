"""Bars without a fault, laid on the sessions of a real calendar, and faults to plant in them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from quantloom.kit import FloatArray, IntArray, to_ns
from quantloom.market import Bars, Timeframe, default_instrument, get_calendar
from quantloom.market.bars import FIELDS

HOUR_NS = 3_600 * 10**9
DAY_NS = 24 * HOUR_NS


def clean(
    symbol: str = "600000.SSE",
    timeframe: str = "5m",
    *,
    start: str = "2021-01-04",
    days: int = 60,
    seed: int = 1,
    price: float = 3_000.0,
) -> Bars:
    """A random walk on the tick, with a bar for every one that the calendar asks for."""
    ts = times(symbol, timeframe, start, days)
    random = np.random.default_rng(seed)
    n = len(ts)
    step = {"1d": 0.01}.get(timeframe, 0.0008)
    close = price * np.exp(np.cumsum(step * random.standard_normal(n)))
    opened = np.append(price, close[:-1]) * (1 + 0.2 * step * random.standard_normal(n))
    top, floor = np.maximum(opened, close), np.minimum(opened, close)
    spread = 0.5 * step * np.abs(random.standard_normal((2, n)))
    tick = float(default_instrument(symbol).tick_size)
    return make(
        symbol,
        timeframe,
        ts,
        open=snap(opened, tick),
        high=snap(top * (1 + spread[0]), tick),
        low=snap(floor * (1 - spread[1]), tick),
        close=snap(close, tick),
        volume=1_000 + np.floor(9_000 * random.random(n)),
    )


def times(symbol: str, timeframe: str, start: str, days: int) -> IntArray:
    """When bars open on some days of an instrument's calendar."""
    calendar = get_calendar(default_instrument(symbol).calendar)
    first = date.fromisoformat(start)
    listed = calendar.trading_days(first, first + timedelta(days=days))
    length = Timeframe.parse(timeframe)
    if not length.is_intraday:
        found: IntArray = np.array(listed, dtype="datetime64[ns]").astype(np.int64)
        return found
    spans = [
        np.arange(to_ns(session.open), to_ns(session.close), length.ns)
        for day in listed
        for session in calendar.sessions(day)
    ]
    return np.concatenate(spans)


def snap(prices: FloatArray, tick: float) -> FloatArray:
    """Prices as they are written: whole ticks, as decimals."""
    decimals = max(0, -int(np.floor(np.log10(tick))))
    snapped: FloatArray = np.round(np.rint(prices / tick) * tick, decimals)
    return snapped


def make(symbol: str, timeframe: str, ts: IntArray, **columns: Any) -> Bars:
    """Bars that nobody checks."""
    base: Any = {name: np.asarray(columns.pop(name), dtype=np.float64) for name in FIELDS}
    extras = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    return Bars(symbol, Timeframe.parse(timeframe), ts, **base, extras=extras)


def columns_of(bars: Bars) -> dict[str, Any]:
    """Columns that may be written to."""
    found = {name: getattr(bars, name).copy() for name in FIELDS}
    return found | {name: column.copy() for name, column in bars.extras.items()}


def changed(bars: Bars, **columns: Any) -> Bars:
    """The bars with other columns."""
    ts = columns.pop("ts", bars.ts)
    return make(bars.symbol, str(bars.timeframe), ts, **(columns_of(bars) | columns))


def taken(bars: Bars, rows: Any) -> Bars:
    """Some rows, in any order and as often as named."""
    columns = {name: column[rows] for name, column in columns_of(bars).items()}
    return make(bars.symbol, str(bars.timeframe), bars.ts[rows], **columns)


def scaled(bars: Bars, rows: Any, factor: float, names: tuple[str, ...] = FIELDS[:4]) -> Bars:
    """The bars with some prices multiplied, on the tick."""
    tick = float(default_instrument(bars.symbol).tick_size)
    columns = columns_of(bars)
    for name in names:
        columns[name][rows] = snap(columns[name][rows] * factor, tick)
    return changed(bars, **columns)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the check that must find it.

    Attributes:
        plant: given clean bars and a row between the first tenth and the last, bars with it.
        count: how many cases it makes; None where that hangs on the row.
    """

    check: str
    symbol: str
    timeframe: str
    plant: Callable[[Bars, int], Bars]
    count: int | None = 1
    start: str = "2021-01-04"
    days: int = 60


def _high_below_low(bars: Bars, row: int) -> Bars:
    columns = columns_of(bars)
    columns["high"][row], columns["low"][row] = bars.low[row] - 1, bars.high[row] + 1
    return changed(bars, **columns)


def _set(name: str, value: float) -> Callable[[Bars, int], Bars]:
    def plant(bars: Bars, row: int) -> Bars:
        columns = columns_of(bars)
        columns[name][row] = value
        return changed(bars, **columns)

    return plant


def _conflict(bars: Bars, row: int) -> Bars:
    again = taken(bars, np.insert(np.arange(len(bars)), row, row))
    columns = columns_of(again)
    columns["volume"][row] += 1
    return changed(again, **columns)


def _swapped(bars: Bars, row: int) -> Bars:
    order = np.arange(len(bars))
    order[[row, row + 1]] = order[[row + 1, row]]
    return taken(bars, order)


def _stale(bars: Bars, row: int) -> Bars:
    order = np.arange(len(bars))
    order[row : row + 8] = row
    return changed(taken(bars, order), ts=bars.ts)


def _split(bars: Bars, row: int) -> Bars:
    rows = np.arange(len(bars)) >= row
    columns = columns_of(scaled(bars, rows, 0.5))
    columns["volume"][rows] *= 2
    return changed(bars, **columns)


def _reused(bars: Bars, row: int) -> Bars:
    rows = np.arange(len(bars))
    moved = scaled(bars, rows >= row, 20.0)
    return taken(moved, rows[(rows < row) | (rows >= row + 70)])


def _two_sided(bars: Bars, row: int) -> Bars:
    is_before = bars.ts < to_ns_of("2020-01-01")
    factor = np.where(is_before, 2.0, 1.0)
    held = 500_000.0 * factor
    return changed(bars, volume=bars.volume * factor, open_interest=held)


def to_ns_of(day: str) -> int:
    return int(np.datetime64(day, "ns").astype(np.int64))


def _rolled(bars: Bars, row: int) -> Bars:
    days = get_calendar("SHFE.rb").trading_day(bars.ts)
    first = int(np.searchsorted(days, days[row]))
    return scaled(bars, np.arange(len(bars)) >= first, 1.08)


def _limit_broken(bars: Bars, row: int) -> Bars:
    return scaled(bars, np.arange(len(bars)) >= row, 1.17)


def _month_out(bars: Bars, row: int) -> Bars:
    months = bars.ts.astype("datetime64[ns]").astype("datetime64[M]")
    inner = np.unique(months)[1:-1]
    return taken(bars, np.flatnonzero(months != inner[row % len(inner)]))


def _off(bars: Bars, row: int) -> Bars:
    columns = columns_of(bars)
    tick = float(default_instrument(bars.symbol).tick_size)
    columns["high"][row] += 0.4 * tick
    return changed(bars, **columns)


FAULTS = (
    Fault("unsorted", "600000.SSE", "5m", _swapped),
    Fault(
        "duplicates",
        "600000.SSE",
        "5m",
        lambda bars, row: taken(bars, np.insert(np.arange(len(bars)), row, row)),
    ),
    Fault("conflicts", "rb2105.SHFE", "15m", _conflict),
    Fault("bad_prices", "600000.SSE", "5m", _set("close", float("nan"))),
    Fault("bad_prices", "rb2105.SHFE", "15m", _set("low", 0.0)),
    Fault("bad_ohlc", "600000.SSE", "5m", _high_below_low),
    Fault("bad_volume", "BTC-USDT.BINANCE", "1h", _set("volume", -1.0)),
    Fault(
        "gaps",
        "600000.SSE",
        "5m",
        lambda bars, row: taken(bars, np.delete(np.arange(len(bars)), row)),
    ),
    Fault(
        "gaps",
        "rb2105.SHFE",
        "15m",
        lambda bars, row: taken(bars, np.delete(np.arange(len(bars)), row)),
    ),
    Fault(
        "gaps",
        "AAPL.NASDAQ",
        "1d",
        lambda b, row: taken(b, np.delete(np.arange(len(b)), row)),
        days=300,
    ),
    Fault("missing_months", "600000.SSE", "1d", _month_out, days=300),
    Fault(
        "time_zone",
        "600000.SSE",
        "5m",
        lambda bars, row: changed(bars, ts=bars.ts + 8 * HOUR_NS),
        count=None,
    ),
    Fault(
        "time_zone",
        "rb2105.SHFE",
        "15m",
        lambda bars, row: changed(bars, ts=bars.ts + 8 * HOUR_NS),
        count=None,
    ),
    Fault(
        "time_zone",
        "AAPL.NASDAQ",
        "5m",
        lambda bars, row: changed(bars, ts=bars.ts + 5 * HOUR_NS),
        count=None,
    ),
    Fault(
        "close_labels",
        "600000.SSE",
        "5m",
        lambda bars, row: changed(bars, ts=bars.ts + bars.timeframe.ns),
        count=None,
    ),
    Fault(
        "outside_hours",
        "600000.SSE",
        "1d",
        lambda bars, row: _on_sunday(bars),
        days=300,
    ),
    Fault("off_tick", "rb2105.SHFE", "15m", _off),
    Fault("off_tick", "AAPL.NASDAQ", "1d", _off, days=300),
    Fault("outside_limits", "600000.SSE", "1d", _limit_broken, days=300),
    Fault("outside_limits", "rb2105.SHFE", "15m", _limit_broken, days=100),
    Fault("outliers", "600000.SSE", "5m", lambda b, row: scaled(b, row, 1.09, ("high", "close"))),
    Fault("outliers", "BTC-USDT.BINANCE", "1h", lambda b, row: scaled(b, row, 0.7, ("low",))),
    Fault(
        "jumps",
        "BTC-USDT.BINANCE",
        "1h",
        lambda bars, row: scaled(bars, np.arange(len(bars)) >= row, 1.37),
    ),
    Fault("splits", "AAPL.NASDAQ", "1d", _split, days=400),
    Fault("ticker_reuse", "AAPL.NASDAQ", "1d", _reused, days=700),
    Fault("stale", "600000.SSE", "5m", _stale, count=7),
    Fault("zero_volume", "600000.SSE", "5m", _set("volume", 0.0)),
    Fault("volume_unknown", "600000.SSE", "5m", _set("volume", float("nan"))),
    Fault(
        "double_volume", "rb-MAIN.SHFE", "1d", _two_sided, count=None, start="2019-06-03", days=400
    ),
    Fault("rolls", "rb-MAIN.SHFE", "15m", _rolled, days=100),
)
"""A fault for every check that finds faults."""


def _on_sunday(bars: Bars) -> Bars:
    """The last of the bars moved to the Sunday after it."""
    weekday = int(bars.ts[-1] // DAY_NS + 3) % 7
    return changed(bars, ts=np.append(bars.ts[:-1], bars.ts[-1] + (6 - weekday) * DAY_NS))
