"""One instrument's bars as a run goes through them: unpacked piece by piece, followed by lines."""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from sys import getrefcount
from typing import Any

import numpy as np

from quantloom.errors import Invalid, NotFound
from quantloom.indicators import get_indicator
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray, freeze
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import (
    Action,
    Bar,
    Bars,
    Calendar,
    ExDay,
    Instrument,
    Shift,
    align,
    closes_of,
    ex_days,
    get_calendar,
    is_day_end,
    last_closed,
    resample,
    restate,
    trading_days_of,
)
from quantloom.market.bars import FIELDS
from quantloom.simulation import Book, OfferedBar, counts_volume
from quantloom.strategy import Cursor, Line
from quantloom.strategy.lines import replace_values
from quantloom.strategy.variation import close_deviation, yearly_volatility

# Returns that make a deviation: three closes at the least.
# No market is closed for longer.
_A_FORTNIGHT = timedelta(days=14)
_NO_TIME = timedelta()
_DAY_S, _YEAR_S = 86_400, 365.25 * 86_400
_DAY_NS = 86_400 * NS_PER_SECOND


class NoSuchColumn(NotFound):
    """A strategy asked for a column that the bars do not have."""

    code = "backtest.no_such_column"

    def __init__(self, column: str, known: tuple[str, ...]) -> None:
        super().__init__(column, known)
        self.column, self.known = column, known

    def __str__(self) -> str:
        return f"the bars have no column {self.column!r}; they have {', '.join(self.known)}"


class AskedTooLate(Invalid):
    """A strategy asked to follow a line when the bars were already running."""

    code = "backtest.asked_too_late"

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.label = label

    def __str__(self) -> str:
        return f"{self.label} was asked for on a bar; ask in initialize and keep what it returns"


Outputs = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class _Followed:
    """What a strategy asked to follow: how it is worked out, and the lines that show it."""

    compute: Callable[[Bars], Outputs]
    timeframe: str | None
    lines: Mapping[str, Line]


