"""How far and how long equity stayed below its best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.returns import total_return
from quantloom.performance.series import equity_column, positive, quotient, runs


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One fall below a peak, until equity is back at that peak or the curve ends.

    Attributes:
        depth_ratio: deepest fall as a share of the peak, 0.25 meaning 25 % lost.
        peak, trough: rows of the equity curve.
        recovery: first row at or above the peak again; None where the curve ends before that.
        length: periods from the peak to the recovery, or to the last row.
    """

    depth_ratio: float
    peak: int
    trough: int
    recovery: int | None
    length: int


def drawdown_ratios(equity: ArrayLike) -> FloatArray:
    """Measure how far each point lies below the best one so far: 1 - e[i] / max(e[0..i]).

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        (n + 1,) ratios at or above zero: 0 at a peak, 0.25 for a quarter lost, 1 for all lost,
        above 1 where equity is below zero. Never negative and never percent.
    Raises:
        NotFinite, WrongShape, NotPositive: equity with NaN, with no point, or starting at or
            below zero.
    Source:
        empyrical drawdown_series, quantstats to_drawdown_series; same values with the sign turned.
    """
    values = equity_column(equity)
    peaks = np.maximum.accumulate(values)
    return (peaks - values) / peaks


def max_drawdown(equity: ArrayLike) -> float:
    """Measure the deepest fall below an earlier peak.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        A ratio at or above zero; 0 where equity never fell.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    Source:
        empyrical and quantstats max_drawdown; same values with the sign turned.
    """
    return float(drawdown_ratios(equity).max())


def ulcer_index(equity: ArrayLike) -> float:
    """Measure how deep and how long the falls were: sqrt(sum(drawdown^2) / n).

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        A ratio at or above zero, 0.05 for a curve that on average lies 5 % below its best, deep
        falls counting more. 0 where equity never fell, NaN with no return.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    Source:
        Martin and McCann (1989), The Investor's Guide to Fidelity Funds, as a ratio in place of
        percent. quantstats ulcer_index divides by n - 1 in place of n.
    """
    depths = drawdown_ratios(equity)[1:]
    return float(np.sqrt(np.mean(depths**2))) if len(depths) else np.nan


def pain_index(equity: ArrayLike) -> float:
    """Measure how far equity lay below its best on average: sum(drawdown) / n.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        A ratio at or above zero; 0 where equity never fell, NaN with no return.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    Source:
        Becker (2006), Zephyr Associates.
    """
    depths = drawdown_ratios(equity)[1:]
    return float(np.mean(depths)) if len(depths) else np.nan


def recovery_factor(equity: ArrayLike) -> float:
    """Measure how often the profit covers the deepest fall: total return / max_drawdown.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        A ratio with the sign of the return; NaN where equity never fell.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    Source:
        quantstats recovery_factor adds returns up, where this compounds them, and has no sign.
    """
    return quotient(total_return(equity), max_drawdown(equity))


def longest_drawdown(equity: ArrayLike) -> int:
    """Count the periods of the longest time between a peak and its recovery, or the last row.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Returns:
        Periods; 0 where equity never fell. The longest fall need not be the deepest.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    """
    ratios = drawdown_ratios(equity)
    peaks, recoveries = _episodes(ratios)
    lengths = np.minimum(recoveries, len(ratios) - 1) - peaks
    return int(lengths.max(initial=0))


def list_drawdowns(equity: ArrayLike, top: int = 5) -> tuple[Drawdown, ...]:
    """List the deepest falls, deepest first, earlier first among equals.

    Args:
        equity: (n + 1,) starting point first, oldest first.
        top: how many to list at most.
    Returns:
        Falls that do not overlap: each ends where its own peak is reached again.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`, or top below 1.
    Source:
        quantstats drawdown_details; same falls and depths. It counts calendar days from the first
        point below the peak, this counts periods from the peak.
    """
    ratios = drawdown_ratios(equity)
    peaks, recoveries = _episodes(ratios)
    if not len(peaks):
        return ()
    # The zeros between one fall and the next do not change its maximum, so no ends are needed.
    depths = np.maximum.reduceat(ratios, peaks)
    deepest = np.argsort(-depths, kind="stable")[: int(positive(top, "top"))]
    return tuple(_describe(ratios, int(peaks[row]), int(recoveries[row])) for row in deepest)


def find_max_drawdown(equity: ArrayLike) -> Drawdown | None:
    """Find the deepest fall with its peak, trough and recovery; None where equity never fell.

    Args:
        equity: (n + 1,) starting point first, oldest first.
    Raises:
        NotFinite, WrongShape, NotPositive: as `drawdown_ratios`.
    """
    return next(iter(list_drawdowns(equity, top=1)), None)


def _episodes(ratios: FloatArray) -> tuple[IntArray, IntArray]:
    """Give each fall's peak and the row after its last one, which is past the end if still open."""
    starts, stops = runs(ratios > 0)
    return starts - 1, stops


def _describe(ratios: FloatArray, peak: int, stop: int) -> Drawdown:
    trough = peak + int(ratios[peak:stop].argmax())
    is_open = stop == len(ratios)
    return Drawdown(
        depth_ratio=float(ratios[trough]),
        peak=peak,
        trough=trough,
        recovery=None if is_open else stop,
        length=(stop - 1 if is_open else stop) - peak,
    )
