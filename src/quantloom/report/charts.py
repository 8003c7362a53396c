"""What the charts draw: columns small enough for a page, thinned without hiding an extreme.

The horizontal axis of prices, equity and exposure is the number of the step, so nights, weekends
and holidays take no room, and candles, equity and marks agree however each was thinned.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult
from quantloom.backtest.analysis import notionals
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars
from quantloom.performance import value_at_risk
from quantloom.report.formats import LocalClock, decimals_of

MAX_CANDLES = 2_000
ALL_CANDLES = 20_000
"""For all instruments together; each has `LEAST_CANDLES` however many there are."""

LEAST_CANDLES = 200
MAX_POINTS = 4_000
MAX_DOTS = 2_000
MAX_MARKS = 100_000
"""For all instruments together, the last ones; every fill of a run that has no more."""

MAX_BINS = 60
MARKS = ("long_entry", "long_exit", "short_entry", "short_exit", "to_long", "to_short")
_MONEY_DECIMALS = 2
_PERCENT_DECIMALS = 3
_FEWEST_FOR_NORMAL = 20
_SIDES = (1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1)


def instruments(result: BacktestResult, clock: LocalClock) -> list[dict[str, Any]]:
    """Candles and marks of each instrument, in the order of the spec."""
    most = min(MAX_CANDLES, max(ALL_CANDLES // len(result.data), LEAST_CANDLES))
    found = marks(result, clock)
    return [
        {
            "symbol": instrument.symbol,
            "decimals": decimals_of(instrument.tick_size),
            "candles": candles(result, result.data[instrument.symbol], clock, most=most),
            "marks": found[instrument.symbol],
        }
        for instrument in result.spec.instruments
    ]


def candles(
    result: BacktestResult, bars: Bars, clock: LocalClock, *, most: int = MAX_CANDLES
) -> dict[str, Any]:
    """Candles of at most `most`: runs of equally many bars, aggregated.

    Returns:
        `per`, the bars in one candle; `x`, the middle step of each; `start` and `end`, the open
        times of its first and last bar; its four prices.
    """
    per = -(-len(bars) // most)
    starts = np.arange(0, len(bars), per)
    ends = np.append(starts[1:], len(bars)) - 1
    steps = _steps(result, bars)
    return {
        "per": per,
        "x": ((steps[starts] + steps[ends]) / 2).tolist(),
        "start": clock.seconds(bars.ts[starts]).tolist(),
        # Where a candle is one bar, its end says nothing new and costs the page its length.
        "end": clock.seconds(bars.ts[ends]).tolist() if per > 1 else [],
        "open": bars.open[starts].tolist(),
        "high": np.maximum.reduceat(bars.high, starts).tolist(),
        "low": np.minimum.reduceat(bars.low, starts).tolist(),
        "close": bars.close[ends].tolist(),
    }


def marks(result: BacktestResult, clock: LocalClock) -> dict[str, dict[str, Any]]:
    """Every fill, of a run with more than `MAX_MARKS` the last ones, by symbol: where and what.

    Returns:
        For each symbol the columns x and time (both as `steps_between`), price, quantity, kind
        (a place in `MARKS`), pnl (of the round trips which a closing fill ended) and tag.
    """
    fills = result.fills
    rows_of: dict[str, list[int]] = {symbol: [] for symbol in result.spec.symbols}
    first = max(len(fills) - MAX_MARKS, 0)
    for row, symbol in enumerate(fills["symbol"][first:].tolist(), start=first):
        rows_of[symbol].append(row)
    did = list(_classified(result))
    times = clock.seconds(fills["ts_ns"].astype(np.int64))
    prices, quantities = fills.floats("price"), fills.floats("quantity")
    found = {}
    for symbol, rows in rows_of.items():
        bars, chosen = result.data[symbol], np.array(rows, dtype=np.int64)
        at = np.searchsorted(bars.ts, fills["ts_ns"][chosen].astype(np.int64), side="right") - 1
        found[symbol] = {
            "x": steps_between(_steps(result, bars)[np.maximum(at, 0)]),
            "time": steps_between(times[chosen]),
            "price": prices[chosen].tolist(),
            "quantity": quantities[chosen].tolist(),
            "kind": [did[row][0] for row in rows],
            "pnl": [did[row][1] for row in rows],
            "tag": fills["tag"][chosen].tolist(),
        }
    return found


def equity_points(result: BacktestResult, clock: LocalClock) -> dict[str, Any]:
    """Equity, drawdown in percent below zero and, of a lone instrument, its price rebased."""
    initial = float(result.spec.cash)
    equity = result.equity.floats("equity")
    peaks = np.maximum(np.maximum.accumulate(equity), initial)
    drawdown = (equity - peaks) / peaks * 100.0
    beside = {}
    if len(result.data) == 1:
        close = result.bars.close
        beside["rebased"] = close / close[0] * initial
    rows = kept_rows((equity, drawdown, *beside.values()))
    return {
        "total": len(equity),
        "x": rows.tolist(),
        "time": clock.seconds(result.equity["ts_ns"][rows]).tolist(),
        "equity": _rounded(equity[rows]),
        "drawdown": np.round(drawdown[rows], _PERCENT_DECIMALS).tolist(),
        **{name: _rounded(values[rows]) for name, values in beside.items()},
    }


def benchmark_points(result: BacktestResult) -> dict[str, Any] | None:
    """The initial capital, had it followed the benchmark: a point at the last step of each day."""
    if result.benchmark is None:
        return None
    ends = np.flatnonzero(np.append(result.days[1:] != result.days[:-1], True))
    growth = np.cumprod(1.0 + np.nan_to_num(result.benchmark.returns))
    value: FloatArray = np.asarray(growth * float(result.spec.cash), dtype=np.float64)
    rows = kept_rows((value,))
    return {
        "symbol": result.benchmark.symbol,
        "x": ends[rows].tolist(),
        "value": _rounded(value[rows]),
    }


def exposure_points(result: BacktestResult) -> dict[str, Any]:
    """What was held for each 100 of equity: net, and long and short added up."""
    equity = result.equity["equity"]
    with np.errstate(all="ignore"):
        share = 100.0 / np.where(equity > 0, equity, np.nan)
    net = np.nan_to_num(result.equity["exposure"] * share)
    gross = np.nan_to_num(result.equity["gross_exposure"] * share)
    rows = kept_rows((net, gross))
    return {
        "x": rows.tolist(),
        "net": np.round(net[rows], _PERCENT_DECIMALS).tolist(),
        "gross": np.round(gross[rows], _PERCENT_DECIMALS).tolist(),
    }


def rolling_points(result: BacktestResult) -> dict[str, Any] | None:
    """Sharpe ratio and volatility over the last quarter of a year.

    None for a shorter run, and for one whose equity never moved so long.
    """
    rolling = result.rolling()
    known = np.flatnonzero(np.isfinite(rolling["volatility"]))
    if not np.isfinite(rolling["sharpe"]).any():
        return None
    sharpe = np.nan_to_num(rolling["sharpe"][known])
    rows = known[kept_rows((sharpe, rolling["volatility"][known]))]
    return {
        "day": rolling["day"][rows].astype(str).tolist(),
        "sharpe": _known(np.round(rolling["sharpe"][rows], 3)),
        "volatility": np.round(rolling["volatility"][rows] * 100, _PERCENT_DECIMALS).tolist(),
    }


def daily_returns(result: BacktestResult) -> dict[str, Any] | None:
    """Daily returns in percent, counted in steps, beside what a normal distribution would count.

    None where there are fewer than two, or none that differs from the others.
    """
    returns = result.daily["return"] * 100.0
    if len(returns) < 2 or np.isnan(returns).any() or not np.ptp(returns) > 0:
        return None
    counted = distribution(returns)
    mean, deviation = float(returns.mean()), float(np.std(returns, ddof=1))
    if len(returns) >= _FEWEST_FOR_NORMAL:
        middle = np.array(counted["left"]) + counted["step"] / 2
        density = np.exp(-(((middle - mean) / deviation) ** 2) / 2) / deviation / np.sqrt(2 * np.pi)
        counted["normal"] = _rounded(density * len(returns) * counted["step"])
    return {**counted, "mean": mean, "value_at_risk": value_at_risk(returns)}


def excursion_dots(result: BacktestResult) -> dict[str, Any] | None:
    """How far each round trip went against and with the position, and what it returned: percent.

    Dots that would lie on each other are drawn once; those furthest out are always there.
    """
    excursions = result.excursions
    known = np.flatnonzero(np.isfinite(excursions.adverse_ratio))
    if not len(known):
        return None
    columns = tuple(
        values[known] * 100.0
        for values in (
            -excursions.adverse_ratio,
            excursions.favourable_ratio,
            trip_returns(result),
        )
    )
    rows = spread_rows(columns)
    adverse, favourable, returned = (np.round(one[rows], _PERCENT_DECIMALS) for one in columns)
    return {
        "total": len(known),
        "adverse": adverse.tolist(),
        "favourable": favourable.tolist(),
        "return": returned.tolist(),
        "won": (result.round_trips.floats("pnl")[known][rows] > 0).astype(int).tolist(),
    }


def trip_returns(result: BacktestResult) -> FloatArray:
    """What each round trip earned over its value at entry, after commission."""
    trips = result.round_trips
    value = notionals(trips, result.spec.instruments, price="entry_price", rate="entry_rate")
    return np.asarray(trips.floats("pnl") / value)


def distribution(values: FloatArray) -> dict[str, Any]:
    """Count results in at most `MAX_BINS` steps of a round width; zero is always an edge."""
    if not len(values):
        return {"left": [], "step": 0.0, "count": []}
    step = _round_width(values)
    first = int(np.floor(values.min() / step))
    last = int(np.floor(values.max() / step))
    place = np.floor(values / step).astype(np.int64) - first
    counts = np.bincount(place, minlength=last - first + 1)
    left = [round(number * step, 10) for number in range(first, last + 1)]
    return {"left": left, "step": step, "count": counts.tolist()}


def kept_rows(columns: Sequence[FloatArray], most: int = MAX_POINTS) -> IntArray:
    """Thin rows to about `most`: both ends, and of each stretch every column's extremes."""
    total = len(columns[0])
    if total <= most:
        return np.arange(total)
    stretch = -(-total // (most // (2 * len(columns))))
    starts = np.arange(0, total, stretch)
    whole = total // stretch
    kept = [np.array([0, total - 1])]
    for values in columns:
        for find in (np.argmin, np.argmax):
            square = values[: whole * stretch].reshape(whole, stretch)
            kept.append(starts[:whole] + find(square, axis=1))
            if whole < len(starts):
                kept.append(starts[whole:] + find(values[whole * stretch :]))
    return np.unique(np.concatenate(kept))


def spread_rows(columns: Sequence[FloatArray], most: int = MAX_DOTS) -> IntArray:
    """Thin dots to about `most`: one for each cell of a grid, and every column's extremes.

    The grid is the finest one, by halves, that leaves no more than `most`.
    """
    total = len(columns[0])
    if total <= most:
        return np.arange(total)
    ends = [find(values) for values in columns for find in (np.argmin, np.argmax)]
    grids = (np.unique(_cells(columns, side), return_index=True)[1] for side in _SIDES)
    first = next(found for found in grids if len(found) <= most)
    return np.unique(np.concatenate((first, ends)))


def _cells(columns: Sequence[FloatArray], side: int) -> IntArray:
    """Number the cells of a grid of `side` cells each way that the dots lie in."""
    cells = np.zeros(len(columns[0]), dtype=np.int64)
    for values in columns:
        low, high = float(values.min()), float(values.max())
        place = (values - low) / ((high - low) or 1.0) * side
        cells = cells * side + np.minimum(place.astype(np.int64), side - 1)
    return cells


def steps_between(values: IntArray) -> list[int]:
    """The first value, then how far each is from the one before: half the bytes once packed."""
    between: list[int] = np.diff(values, prepend=0).tolist()
    return between


def _steps(result: BacktestResult, bars: Bars) -> IntArray:
    """The number of the step at which each bar stands."""
    ts = result.equity["ts_ns"]
    if len(result.data) == 1:
        return np.arange(len(bars))
    return np.minimum(np.searchsorted(ts, bars.ts), len(ts) - 1)


def _classified(result: BacktestResult) -> Iterator[tuple[int, float | None]]:
    """What each fill did and, where it closed something, what that earned."""
    # The round trips of a symbol stand in the order of the fills that ended them.
    trips: dict[str, list[tuple[Any, Any]]] = {symbol: [] for symbol in result.spec.symbols}
    table = result.round_trips
    for symbol, quantity, pnl in zip(
        table["symbol"].tolist(), table["quantity"].tolist(), table["pnl"].tolist(), strict=True
    ):
        trips[symbol].append((quantity, pnl))
    ended = {symbol: iter(listed) for symbol, listed in trips.items()}
    positions = dict.fromkeys(trips, 0)
    fills = result.fills
    for symbol, side, quantity in zip(
        fills["symbol"].tolist(), fills["side"].tolist(), fills["quantity"].tolist(), strict=True
    ):
        before, signed = positions[symbol], quantity if side == "buy" else -quantity
        left = min(quantity, abs(before)) if before * signed < 0 else 0
        positions[symbol] = before + signed
        yield MARKS.index(_what(side, closes=left, of=quantity)), _earned(ended[symbol], left)


def _what(side: str, *, closes: Any, of: Any) -> str:
    is_buy = side == "buy"
    if not closes:
        return "long_entry" if is_buy else "short_entry"
    if closes < of:
        return "to_long" if is_buy else "to_short"
    return "short_exit" if is_buy else "long_exit"


def _earned(trips: Iterator[tuple[Any, Any]], left: Any) -> float | None:
    if not left:
        return None
    pnl = 0
    while left > 0 and (trip := next(trips, None)) is not None:
        left -= trip[0]
        pnl += trip[1]
    return round(float(pnl), _MONEY_DECIMALS)


def _round_width(values: FloatArray) -> float:
    """A step of 1, 2 or 5 times a power of ten, by the rule of Freedman and Diaconis."""
    spread = float(values.max() - values.min())
    low, high = np.percentile(values, [25, 75])
    wanted = max(2.0 * float(high - low) / len(values) ** (1 / 3), spread / (MAX_BINS - 2))
    if not wanted > 0:
        wanted = abs(float(values[0])) or 1.0
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(power * times for times in (1, 2, 5, 10) if power * times >= wanted))


def _rounded(values: FloatArray) -> list[float]:
    rounded: list[float] = np.round(values, _MONEY_DECIMALS).tolist()
    return rounded


def _known(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(one) else one for one in values.tolist()]
