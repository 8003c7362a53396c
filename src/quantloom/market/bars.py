"""Bars as columns: checked once, read-only ever after, sliced without copying."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.errors import Invalid, NotFound
from quantloom.kit import BoolArray, FloatArray, IntArray, freeze, from_ns, to_ns
from quantloom.kit.arrays import Scalar
from quantloom.market.frames import columns_of_frame, frame_of_columns
from quantloom.market.spans import bars_head, block_unit, digest_columns
from quantloom.market.timeframes import Timeframe, usual_timeframe

if TYPE_CHECKING:
    from pandas import DataFrame

PRICES = ("open", "high", "low", "close")
FIELDS = (*PRICES, "volume")
_SHOWN = 3


_UNSORTED = "time earlier than the bar before"


class BadBars(Invalid):
    """Bars that cannot be true: unsorted, repeated, not finite, negative or high below low."""

    code = "market.bad_bars"

    def __init__(self, symbol: str, problem: str, count: int, rows: tuple[int, ...]) -> None:
        super().__init__(symbol, problem, count, rows)
        self.symbol, self.problem, self.count, self.rows = symbol, problem, count, rows

    def __str__(self) -> str:
        where = f", first at row {', '.join(map(str, self.rows))}" if self.rows else ""
        more = " and more" if len(self.rows) < self.count and where else ""
        is_unsorted = self.problem == _UNSORTED
        mend = "sort the source, the oldest bar first" if is_unsorted else "mend the source"
        return (
            f"{self.symbol}: {self.problem} in {self.count} bar(s){where}{more}; "
            f"{mend}, or import it with --on-bad drop to leave those rows out"
        )


class EmptyRange(NotFound):
    """A span of time in which there is no bar."""

    code = "market.empty_range"

    def __init__(self, symbol: str, start: datetime | None, end: datetime | None) -> None:
        super().__init__(symbol, start, end)
        self.symbol, self.start, self.end = symbol, start, end

    def __str__(self) -> str:
        if self.start is not None and self.end is not None and self.start >= self.end:
            return f"{self.symbol}: the start {self.start} is not before the end {self.end}"
        span = f"{self.start or 'the beginning'} and {self.end or 'the end'}"
        return (
            f"{self.symbol} has no bars between {span}; `quantloom data show` tells what there is"
        )


class StaleBar(Invalid):
    """A bar was read after the callback it was handed to had returned."""

    code = "strategy.stale_bar"

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute)
        self.attribute = attribute

    def __str__(self) -> str:
        return (
            f"bar.{self.attribute} was read after its callback returned; "
            "keep `bar.copy()`, or read older bars from ctx.history()"
        )


class Bar:
    """One bar as a callback sees it: a live view that the engine uses again for the next one.

    Attributes:
        symbol: canonical symbol.
        ts_ns: open time, UTC nanoseconds.
        open, high, low, close: float64 prices.
        volume: float64, NaN where the source has none.
    """

    __slots__ = ("close", "high", "low", "open", "symbol", "ts_ns", "volume")

    symbol: str
    ts_ns: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    @property
    def time(self) -> datetime:
        """Open time as an aware UTC datetime."""
        return from_ns(self.ts_ns)

    def copy(self) -> "Bar":
        """Keep this bar beyond its callback."""
        kept = Bar()
        for name in Bar.__slots__:
            setattr(kept, name, getattr(self, name))
        return kept

    def expire(self) -> None:
        """Make every later reading raise `StaleBar`."""
        self.__class__ = _ExpiredBar

    def __repr__(self) -> str:
        prices = " ".join(f"{name}={getattr(self, name)}" for name in FIELDS)
        return f"<Bar {self.symbol} {self.time:%Y-%m-%d %H:%M:%S} {prices}>"


class _ExpiredBar(Bar):
    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__"):
            return object.__getattribute__(self, name)
        raise StaleBar(name)

    def __repr__(self) -> str:
        return "<Bar, expired>"


@dataclass(frozen=True, slots=True)
class Provenance:
    """The stored dataset that bars were read from.

    Attributes:
        digest: `Bars.digest` of the whole dataset.
        quality: what a check of it found, as it is stored; None where nobody has checked it.
    """

    digest: str
    quality: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bars:
    """Bars of one symbol and timeframe, oldest first, as read-only columns of equal length.

    Build them with `Bars.of`, which checks every row; slices share memory and are not checked
    again.

    Attributes:
        ts: (n,) int64 open times, UTC nanoseconds, strictly rising. Bars of a day or longer
            carry their session date at 00:00 UTC.
        open, high, low, close: (n,) float64, finite and above zero.
        volume: (n,) float64 at or above zero, NaN where the source has none.
        extras: further float64 columns of the source, such as turnover and open_interest.
        provenance: the dataset they are a part of; None where they are of none, and of what is
            made of them. It is no part of the digest.
    """

    symbol: str
    timeframe: Timeframe
    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    extras: Mapping[str, FloatArray]
    provenance: Provenance | None = None

    @classmethod
    def of(
        cls,
        symbol: str,
        timeframe: Timeframe | str,
        *,
        ts: ArrayLike,
        open: ArrayLike,  # noqa: A002  the field's own word
        high: ArrayLike,
        low: ArrayLike,
        close: ArrayLike,
        volume: ArrayLike | None = None,
        extras: Mapping[str, ArrayLike] | None = None,
    ) -> Self:
        """Check columns and make bars of them.

        Arrays that can be written to are copied, so that nobody changes what was checked;
        read-only ones of the right type are shared.

        Args:
            ts: (n,) open times as int64 UTC nanoseconds or datetime64.
            open, high, low, close: (n,) prices.
            volume: (n,) or None where the source has none.
        Raises:
            EmptyRange: no rows.
            BadBars: unequal lengths, times of another type, missing or not rising, prices that are
                not finite and above zero, a high below or a low above the other prices, negative
                volume.
        """
        times = _times(symbol, ts)
        bars = cls(
            symbol=symbol,
            timeframe=Timeframe.parse(timeframe),
            ts=_kept(np.ascontiguousarray(times), ts),
            open=_column(open),
            high=_column(high),
            low=_column(low),
            close=_column(close),
            volume=_column(np.full(times.shape, np.nan) if volume is None else volume),
            extras={name: _column(values) for name, values in (extras or {}).items()},
        )
        _check(bars)
        return bars

    @classmethod
    def from_frame(
        cls, frame: "DataFrame", symbol: str, timeframe: Timeframe | str | None = None
    ) -> Self:
        """Make bars of a pandas frame; `frames.columns_of_frame` says what it may look like.

        Args:
            timeframe: taken from the usual distance of the rows where not given. Bars of a day or
                longer get the date written in the frame's own zone.
        """
        columns = columns_of_frame(frame, timeframe)
        return cls.of(symbol, timeframe or usual_timeframe(columns["ts"]), **columns)

    def to_frame(self) -> "DataFrame":
        """Give a pandas frame of float64 columns indexed by UTC open time, named `ts`."""
        fields = {name: getattr(self, name) for name in FIELDS}
        return frame_of_columns(self.ts, fields | dict(self.extras))

    def __len__(self) -> int:
        return len(self.ts)

    def __getitem__(self, rows: slice) -> "Bars":
        return Bars(
            self.symbol,
            self.timeframe,
            self.ts[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
            {name: column[rows] for name, column in self.extras.items()},
            self.provenance,
        )

    def between(self, start: datetime | None = None, end: datetime | None = None) -> "Bars":
        """Slice to start <= open time < end, without copying.

        Raises:
            EmptyRange: no bar lies there.
        """
        first = 0 if start is None else int(np.searchsorted(self.ts, to_ns(start)))
        last = len(self) if end is None else int(np.searchsorted(self.ts, to_ns(end)))
        if first >= last:
            raise EmptyRange(self.symbol, start, end)
        return self[first:last]

    def columns(self) -> Iterator[Any]:
        """The time and the five fields that every bar has, in their usual order."""
        yield self.ts
        for name in FIELDS:
            yield getattr(self, name)

    @property
    def start(self) -> datetime:
        return from_ns(int(self.ts[0]))

    @property
    def end(self) -> datetime:
        """Open time of the last bar."""
        return from_ns(int(self.ts[-1]))

    def digest(self) -> str:
        """SHA-256 over symbol, timeframe and every column: equal bars, equal digest.

        It is taken over calendar blocks, so that it can be told of bars that are never all in
        memory at once; `quantloom.market.spans` says how.
        """
        extras = [self.extras[name] for name in sorted(self.extras)]
        head = bars_head(self.symbol, self.timeframe, self.extras)
        return digest_columns(head, [*self.columns(), *extras], block_unit(self.timeframe))

    def __repr__(self) -> str:
        span = f" {self.start} .. {self.end}" if len(self) else ""
        return f"<Bars {self.symbol} {self.timeframe} {len(self)} bars{span}>"


def _times(symbol: str, ts: ArrayLike) -> IntArray:
    times = np.asarray(ts)
    if times.dtype.kind == "M":
        missing = np.flatnonzero(np.isnat(times))
        if len(missing):
            rows = tuple(missing[:_SHOWN].tolist())
            raise BadBars(symbol, "a missing time", len(missing), rows)
        times = times.astype("datetime64[ns]").view(np.int64)
    # Cast to int64, seconds with a fraction or numbers past 2**63 would become other times.
    if times.size and times.dtype.kind != "i":
        problem = f"times of type {times.dtype} instead of int64 nanoseconds or datetime64"
        raise BadBars(symbol, problem, times.size, ())
    return times.astype(np.int64, copy=False)


def _column(values: ArrayLike) -> FloatArray:
    return _kept(np.ascontiguousarray(values, dtype=np.float64), values)


def _kept(array: NDArray[Scalar], given: ArrayLike) -> NDArray[Scalar]:
    """Freeze an array; copy it first if its giver could still write to it."""
    is_shared = isinstance(given, np.ndarray) and np.may_share_memory(array, given)
    return freeze(array.copy() if is_shared and array.flags.writeable else array)


def _check(bars: Bars) -> None:
    columns = [*bars.columns(), *bars.extras.values()]
    if {column.shape for column in columns} != {(len(bars),)}:
        raise BadBars(bars.symbol, "columns of unequal length", len(bars), ())
    if not len(bars):
        raise EmptyRange(bars.symbol, None, None)
    for problem, bad in bar_problems(bars):
        if bad.any():
            rows = np.flatnonzero(bad)
            raise BadBars(bars.symbol, problem, len(rows), tuple(rows[:_SHOWN].tolist()))


def bar_problems(bars: Bars) -> Iterator[tuple[str, BoolArray]]:
    """Name each thing that can be wrong with a bar, with a mask of the rows where it is."""
    step = np.diff(bars.ts, prepend=bars.ts[0] - 1)
    yield _UNSORTED, step < 0
    yield "time equal to the bar before", step == 0
    # In pairs: `reduce` would first stack all four columns.
    lowest = np.minimum(np.minimum(bars.open, bars.high), np.minimum(bars.low, bars.close))
    highest = np.maximum(np.maximum(bars.open, bars.high), np.maximum(bars.low, bars.close))
    yield "a price that is not a finite number", ~(np.isfinite(lowest) & np.isfinite(highest))
    yield "a price that is not above zero", lowest <= 0
    yield "high below low", bars.high < bars.low
    body_high = np.maximum(bars.open, bars.close)
    body_low = np.minimum(bars.open, bars.close)
    yield "open or close outside low to high", (bars.high < body_high) | (bars.low > body_low)
    yield "negative or infinite volume", (bars.volume < 0) | np.isinf(bars.volume)