class Feed:
    """The bars of one instrument.

    What a strategy looks at is told at each bar in that bar's terms: a `Shift` moves what was
    before it. The bars themselves, which orders are matched against, stay as they were.

    Attributes:
        shifts: where terms change, earliest first; set before anything is asked for.
        seen: the bars in the present terms, those before the last shift moved.
        cursor: where the run stands in them.
        lines: every indicator output and column that the strategy follows.
        passes_idle_days: whether indicators leave out days on which nothing was traded.
        detail: finer bars of the same instrument to match against, if there are any.
        marks: bars of its mark price, if there are any.
        calendar: its sessions and trading days; that of the instrument unless another is given.
        actions: what its company did, in any order.
    """

    def __init__(
        self,
        instrument: Instrument,
        bars: Bars,
        detail: Bars | None = None,
        calendar: Calendar | None = None,
        actions: Sequence[Action] = (),
    ) -> None:
        self.instrument = instrument
        self.symbol = instrument.symbol
        self.bars = self.seen = bars
        self.calendar = calendar or get_calendar(instrument.calendar)
        self.detail = None if detail is None else Feed(instrument, detail, calendar=self.calendar)
        self.marks: Bars | None = None
        self.actions = actions
        self.shifts: Sequence[Shift] = _shifts(self.ex_days) if actions else ()
        self.cursor = Cursor()
        self.lines: list[Line] = []
        self._followed: list[_Followed] = []
        self._passed = 0
        self.passes_idle_days = False
        self.view = self.renew_view()
        self._unshared = getrefcount(self.view)
        self._chunk: list[list[Any]] | None = None
        self._loaded = 0, 0
        self._ranges: dict[int, FloatArray] = {}
        self._bigger: dict[str, tuple[Bars, IntArray]] = {}

    # What does not change

    @cached_property
    def days(self) -> DayArray:
        """(n,) trading day of each bar."""
        return trading_days_of(self.bars, self.calendar)

    @cached_property
    def day_numbers(self) -> IntArray:
        """(n,) the same as days since 1970."""
        return self.days.astype("datetime64[D]", copy=False).view(np.int64)

    @cached_property
    def day_ends(self) -> BoolArray:
        """(n,) whether a bar is the last of its trading day."""
        return is_day_end(self.bars, self.calendar)

    @cached_property
    def day_starts(self) -> BoolArray:
        """(n,) whether a bar is the first of its trading day."""
        return np.diff(self.day_numbers, prepend=self.day_numbers[0] - 1) > 0

    @cached_property
    def closes_ns(self) -> IntArray:
        """(n,) when each bar is over: at the latest when the next one opens."""
        return closes_of(self.bars.ts, self.bars.timeframe)

    @cached_property
    def ex_days(self) -> tuple[tuple[int, ExDay], ...]:
        """What each corporate action did, with the first row on its ex-day or after it."""
        return tuple(
            (int(np.searchsorted(self.days, np.datetime64(one.action.ex_day))), one)
            for one in ex_days(self.bars, self.actions, self.calendar)
        )

    @cached_property
    def has_volume(self) -> bool:
        """Whether its volume is known and of what is traded."""
        return counts_volume(self.instrument) and bool((self.bars.volume > 0).any())

    @cached_property
    def highs(self) -> FloatArray:
        """(n,) the highest that orders meet in each bar: finer bars and marks may go beyond it."""
        return self._extremes("high", np.maximum)

    @cached_property
    def lows(self) -> FloatArray:
        """(n,) the lowest."""
        return self._extremes("low", np.minimum)

    def _extremes(self, field: str, extreme: np.ufunc) -> FloatArray:
        found: FloatArray = getattr(self.bars, field)
        if self.detail is not None:
            begins, ends, times = self._spans
            rows = np.searchsorted(begins, times, side="right") - 1
            is_inside = (rows >= 0) & (times < ends[rows])
            found = found.copy()
            extreme.at(found, rows[is_inside], getattr(self.detail.bars, field)[is_inside])
        if self.marks is not None:
            rows = np.searchsorted(self.bars.ts, self.marks.ts, side="right") - 1
            is_inside = (rows >= 0) & (self.marks.ts < self.closes_ns[rows])
            found = found.copy()
            extreme.at(found, rows[is_inside], getattr(self.marks, field)[is_inside])
        return found

    @cached_property
    def _spans(self) -> tuple[IntArray, IntArray, IntArray]:
        """Where bars begin and end, and when their finer bars are: in nanoseconds or in days."""
        fine = self.detail or self
        if self.bars.timeframe.is_intraday:
            return self.bars.ts, self.closes_ns, fine.bars.ts
        # A night session opens before the date of its day.
        return self.bars.ts // _DAY_NS, self.closes_ns // _DAY_NS, fine.day_numbers

    # Where the run stands

    @property
    def row(self) -> int:
        return self.cursor.row

    @property
    def price(self) -> float:
        """The last close; before the first, the first open: all that could be known then."""
        row = self.cursor.row
        return float(self.seen.open[0] if row < 0 else self.seen.close[row])

    def restate(self, row: int) -> None:
        """Tell what was before a row, lines and all, in its terms."""
        passed = bisect_right(self.shifts, row, key=attrgetter("row"))
        if passed == self._passed:
            return
        self._passed = passed
        self.seen = restate(self.bars, self.shifts[:passed]) if passed else self.bars
        self._ranges.clear()
        self._bigger.clear()
        for one in self._followed:
            values = self._aligned(one.compute, one.timeframe)
            for name, line in one.lines.items():
                replace_values(line, values[name])
                line.load(*self._loaded)

    def load(self, start: int, stop: int) -> None:
        """Unpack rows start to stop of every line, and put the cursor before them."""
        self.cursor.base, self.cursor.at = start - 1, 0
        self._loaded, self._chunk = (start, stop), None
        for line in self.lines:
            line.load(start, stop)

    def columns(self, start: int, stop: int) -> list[list[Any]]:
        """Unpack rows start to stop of the bars."""
        bars = self.bars
        columns = bars.ts, bars.open, bars.high, bars.low, bars.close, bars.volume
        if stop - start == 1:  # of a strategy that sleeps
            return [[column.item(start)] for column in columns]
        return [column[start:stop].tolist() for column in columns]

    def look(self) -> Bar:
        """Show the present bar."""
        if self._chunk is None:
            self._chunk = self.columns(*self._loaded)
        view, at = self.view, self.cursor.at - 1
        ts, opens, highs, lows, closes, volumes = self._chunk
        view.ts_ns, view.volume = ts[at], volumes[at]
        view.open, view.high, view.low, view.close = opens[at], highs[at], lows[at], closes[at]
        return view

    def let_go(self) -> None:
        """Let the view die if somebody has kept it; the next bar gets a new one."""
        if getrefcount(self.view) > self._unshared:
            self.view.expire()
            self.renew_view()

    def renew_view(self) -> Bar:
        """Show the next bars in a new view."""
        self.view = Bar()
        self.view.symbol = self.symbol
        return self.view

    def concerns(self, book: Book) -> bool:
        """Whether the present bar may do anything to the orders of a book."""
        if not book.resting and not book.is_watched:
            return False
        row = self.cursor.row
        return bool(self.highs[row] >= book.rise or self.lows[row] <= book.fall)

    # What a venue asks for

    def offer(self, row: int, *, with_days: bool) -> OfferedBar:
        """The bar of a row as it is offered to orders.

        Args:
            with_days: whether to find out which bars begin and end a day.
        """
        bars = self.bars
        volume = float(bars.volume[row]) if self.has_volume else math.nan
        return OfferedBar(
            ts_ns=int(bars.ts[row]),
            day=int(self.day_numbers[row]),
            open=float(bars.open[row]),
            high=float(bars.high[row]),
            low=float(bars.low[row]),
            close=float(bars.close[row]),
            volume=volume,
            is_day_start=with_days and bool(self.day_starts[row]),
            is_day_end=with_days and bool(self.day_ends[row]),
            trades=volume != 0,
            closes_ns=int(self.closes_ns[row]),
        )

    def offer_detail(self, row: int, *, with_days: bool) -> list[OfferedBar]:
        """The finer bars within a bar, or the bar itself where there are none."""
        if self.detail is None:
            return [self.offer(row, with_days=with_days)]
        begins, ends, times = self._spans
        first, last = np.searchsorted(times, [begins[row], ends[row]]).tolist()
        if first == last:
            return [self.offer(row, with_days=with_days)]
        offers = (self.detail.offer(fine, with_days=with_days) for fine in range(first, last))
        begins_ns = int(self.bars.ts[row])
        return [
            offer._replace(ends_wait=place == last, begins_ns=begins_ns)
            for place, offer in enumerate(offers, first + 1)
        ]

    def deviation(self, window: int) -> float:
        """Of the log returns between the last `window` closes before the bar, as a sample."""
        closes = self.seen.close[max(self.row - window, 0) : max(self.row, 0)]
        return close_deviation(closes)

    def mean_volume(self, window: int) -> float:
        """Of the bars of the same closes; NaN where one is unknown."""
        volumes = self.seen.volume[max(self.row - window, 0) : max(self.row, 0)]
        return float(volumes.mean()) if len(volumes) and self.has_volume else math.nan

    # What a strategy asks for

    def volatility(self, window: int) -> float:
        """Of the log returns of the last `window` closes, a year's; NaN while there are fewer."""
        closes = self.seen.close[max(self.row + 1 - window, 0) : self.row + 1]
        return yearly_volatility(closes, window, self.bars_per_year)

    @cached_property
    def bars_per_year(self) -> float:
        """Trading days of a year times the bars that fit into the sessions of the first day.

        NaN where no clock cuts the bars: how many there will be, nobody knows.
        """
        if not self.bars.timeframe.is_by_clock:
            return math.nan
        # By the calendar, not by counting bars: how many come later cannot be known yet.
        length, days_per_year = self.bars.timeframe.seconds, self.calendar.periods_per_year
        if self.bars.timeframe.is_intraday:
            start = self.bars.start.date()
            day = next(iter(self.calendar.trading_days(start, start + _A_FORTNIGHT)), start)
            open_for = sum((one.close - one.open for one in self.calendar.sessions(day)), _NO_TIME)
            return days_per_year * open_for.total_seconds() / length
        return days_per_year if length == _DAY_S else _YEAR_S / length

    def average_range(self, period: int) -> float:
        """The average true range at the present bar; NaN while it warms up."""
        return float(self.average_ranges(period)[self.row]) if self.row >= 0 else math.nan

    def average_ranges(self, period: int) -> FloatArray:
        """(n,) the average true range at each bar; NaN while it warms up."""
        if period not in self._ranges:
            compute = get_indicator("ATR").bind(period).compute
            self._ranges[period] = self._aligned(compute, None)["value"]
        return self._ranges[period]

    def indicator(
        self, name: str, args: tuple[Any, ...], named: Mapping[str, Any], timeframe: str | None
    ) -> Line:
        bound = get_indicator(name).bind(*args, **named)
        return self._follow(_label(bound.label, timeframe), bound.compute, timeframe)

    def line(self, field: str, timeframe: str | None) -> Line:
        def compute(bars: Bars) -> Outputs:
            columns = {name: getattr(bars, name) for name in FIELDS} | dict(bars.extras)
            if field not in columns:
                raise NoSuchColumn(field, tuple(columns))
            return {field: columns[field]}

        return self._follow(_label(field, timeframe), compute, timeframe)

    def history(self, count: int, timeframe: str | None) -> Bars:
        bars, rows = self._in(timeframe)
        row = self.cursor.row
        stop = (row if rows is None or row < 0 else int(rows[row])) + 1
        return bars[max(stop - count, 0) : stop]

    def _in(self, timeframe: str | None) -> tuple[Bars, IntArray | None]:
        """Bars of another timeframe, and the last one closed at each bar of the run."""
        if timeframe is None or timeframe == str(self.bars.timeframe):
            return self._traded()
        if timeframe not in self._bigger:
            bigger = resample(self._traded()[0], timeframe, self.calendar)
            self._bigger[timeframe] = bigger, last_closed(self.seen, bigger, self.calendar)
        return self._bigger[timeframe]

    def _traded(self) -> tuple[Bars, IntArray | None]:
        """The bars of days with a trade, and the last of those at each bar of the run.

        What a file carries through the days of a suspension is no price, so nothing is reckoned
        from it.
        """
        if not self.passes_idle_days or not self.idle.any():
            return self.seen, None
        return self.traded_bars, np.cumsum(~self.idle) - 1

    @property
    def traded_bars(self) -> Bars:
        """The bars of days on which something was traded."""
        mask, seen = ~self.idle, self.seen
        columns = {name: getattr(seen, name)[mask] for name in ("ts", *FIELDS)}
        extras = {name: column[mask] for name, column in seen.extras.items()}
        return Bars(seen.symbol, seen.timeframe, **columns, extras=extras)

    @cached_property
    def idle(self) -> BoolArray:
        """(n,) whether nothing at all was traded on the trading day of a bar."""
        if not self.has_volume:
            return np.zeros(len(self.bars), dtype=np.bool_)
        _, place = np.unique(self.day_numbers, return_inverse=True)
        volume = np.where(np.isnan(self.bars.volume), 1, self.bars.volume)
        found: BoolArray = np.bincount(place, weights=volume) == 0
        return found[place]

    def _follow(
        self, label: str, compute: Callable[[Bars], Outputs], timeframe: str | None
    ) -> Line:
        values = self._aligned(compute, timeframe)
        if self.cursor.row >= 0:
            raise AskedTooLate(label)
        lines: dict[str, Line] = {}
        for name, column in values.items():
            lines[name] = Line(label, column, self.cursor, lines)
        self.lines.extend(lines.values())
        self._followed.append(_Followed(compute, timeframe, lines))
        return next(iter(lines.values()))

    def _aligned(self, compute: Callable[[Bars], Outputs], timeframe: str | None) -> Outputs:
        """Outputs over the bars in the present terms, one value for each bar of the run."""
        bars, rows = self._in(timeframe)
        outputs = compute(bars)
        return {
            name: freeze(values if rows is None else align(values, rows))
            for name, values in outputs.items()
        }


def _shifts(met: Iterable[tuple[int, ExDay]]) -> tuple[Shift, ...]:
    """How what was before each ex-day is told after it; several in one pause are one."""
    found: dict[int, Shift] = {}
    for row, one in met:
        before = found.get(row, Shift(row=row))
        found[row] = replace(
            before,
            ratio=before.ratio * one.factor,
            quantity=before.quantity * Fraction(one.action.shares),
        )
    return tuple(found.values())


def _label(label: str, timeframe: str | None) -> str:
    return label if timeframe is None else f"{label}@{timeframe}"
