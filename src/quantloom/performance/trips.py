"""What round trips tell: each an entry with its exit."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.performance.series import WrongShape, column, runs

_NS_PER_DAY = 86_400_000_000_000


class RoundTripColumns(Protocol):
    """Round trips as columns of equal length, one row for each.

    Attributes:
        pnl: (n,) float64 money, after the costs of the trip.
        entry_ts, exit_ts: (n,) int64 UTC nanoseconds of the fill in and the fill out.
    """

    @property
    def pnl(self) -> FloatArray: ...

    @property
    def entry_ts(self) -> IntArray: ...

    @property
    def exit_ts(self) -> IntArray: ...


@dataclass(frozen=True, slots=True)
class TripStatistics:
    """Statistics of round trips; a trip of exactly zero is neither a win nor a loss.

    Attributes:
        count: all trips, wins, losses and zeros.
        win_rate: wins / count, 0 to 1; NaN with no trips.
        profit_factor: sum of wins / |sum of losses|; infinite with wins and no loss, NaN with
            neither.
        payoff_ratio: average_win / |average_loss|; NaN without a win or without a loss.
        average_win, largest_win: money above zero; NaN without a win.
        average_loss, largest_loss: money below zero; NaN without a loss.
        expectancy: mean pnl of a trip, in money; NaN with no trips.
        average_holding_days: mean time from entry to exit in calendar days of 24 hours; NaN with
            no trips.
        longest_win_streak, longest_loss_streak: trips in a row, by time of exit. A zero ends both.
    """

    count: int
    win_rate: float
    profit_factor: float
    payoff_ratio: float
    average_win: float
    average_loss: float
    expectancy: float
    largest_win: float
    largest_loss: float
    average_holding_days: float
    longest_win_streak: int
    longest_loss_streak: int


def trip_statistics(trips: RoundTripColumns) -> TripStatistics:
    """Count wins and losses and measure their size, length and order.

    Args:
        trips: round trips in any order; trips that exit at one instant keep theirs.
    Raises:
        NotFinite: a pnl that is NaN or infinite.
        WrongShape: columns that differ in length.
    Source:
        quantstats profit_factor, payoff_ratio, avg_win and avg_loss; same values when fed pnl
        where there are wins and losses. Its win_rate leaves zeros out, this one does not.
    """
    pnl = column(trips.pnl, "pnl")
    entries, exits = _times(trips, len(pnl))
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    average_win, average_loss = _mean(wins), _mean(losses)
    in_order = pnl[np.argsort(exits, kind="stable")]
    return TripStatistics(
        count=len(pnl),
        win_rate=len(wins) / len(pnl) if len(pnl) else np.nan,
        profit_factor=_profit_factor(wins, losses),
        payoff_ratio=average_win / -average_loss,
        average_win=average_win,
        average_loss=average_loss,
        expectancy=_mean(pnl),
        largest_win=float(wins.max()) if len(wins) else np.nan,
        largest_loss=float(losses.min()) if len(losses) else np.nan,
        average_holding_days=_mean((exits - entries) / _NS_PER_DAY),
        longest_win_streak=_longest_run(in_order > 0),
        longest_loss_streak=_longest_run(in_order < 0),
    )


def _times(trips: RoundTripColumns, length: int) -> tuple[IntArray, IntArray]:
    for name, times in (("entry_ts", trips.entry_ts), ("exit_ts", trips.exit_ts)):
        if times.shape != (length,):
            raise WrongShape(name, times.shape, f"{length} rows, as many as pnl has")
    return trips.entry_ts, trips.exit_ts


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _profit_factor(wins: FloatArray, losses: FloatArray) -> float:
    if len(losses):
        return float(wins.sum()) / -float(losses.sum())
    return np.inf if len(wins) else np.nan


def _longest_run(mask: BoolArray) -> int:
    starts, stops = runs(mask)
    return int((stops - starts).max(initial=0))
