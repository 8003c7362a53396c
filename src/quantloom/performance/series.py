"""What every measure needs first: checked columns, the last point of a day, runs of true values."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray

# Equity in float64 cannot tell returns apart that differ by less than about 1e-15, so a spread
# below this is rounding and dividing by it would report a ratio near 1e15.
_ROUNDING = 1e-14
_FEWEST_TO_VARY = 2


class NotFinite(Invalid):
    """A column with a NaN, an infinity or a missing day in it."""

    code = "performance.not_finite"

    def __init__(self, name: str, count: int, row: int) -> None:
        super().__init__(name, count, row)
        self.name, self.count, self.row = name, count, row

    def __str__(self) -> str:
        return (
            f"{self.name} has {self.count} value(s) that are missing or infinite, first at row "
            f"{self.row}; leave those rows out, or mend what computed them"
        )


class WrongShape(Invalid):
    """A column that is not one-dimensional, or not as long as the one beside it."""

    code = "performance.wrong_shape"

    def __init__(self, name: str, shape: tuple[int, ...], wanted: str) -> None:
        super().__init__(name, shape, wanted)
        self.name, self.shape, self.wanted = name, shape, wanted

    def __str__(self) -> str:
        return f"{self.name} has shape {self.shape}; pass {self.wanted}"


class NotPositive(Invalid):
    """A number that must be above zero: starting equity, periods per year, a table's length."""

    code = "performance.not_positive"

    def __init__(self, name: str, value: float) -> None:
        super().__init__(name, value)
        self.name, self.value = name, value

    def __str__(self) -> str:
        return f"{self.name} is {self.value}; pass a finite number above zero"


class BadTail(Invalid):
    """A tail that is no share of the worst returns: at or below 0, or a half and more."""

    code = "performance.bad_tail"

    def __init__(self, tail: float) -> None:
        super().__init__(tail)
        self.tail = tail

    def __str__(self) -> str:
        return f"tail is {self.tail}; pass a share above 0 and below 0.5, 0.05 for the worst 5 %"


class UnsortedDays(Invalid):
    """A trading day that is earlier than the one before it."""

    code = "performance.unsorted_days"

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row

    def __str__(self) -> str:
        return f"days go back in time at row {self.row}; sort days and equity oldest first"


def column(values: ArrayLike, name: str, length: int | None = None) -> FloatArray:
    """Give values as float64, one-dimensional, finite and, where asked, of one length."""
    checked = np.asarray(values, dtype=np.float64)
    _check_shape(checked.shape, name, length)
    _check_all(np.isfinite(checked), name)
    return checked


def equity_column(values: ArrayLike) -> FloatArray:
    """Give an equity curve whose first value, the starting point, is above zero."""
    equity = column(values, "equity")
    if not len(equity):
        raise WrongShape("equity", equity.shape, "at least its starting point")
    positive(float(equity[0]), "the first value of equity")
    return equity


def day_column(values: ArrayLike, length: int) -> DayArray:
    """Give days as datetime64[D], none missing, none earlier than the one before."""
    days: DayArray = np.asarray(values, dtype="datetime64[D]")
    _check_shape(days.shape, "days", length)
    _check_all(~np.isnat(days), "days")
    if (days[1:] < days[:-1]).any():
        raise UnsortedDays(int(np.argmax(days[1:] < days[:-1])) + 1)
    return days


def positive(value: float, name: str) -> float:
    """Give a number back if it is finite and above zero."""
    if not 0 < value < np.inf:
        raise NotPositive(name, value)
    return value


def quotient(numerator: float, denominator: float) -> float:
    """Divide; NaN where there is no finite answer."""
    with np.errstate(all="ignore"):
        answer = float(np.divide(numerator, denominator))
    return answer if np.isfinite(answer) else np.nan


def is_rounding(spread: ArrayLike, mean: ArrayLike) -> BoolArray:
    """Tell a spread around a mean that is no more than what float64 leaves of equal values."""
    return np.asarray(np.asarray(spread) <= _ROUNDING * (1.0 + np.abs(mean)))


def varies(values: FloatArray) -> bool:
    """Tell values that differ by more than rounding; fewer than two do not."""
    if len(values) < _FEWEST_TO_VARY:
        return False
    return not is_rounding(np.std(values, ddof=1), values.mean())


def last_of_each(days: DayArray) -> IntArray:
    """Find the last row of each run of equal days (or months, or years)."""
    if not len(days):
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.append(days[1:] != days[:-1], True))


def runs(mask: BoolArray) -> tuple[IntArray, IntArray]:
    """Find where each run of true values starts and the row after its end."""
    edges = np.diff(mask.astype(np.int8), prepend=0, append=0)
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def daily_equity(equity: ArrayLike, days: ArrayLike) -> tuple[DayArray, FloatArray]:
    """Keep the last equity of each trading day.

    Args:
        equity: (n,) mark-to-market equity, oldest first.
        days: (n,) datetime64[D], the trading day each point belongs to, never falling.
    Returns:
        (d,) days and (d,) equity, one row for each day that has a point; days without one are
        not filled in.
    Raises:
        NotFinite: NaN or infinity in equity, a missing day.
        WrongShape: equity and days differ in length.
        UnsortedDays: a day is earlier than the one before it.
    """
    values = column(equity, "equity")
    dates = day_column(days, len(values))
    last = last_of_each(dates)
    return dates[last], values[last]


def _check_shape(shape: tuple[int, ...], name: str, length: int | None) -> None:
    if len(shape) != 1:
        raise WrongShape(name, shape, "one value per row")
    if length is not None and shape[0] != length:
        raise WrongShape(name, shape, f"{length} rows, as many as stand beside it")


def _check_all(good: BoolArray, name: str) -> None:
    if not good.all():
        bad = np.flatnonzero(~good)
        raise NotFinite(name, len(bad), int(bad[0]))
