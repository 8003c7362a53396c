"""Columns of ticks from whatever holds them, and the error of those that cannot be true."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray

UNSORTED = "time earlier than the tick before"
CLOCK = "received before it happened"


class BadTicks(Invalid):
    """Ticks that cannot be true: unsorted, crossed, a price or a size that is none."""

    code = "market.bad_ticks"

    def __init__(self, symbol: str, problem: str, count: int, rows: tuple[int, ...]) -> None:
        super().__init__(symbol, problem, count, rows)
        self.symbol, self.problem, self.count, self.rows = symbol, problem, count, rows

    def __str__(self) -> str:
        where = f", first at row {', '.join(map(str, self.rows))}" if self.rows else ""
        more = " and more" if len(self.rows) < self.count and where else ""
        mends = {
            UNSORTED: "sort the source by the exchange's time, the oldest tick first",
            CLOCK: "the receiver's clock was slow: correct it, or leave received= out",
        }
        mend = mends.get(self.problem, "mend the source or leave those rows out")
        return f"{self.symbol}: {self.problem} in {self.count} tick(s){where}{more}; {mend}"


def read_times(symbol: str, ts: ArrayLike) -> IntArray:
    """Read exchange times as UTC nanoseconds.

    Raises:
        BadTicks: they are neither int64 nor datetime64.
    """
    times = np.asarray(ts)
    if times.dtype.kind == "M":
        times = times.astype("datetime64[ns]").view(np.int64)
    if times.ndim != 1 or (times.size and times.dtype.kind != "i"):
        problem = f"times of type {times.dtype} instead of int64 nanoseconds or datetime64"
        raise BadTicks(symbol, problem, times.size, ())
    return times.astype(np.int64)


def read_column(values: ArrayLike) -> FloatArray:
    """Copy one number a row."""
    return np.array(values, dtype=np.float64)


def read_levels(values: ArrayLike | None, count: int) -> FloatArray:
    """Copy (n,) or (n, levels) prices or sizes as (n, levels); NaN where there are none."""
    if values is None:
        return np.full((count, 1), np.nan)
    found = read_column(values)
    return found.reshape(len(found), -1)


def read_sizes(values: ArrayLike | None, prices: FloatArray) -> FloatArray:
    """Copy sizes of levels: 0 where there is no price, infinite where the source has none."""
    sizes = np.full(prices.shape, np.inf) if values is None else read_levels(values, len(prices))
    if sizes.shape == prices.shape:
        sizes[np.isnan(prices)] = 0.0
    return sizes


def refuse_unequal(symbol: str, ts: IntArray, columns: Sequence[NDArray[np.generic]]) -> None:
    """Check that every column has a row for each time.

    Raises:
        BadTicks: one has more or fewer.
    """
    if {len(one) for one in columns} != {len(ts)}:
        raise BadTicks(symbol, "columns of unequal length", len(ts), ())


def tell_takers(price: FloatArray, bid: FloatArray, ask: FloatArray) -> NDArray[np.int8]:
    """Tell who took, by the quote of the row before: 1 the buyer, -1 the seller, 0 unknown."""
    before_bid, before_ask = (np.append(np.nan, one[:-1]) for one in (bid, ask))
    return np.where(price >= before_ask, 1, np.where(price <= before_bid, -1, 0)).astype(np.int8)
