"""What the charts draw: columns small enough for a page, thinned without hiding an extreme.

The horizontal axis of both charts is the number of the bar, so nights, weekends and holidays take
no room, and candles, equity and marks agree however each was thinned.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult
from quantloom.kit import FloatArray, IntArray
from quantloom.report.formats import LocalClock

MAX_CANDLES = 2_000
MAX_POINTS = 4_000
MAX_MARKS = 3_000
MAX_BINS = 60
_MONEY_DECIMALS = 2
# Lowest and highest equity and deepest drawdown of each stretch.
_KEPT_PER_STRETCH = 3


def candles(result: BacktestResult, clock: LocalClock) -> dict[str, Any]:
    """Candles of at most `MAX_CANDLES`: runs of equally many bars, aggregated.

    Returns:
        `per`, the bars in one candle; `x`, the middle bar of each; `start` and `end`, the open
        times of its first and last bar; its four prices.
    """
    bars = result.bars
    per = -(-len(bars) // MAX_CANDLES)
    starts = np.arange(0, len(bars), per)
    ends = np.append(starts[1:], len(bars)) - 1
    return {
        "per": per,
        "x": ((starts + ends) / 2).tolist(),
        "start": _shown(bars.ts[starts], clock),
        # Where a candle is one bar, its end says nothing new and costs the page its length.
        "end": _shown(bars.ts[ends], clock) if per > 1 else [],
        "open": bars.open[starts].tolist(),
        "high": np.maximum.reduceat(bars.high, starts).tolist(),
        "low": np.minimum.reduceat(bars.low, starts).tolist(),
        "close": bars.close[ends].tolist(),
    }


def equity_points(result: BacktestResult, clock: LocalClock) -> dict[str, Any]:
    """Equity, drawdown in percent below zero and the price rebased to the initial capital."""
    initial = float(result.spec.cash)
    equity = result.equity.floats("equity")
    peaks = np.maximum(np.maximum.accumulate(equity), initial)
    drawdown = (equity - peaks) / peaks * 100.0
    rows = _kept_rows(equity, drawdown)
    close = result.bars.close
    return {
        "total": len(equity),
        "x": rows.tolist(),
        "time": _shown(result.bars.ts[rows], clock),
        "equity": _rounded(equity[rows]),
        "drawdown": np.round(drawdown[rows], 3).tolist(),
        "rebased": _rounded(close[rows] / close[0] * initial),
    }


def marks(result: BacktestResult, clock: LocalClock) -> dict[str, Any]:
    """The last `MAX_MARKS` fills by what they did: open or close, long or short.

    Returns:
        `total`, the number of fills, and for each kind that occurs its columns. `pnl` is that of
        the round trips which a closing fill ended.
    """
    groups: dict[str, dict[str, list[Any]]] = {}
    total = len(result.fills)
    for row, (fill, kind, pnl) in enumerate(_classified(result)):
        if row < total - MAX_MARKS:
            continue
        at = int(np.searchsorted(result.bars.ts, fill["ts_ns"], side="right")) - 1
        group = groups.setdefault(kind, {})
        for name, value in (
            ("x", at),
            ("time", clock.show(fill["ts_ns"])),
            ("price", float(fill["price"])),
            ("quantity", float(fill["quantity"])),
            ("pnl", None if pnl is None else round(float(pnl), _MONEY_DECIMALS)),
            ("tag", fill["tag"]),
        ):
            group.setdefault(name, []).append(value)
    return {"total": total, "groups": dict(sorted(groups.items()))}


def distribution(pnl: FloatArray) -> dict[str, Any]:
    """Count results in at most `MAX_BINS` steps of a round width; zero is always an edge."""
    if not len(pnl):
        return {"left": [], "step": 0.0, "count": []}
    step = _round_width(pnl)
    first = int(np.floor(pnl.min() / step))
    last = int(np.floor(pnl.max() / step))
    counts = np.bincount(np.floor(pnl / step).astype(np.int64) - first, minlength=last - first + 1)
    left = [round(number * step, 10) for number in range(first, last + 1)]
    return {"left": left, "step": step, "count": counts.tolist()}


def _kept_rows(equity: FloatArray, drawdown: FloatArray) -> IntArray:
    total = len(equity)
    if total <= MAX_POINTS:
        return np.arange(total)
    stretch = -(-total // (MAX_POINTS // _KEPT_PER_STRETCH))
    starts = np.arange(0, total, stretch)
    kept = [np.array([0, total - 1])]
    whole = total // stretch
    for values, find in ((equity, np.argmin), (equity, np.argmax), (drawdown, np.argmin)):
        square = values[: whole * stretch].reshape(whole, stretch)
        kept.append(starts[:whole] + find(square, axis=1))
        if whole < len(starts):
            kept.append(starts[whole:] + find(values[whole * stretch :]))
    return np.unique(np.concatenate(kept))


def _classified(result: BacktestResult) -> Iterator[tuple[dict[str, Any], str, Any]]:
    """Each fill with what it did and, where it closed something, what that earned."""
    # Round trips stand in the order of the fills that ended them.
    trips = result.round_trips.rows()
    position = 0
    for fill in result.fills.rows():
        is_buy = fill["side"] == "buy"
        signed = fill["quantity"] if is_buy else -fill["quantity"]
        left = min(fill["quantity"], abs(position)) if position * signed < 0 else 0
        reverses = left and left < fill["quantity"]
        position += signed
        if not left:
            yield fill, "long_entry" if is_buy else "short_entry", None
            continue
        pnl = 0
        while left > 0 and (trip := next(trips, None)) is not None:
            left -= trip["quantity"]
            pnl += trip["pnl"]
        if reverses:
            yield fill, "to_long" if is_buy else "to_short", pnl
        else:
            yield fill, "short_exit" if is_buy else "long_exit", pnl


def _round_width(pnl: FloatArray) -> float:
    """A step of 1, 2 or 5 times a power of ten, by the rule of Freedman and Diaconis."""
    spread = float(pnl.max() - pnl.min())
    low, high = np.percentile(pnl, [25, 75])
    wanted = max(2.0 * float(high - low) / len(pnl) ** (1 / 3), spread / (MAX_BINS - 2))
    if not wanted > 0:
        wanted = abs(float(pnl[0])) or 1.0
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(next(power * times for times in (1, 2, 5, 10) if power * times >= wanted))


def _rounded(values: FloatArray) -> list[float]:
    rounded: list[float] = np.round(values, _MONEY_DECIMALS).tolist()
    return rounded


def _shown(ts: IntArray, clock: LocalClock) -> list[str]:
    return [clock.show(moment) for moment in ts.tolist()]
