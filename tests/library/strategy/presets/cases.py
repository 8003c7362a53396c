"""Runs of presets over the packaged markets."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import demo_catalog
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, Kind
from quantloom.strategy import Strategy, list_strategies

CATALOG = demo_catalog()
DATASETS = [
    (info.symbol, str(info.timeframe))
    for info in CATALOG.list()
    if info.instrument.kind is not Kind.INDEX
]
FUTURES = ("rb-MAIN.SHFE", "TA-MAIN.CZCE", "m-MAIN.DCE")
STOCKS = ("AAPL.NASDAQ", "SPY.ARCA")
# What each preset trades, beside what the run of one instrument tells of it.
SEVERAL = {"momentum-rotation": {"top": 1}, "pairs": {"level": 10, "window": 60}}
PRESETS = sorted(
    name
    for name, cls in list_strategies().items()
    if cls.__module__.startswith("quantloom.strategy.presets.")
)
SINGLE = [name for name in PRESETS if name not in SEVERAL]
_KNOWN = {symbol for symbol, _ in DATASETS}
_LONGEST = 6_000


def bars_of(symbol: str, timeframe: str = "1d") -> Bars:
    return CATALOG.read(symbol, timeframe)[-_LONGEST:]


def run(
    strategy: str | type[Strategy],
    *symbols: str,
    timeframe: str = "1d",
    bars: Mapping[str, Bars] | None = None,
    **given: Any,
) -> BacktestResult:
    """One account large enough for a lot of each; without a volume cap unless one is given."""
    data = bars or {symbol: bars_of(symbol, timeframe) for symbol in symbols}
    settings: dict[str, Any] = {
        "cash": 20_000_000,
        "participation": None,
        "instrument": {symbol: CATALOG.instrument(symbol) for symbol in data if symbol in _KNOWN},
    }
    return backtest(strategy, data, **settings | given)


def runs_on(preset: str, timeframe: str) -> bool:
    return preset != "opening-range" or timeframe != "1d"


def symbols_of(preset: str, symbol: str = "AAPL.NASDAQ") -> tuple[str, ...]:
    if preset not in SEVERAL:
        return (symbol,)
    return STOCKS if symbol in STOCKS else FUTURES[:2]


def timeframe_of(preset: str) -> str:
    return "1h" if preset == "opening-range" else "1d"


def rows_of_fills(result: BacktestResult, side: str) -> IntArray:
    """On which bars of a run of one instrument its buys, or its sales, filled."""
    times = result.fills["ts_ns"][result.fills["side"] == side]
    rows: IntArray = np.searchsorted(result.bars.ts, times.astype(np.int64))
    return rows


def held(result: BacktestResult, symbol: str) -> FloatArray:
    """The position after each row of equity, from the fills alone."""
    fills = result.fills
    is_it = fills["symbol"] == symbol
    signs = np.where(fills["side"][is_it] == "buy", 1.0, -1.0)
    steps = signs * fills["quantity"][is_it].astype(np.float64)
    changes = np.zeros(len(result.equity))
    at = np.searchsorted(result.equity["ts_ns"], fills["ts_ns"][is_it].astype(np.int64))
    np.add.at(changes, at, steps)
    quantity: FloatArray = np.cumsum(changes).round(8).astype(np.float64)
    return quantity


def average(values: FloatArray, period: int) -> FloatArray:
    """An exponential average, started from the first value."""
    out = values.copy()
    for row in range(1, len(values)):
        out[row] += (out[row - 1] - out[row]) * (1 - 2 / (period + 1))
    return out


def crossings(left: FloatArray, right: FloatArray | float) -> tuple[IntArray, IntArray]:
    """On which rows `left` comes above, and below, `right`."""
    gap = left - right
    up = np.flatnonzero((gap[1:] > 0) & (gap[:-1] <= 0)) + 1
    down = np.flatnonzero((gap[1:] < 0) & (gap[:-1] >= 0)) + 1
    return up, down
