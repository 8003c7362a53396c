"""What round trips tell: each an entry with its exit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.performance.catalog import settle
from quantloom.performance.reasons import ReasonKey
from quantloom.performance.series import WrongShape, column, quotient, runs, varies

_NS_PER_DAY = 86_400_000_000_000


class RoundTripColumns(Protocol):
    """Round trips as columns of equal length, one row for each.

    Attributes:
        pnl: (n,) float64 money, after the costs of the trip.
        entry_ns, exit_ns: (n,) int64 UTC nanoseconds of the fill in and the fill out.
    """

    @property
    def pnl(self) -> FloatArray: ...

    @property
    def entry_ns(self) -> IntArray: ...

    @property
    def exit_ns(self) -> IntArray: ...


class DetailedTrips(RoundTripColumns, Protocol):
    """Round trips with what was traded and how.

    Attributes:
        symbol: (n,) text.
        side: (n,) text: `buy` for a long trip, `sell` for a short one.
        quantity: (n,) float64 above zero.
        multiplier: (n,) float64 money that one unit gains when its price gains 1.
        is_inverse: (n,) whether money goes by multiplier / price instead, as of swaps that are
            settled in coin.
        entry_price, exit_price: (n,) float64 prices of the fills.
        exit_reason: (n,) text: what closed the trip, such as `stop`, `limit` or `market`.
        tag: (n,) text that the strategy gave the trip.
    """

    @property
    def symbol(self) -> NDArray[Any]: ...

    @property
    def side(self) -> NDArray[Any]: ...

    @property
    def quantity(self) -> FloatArray: ...

    @property
    def multiplier(self) -> FloatArray: ...

    @property
    def is_inverse(self) -> BoolArray: ...

    @property
    def entry_price(self) -> FloatArray: ...

    @property
    def exit_price(self) -> FloatArray: ...

    @property
    def exit_reason(self) -> NDArray[Any]: ...

    @property
    def tag(self) -> NDArray[Any]: ...


class TripExcursions(Protocol):
    """How far price went from the entry while each trip was held; see `measure_excursions`.

    Attributes:
        adverse_ratio, favourable_ratio: (n,) float64 over the value at entry, NaN where unknown.
    """

    @property
    def adverse_ratio(self) -> FloatArray: ...

    @property
    def favourable_ratio(self) -> FloatArray: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TripStatistics:
    """Statistics of round trips; a trip of exactly zero is neither a win nor a loss.

    A figure that cannot be computed is None, and `reasons` says why; `METRICS` has the meaning of
    each field that a `Summary` has too.

    Attributes:
        count, wins, losses: all trips, those above zero, those below.
        pnl: sum over all trips, in money.
        win_rate: wins / count, 0 to 1.
        profit_factor: sum of wins / |sum of losses|.
        payoff_ratio: average_win / |average_loss|.
        average_win, largest_win: money above zero.
        average_loss, largest_loss: money below zero.
        expectancy: mean pnl of a trip, in money.
        system_quality: sqrt(count) * mean(pnl) / std(pnl, ddof=1).
        kelly_ratio: p - (1 - p) / payoff_ratio, with p = wins / (wins + losses).
        average_holding_days, longest_holding_days: from entry to exit, in days of 24 hours.
        longest_win_streak, longest_loss_streak: trips in a row, by time of exit. A zero ends both.
        average_adverse_ratio, average_favourable_ratio: mean excursion over the value at entry,
            the first at or below zero.
        edge_ratio: average_favourable_ratio / |average_adverse_ratio|.
        reasons: for each field that is None, the key of its reason in `REASONS`.
    """

    count: int
    wins: int
    losses: int
    pnl: float
    win_rate: float | None
    profit_factor: float | None
    payoff_ratio: float | None
    average_win: float | None
    average_loss: float | None
    expectancy: float | None
    system_quality: float | None
    kelly_ratio: float | None
    largest_win: float | None
    largest_loss: float | None
    average_holding_days: float | None
    longest_holding_days: float | None
    longest_win_streak: int
    longest_loss_streak: int
    average_adverse_ratio: float | None
    average_favourable_ratio: float | None
    edge_ratio: float | None
    reasons: Mapping[str, ReasonKey]


def trip_statistics(
    trips: RoundTripColumns, excursions: TripExcursions | None = None
) -> TripStatistics:
    """Count wins and losses and measure their size, length and order.

    Args:
        trips: round trips in any order; trips that exit at one instant keep theirs.
        excursions: one row for each trip, where its bars are at hand.
    Raises:
        NotFinite: a pnl that is NaN or infinite.
        WrongShape: columns that differ in length.
    Source:
        quantstats profit_factor, payoff_ratio, avg_win, avg_loss and kelly_criterion; same values
        when fed pnl where there are wins and losses. Its win_rate leaves zeros out, this one does
        not. Tharp, Trade Your Way to Financial Freedom, for the quality number, here of money.
    """
    pnl = column(trips.pnl, "pnl")
    entries, exits = _times(trips, len(pnl))
    wins, losses = pnl[pnl > 0], pnl[pnl < 0]
    held = (exits - entries) / _NS_PER_DAY
    adverse, favourable = _mean_excursions(excursions, len(pnl))
    values, reasons = settle(
        {
            "win_rate": quotient(len(wins), len(pnl)),
            "profit_factor": quotient(float(wins.sum()), -float(losses.sum())),
            "payoff_ratio": quotient(_mean(wins), -_mean(losses)),
            "average_win": _mean(wins),
            "average_loss": _mean(losses),
            "expectancy": _mean(pnl),
            "system_quality": _system_quality(pnl),
            "kelly_ratio": _kelly_ratio(wins, losses),
            "largest_win": _largest(wins),
            "largest_loss": -_largest(-losses),
            "average_holding_days": _mean(held),
            "longest_holding_days": _largest(held),
            "average_adverse_ratio": adverse,
            "average_favourable_ratio": favourable,
            "edge_ratio": quotient(favourable, -adverse),
        },
        {
            "no_trips": not len(pnl),
            "one_trip": len(pnl) == 1,
            "equal_trips": not _vary(pnl),
            "no_wins": not len(wins),
            "no_losses": not len(losses),
            "no_excursions": bool(np.isnan(adverse)),
            "nothing_adverse": adverse == 0,
        },
    )
    in_order = pnl[np.argsort(exits, kind="stable")]
    return TripStatistics(
        count=len(pnl),
        wins=len(wins),
        losses=len(losses),
        pnl=float(pnl.sum()),
        longest_win_streak=_longest_run(in_order > 0),
        longest_loss_streak=_longest_run(in_order < 0),
        reasons=reasons,
        **values,
    )


def _times(trips: RoundTripColumns, length: int) -> tuple[IntArray, IntArray]:
    for name, times in (("entry_ns", trips.entry_ns), ("exit_ns", trips.exit_ns)):
        if times.shape != (length,):
            raise WrongShape(name, times.shape, f"{length} rows, as many as pnl has")
    return trips.entry_ns, trips.exit_ns


def _mean_excursions(excursions: TripExcursions | None, length: int) -> tuple[float, float]:
    if excursions is None:
        return np.nan, np.nan
    for name in ("adverse_ratio", "favourable_ratio"):
        shape = getattr(excursions, name).shape
        if shape != (length,):
            raise WrongShape(name, shape, f"{length} rows, as many as pnl has")
    return _mean(excursions.adverse_ratio), _mean(excursions.favourable_ratio)


def _system_quality(pnl: FloatArray) -> float:
    if not _vary(pnl):
        return np.nan
    return quotient(float(pnl.mean() * np.sqrt(len(pnl))), float(np.std(pnl, ddof=1)))


def _vary(pnl: FloatArray) -> bool:
    # Relative to the size of the results: they are money, of any unit.
    size = float(np.abs(pnl).max(initial=0.0))
    return size > 0 and varies(pnl / size)


def _kelly_ratio(wins: FloatArray, losses: FloatArray) -> float:
    """Leave zeros out: they neither raise nor lower the stake that grows fastest."""
    win_rate = quotient(len(wins), len(wins) + len(losses))
    return win_rate - quotient((1.0 - win_rate) * -_mean(losses), _mean(wins))


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else np.nan


def _largest(values: FloatArray) -> float:
    return float(values.max()) if len(values) else np.nan


def _longest_run(mask: BoolArray) -> int:
    starts, stops = runs(mask)
    return int((stops - starts).max(initial=0))
