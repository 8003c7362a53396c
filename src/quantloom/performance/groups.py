"""The round trips of a run, taken apart: by side, by what closed them, by month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.performance.excursions import Excursions
from quantloom.performance.series import WrongShape
from quantloom.performance.trips import (
    DetailedTrips,
    RoundTripColumns,
    TripStatistics,
    trip_statistics,
)

Grouping = Literal["side", "exit_reason", "symbol", "tag", "year", "month"]


@dataclass(frozen=True, slots=True)
class TripGroup:
    """The round trips that share a key: `buy`, `stop`, `2024`, `2024-05`."""

    key: str
    statistics: TripStatistics


def group_trips(
    trips: DetailedTrips, by: Grouping, excursions: Excursions | None = None
) -> tuple[TripGroup, ...]:
    """Measure round trips apart from each other.

    Args:
        trips: round trips in any order.
        by: side, exit_reason, symbol and tag are columns of the trips; year and month are those
            of the exit in UTC. Where a night session belongs to the next day, group by
            `group_by_keys` with the exits' trading days.
        excursions: one row for each trip, where its bars are at hand.
    Returns:
        The groups in the order of their keys; every trip is in exactly one.
    Raises:
        NotFinite, WrongShape: as `trip_statistics`.
    """
    return group_by_keys(trips, _KEYS[by](trips), excursions)


def group_by_keys(
    trips: RoundTripColumns, keys: ArrayLike, excursions: Excursions | None = None
) -> tuple[TripGroup, ...]:
    """Measure round trips apart by keys of the caller's own.

    Args:
        trips: round trips in any order.
        keys: (n,) text, numbers or datetime64, one for each trip.
        excursions: one row for each trip, where its bars are at hand.
    Returns:
        As `group_trips`.
    Raises:
        NotFinite, WrongShape: as `trip_statistics`, or keys that differ in length.
    """
    texts = np.asarray(keys).astype(str)
    if texts.shape != trips.pnl.shape:
        raise WrongShape("keys", texts.shape, f"{len(trips.pnl)} rows, one for each round trip")
    found, row_of = np.unique(texts, return_inverse=True)
    return tuple(
        TripGroup(str(key), _statistics(trips, row_of == row, excursions))
        for row, key in enumerate(found)
    )


@dataclass(frozen=True, slots=True)
class _Some:
    pnl: FloatArray
    entry_ns: IntArray
    exit_ns: IntArray


def _statistics(
    trips: RoundTripColumns, rows: BoolArray, excursions: Excursions | None
) -> TripStatistics:
    some = _Some(trips.pnl[rows], trips.entry_ns[rows], trips.exit_ns[rows])
    return trip_statistics(some, None if excursions is None else excursions.of(rows))


_KEYS: Mapping[Grouping, Callable[[DetailedTrips], NDArray[Any]]] = {
    "side": lambda trips: trips.side,
    "exit_reason": lambda trips: trips.exit_reason,
    "symbol": lambda trips: trips.symbol,
    "tag": lambda trips: trips.tag,
    "year": lambda trips: trips.exit_ns.view("datetime64[ns]").astype("datetime64[Y]"),
    "month": lambda trips: trips.exit_ns.view("datetime64[ns]").astype("datetime64[M]"),
}
