"""The bars of many instruments side by side, as a strategy that gives weights looks at them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import DayArray, FloatArray, IntArray, freeze
from quantloom.strategy.variation import yearly_volatility
from quantloom.strategy.weights import BadWeights, Weights

# Weeks of datetime64 begin on Thursdays, like the first day of 1970.
_MONDAY = np.timedelta64(3, "D")
_QUARTER = 3
_OF_STEPS = ("opens_ns", "closes_ns", "days", "open", "high", "low", "close", "volume", "last")

Decided = ArrayLike | Mapping[str, float] | None
"""The weights of one moment: one for each symbol, those named, or none at all."""


class BadSchedule(Invalid):
    """A schedule of no whole number of steps."""

    code = "strategy.bad_schedule"

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.steps = steps

    def __str__(self) -> str:
        return f"every({self.steps}) names no step; it takes a whole number of steps, 1 or more"


# Not slotted: what is worked out late is kept in the instance, where `replace` leaves it behind.
@dataclass(frozen=True, eq=False, repr=False)
class Panel:
    """The bars of many instruments, a row for each step at which bars close together.

    An instrument has no bar where it is not listed yet, not listed any more or suspended.

    Attributes:
        symbols: of the columns, in the order of the run.
        opens_ns, closes_ns: (n,) when a step's bars open and are over, UTC nanoseconds.
        days: (n,) datetime64[D], trading day of each step.
        open, high, low, close, volume: (n, m), NaN where an instrument has no bar.
        last: (n, m) the close of the last bar up to each step; NaN before the first.
        bars_per_year: (m,) by each instrument's calendar, to tell what varies by the year.
        first: row at which the run begins; weights of rows before it are passed over.
    """

    symbols: tuple[str, ...]
    opens_ns: IntArray
    closes_ns: IntArray
    days: DayArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    last: FloatArray
    bars_per_year: FloatArray
    first: int = 0

    def __post_init__(self) -> None:
        for name in _OF_STEPS:
            object.__setattr__(self, name, freeze(getattr(self, name)))

    def __len__(self) -> int:
        """How many steps."""
        return len(self.days)

    def __repr__(self) -> str:
        return f"<Panel of {len(self)} steps x {len(self.symbols)} instruments>"

    def until(self, row: int) -> "Panel":
        """What is known at the close of a row: the rows up to it and no others."""
        return replace(self, **{name: getattr(self, name)[: row + 1] for name in _OF_STEPS})

    @cached_property
    def returns(self) -> FloatArray:
        """(n, m) return of each bar over the close before it; NaN where there is no bar."""
        found = np.full_like(self.close, np.nan)
        with np.errstate(invalid="ignore"):
            np.divide(self.close[1:], self.last[:-1], out=found[1:])
        found[1:] -= 1.0
        return freeze(found)

    def closes_of(self, column: int, bars: int) -> FloatArray:
        """The last closes of an instrument, oldest first: fewer where it has not had as many."""
        close = self.close[:, column]
        return close[np.flatnonzero(~np.isnan(close))[-bars:]]

    def volatility(self, window: int) -> FloatArray:
        """How much each instrument varies in a year, from its last `window` closes up to here.

        Returns:
            (m,) deviation of log returns; NaN where there are fewer closes.
        """
        return np.array(
            [
                yearly_volatility(self.closes_of(column, window), window, per_year)
                for column, per_year in enumerate(self.bars_per_year.tolist())
            ]
        )

    # When a portfolio is looked at

    def every(self, steps: int, *, start: int = 0) -> IntArray:
        """Every so many steps, from a row on.

        Raises:
            BadSchedule: steps is below 1.
        """
        if steps < 1:
            raise BadSchedule(steps)
        return np.arange(start, len(self), steps, dtype=np.int64)

    def daily(self, at: Literal["first", "last"] = "last") -> IntArray:
        """One step of each trading day: the last, or the first."""
        return self._of_each(self.days, at)

    def weekly(self, at: Literal["first", "last"] = "first") -> IntArray:
        """The first or last step of each week."""
        return self._of_each((self.days + _MONDAY).astype("datetime64[W]"), at)

    def monthly(self, at: Literal["first", "last"] = "first") -> IntArray:
        """The first or last step of each month."""
        return self._of_each(self.days.astype("datetime64[M]"), at)

    def quarterly(self, at: Literal["first", "last"] = "first") -> IntArray:
        """The first or last step of each quarter."""
        months = self.days.astype("datetime64[M]").astype(np.int64)
        return self._of_each(months // _QUARTER, at)

    def yearly(self, at: Literal["first", "last"] = "first") -> IntArray:
        """The first or last step of each year."""
        return self._of_each(self.days.astype("datetime64[Y]"), at)

    def _of_each(self, periods: DayArray | IntArray, at: Literal["first", "last"]) -> IntArray:
        # A last step is known by the next one: what is decided on the panel's own last step, of
        # which that is not known, is too late to be traded.
        turns = np.flatnonzero(periods[1:] != periods[:-1]).astype(np.int64)
        return np.append(turns, len(self) - 1) if at == "last" else np.append([0], turns + 1)

    # What is decided then

    def decide(
        self,
        rows: IntArray,
        decide: "Callable[[Panel], Decided]",
        *,
        of: Literal["equity", "money"] = "equity",
    ) -> Weights:
        """Ask for the weights of each row, showing the panel up to that row alone.

        Args:
            rows: rising, as the schedules give them.
            decide: is shown the past, and gives a weight for each symbol, or for those it names
                (the others are left as they are); None to let the moment pass.
        Raises:
            BadWeights: what it gives does not fit the panel.
        """
        decided = [(row, decide(self.until(row))) for row in rows.tolist()]
        kept = [(row, self._read(found)) for row, found in decided if found is not None]
        values = np.array([found for _, found in kept], dtype=np.float64)
        return Weights(
            np.array([row for row, _ in kept], dtype=np.int64),
            values.reshape(len(kept), len(self.symbols)),
            of,
        )

    def _read(self, found: ArrayLike | Mapping[str, float]) -> FloatArray:
        if not isinstance(found, Mapping):
            row = np.asarray(found, dtype=np.float64)
            if row.shape != (len(self.symbols),):
                wanted = f"one for each of {len(self.symbols)} symbols"
                raise BadWeights(f"those of a moment have shape {row.shape}; give {wanted}")
            return row
        unknown = found.keys() - set(self.symbols)
        if unknown:
            raise BadWeights(f"{', '.join(sorted(unknown))} is not in the panel; leave it out")
        return np.array([found.get(symbol, np.nan) for symbol in self.symbols])

    def check(self, weights: Weights) -> None:
        """Refuse weights that are not of this panel.

        Raises:
            BadWeights: other symbols or rows, or a weight of what has had no bar yet.
        """
        rows, values = weights.rows, weights.values
        if values.shape[1] != len(self.symbols):
            raise BadWeights(
                f"there are {values.shape[1]} columns and {len(self.symbols)} symbols; "
                "give one column for each symbol of the panel, in its order"
            )
        if len(rows) and rows[-1] >= len(self):
            raise BadWeights(f"row {rows[-1]} is past the panel's last, {len(self) - 1}")
        is_early = np.isnan(self.last[rows]) & (np.nan_to_num(values) != 0)
        if is_early.any():
            place, column = np.argwhere(is_early)[0]
            raise BadWeights(
                f"{self.symbols[column]} is given {values[place, column]:g} on "
                f"{self.days[rows[place]]}, before its first bar; give NaN or 0 where "
                "panel.last is NaN"
            )
