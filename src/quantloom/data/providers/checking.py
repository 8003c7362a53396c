"""From a vendor's table to bars: columns by name, units undone, labels moved, every row checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quantloom.data.arrow import Column, floats, ints
from quantloom.data.cleaning import CONFLICTING, REPEATED, clean
from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.errors import NothingSoEarly, ProviderBadData
from quantloom.data.providers.provider import ProvidedBars
from quantloom.kit import FloatArray, IntArray, from_ns, to_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import (
    Bars,
    Calendar,
    EmptyRange,
    GapsOfLongBars,
    Kind,
    Timeframe,
    default_instrument,
    find_gaps,
    get_calendar,
)
from quantloom.market.bars import FIELDS
from quantloom.market.timetable import timetable

_ONE_DAY = timedelta(days=1)
_NEAR, _NEAR_LONG = timedelta(days=4), timedelta(days=66)
_DAY_NS = 86_400 * NS_PER_SECOND
# Where holidays are not known, so many weekdays cannot all have been one.
_SURELY_OPEN = 10
# One row in a hundred may be broken; an answer with more is no answer.
_MOST_DROPPED = 0.01
_FEW = 2
# Turnover over volume is an average price; a unit that is wrong is wrong by ten or more.
_MOST_OFF = 3.0


class Label(StrEnum):
    """Which end of a bar its time names."""

    OPEN = "open"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMap:
    """What one function of a vendor calls its columns, and how they are meant.

    Attributes:
        fields: our name to the vendor's; each of them must be there.
        zone: whose wall clock a time without a zone shows.
        scale: what to multiply a field by, such as 100 for lots of a hundred shares.
    """

    function: str
    time: str
    fields: Mapping[str, str]
    zone: str = "Asia/Shanghai"
    label: Label = Label.OPEN
    scale: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What bars were asked for, of whom and when.

    Attributes:
        kind: of the instrument; only of shares must turnover and volume make a price.
        start, end: the bars asked for have start <= open time < end.
        function: in the vendor's words.
    """

    provider: str
    symbol: str
    kind: Kind
    timeframe: Timeframe
    start: datetime
    end: datetime
    now: datetime
    function: str = ""


def table_of(question: Question, answer: Answer) -> pa.Table:
    """Give the table of an answer that must be one.

    Raises:
        ProviderBadData: it is something else.
    """
    if answer.table is None:
        raise ProviderBadData(question.provider, question.function, "it is no table")
    return answer.table


def column_of(asked_of: str, function: str, table: pa.Table, name: str) -> Column:
    """Give a column by the vendor's name for it.

    Raises:
        ProviderBadData: it is not there; the error names it and what is.
    """
    if name not in table.column_names:
        there = ", ".join(table.column_names) or "none at all"
        raise ProviderBadData(asked_of, function, f"column {name!r} is missing; there are {there}")
    return table.column(name)


def days_of(asked_of: str, function: str, column: Any) -> IntArray:
    """Read a column of days, as dates, 2024-01-31 or 20240131; midnight UTC in nanoseconds."""
    kind = column.type
    try:
        if pa.types.is_integer(kind):
            column, kind = column.cast(pa.string()), pa.string()
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            text = pc.replace_substring(pc.utf8_slice_codeunits(column, 0, 10), "-", "")
            column = pc.strptime(text, format="%Y%m%d", unit="s")
        elif pa.types.is_timestamp(kind) and kind.tz is not None:
            # The date written where the exchange is, not that of the same moment in London.
            column = pc.local_timestamp(column)
        days = column.cast(pa.date32(), safe=False).cast(pa.int32()).cast(pa.int64())
    except pa.ArrowException as error:
        raise ProviderBadData(asked_of, function, f"a day cannot be read: {error}") from error
    _demand_times(asked_of, function, days)
    return ints(days) * _DAY_NS


def moments_of(asked_of: str, function: str, column: Any, zone: str) -> IntArray:
    """Read a column of moments; those without a zone are by the wall clock of `zone`."""
    kind = column.type
    try:
        if pa.types.is_integer(kind):  # milliseconds since 1970
            column = column.cast(pa.timestamp("ms", "UTC"))
        elif not pa.types.is_timestamp(kind):
            column = column.cast(pa.timestamp("ns"))
        if column.type.tz is None:
            column = pc.assume_timezone(
                column, timezone=zone, ambiguous="earliest", nonexistent="latest"
            )
        moments = column.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
    except pa.ArrowException as error:
        raise ProviderBadData(asked_of, function, f"a time cannot be read: {error}") from error
    _demand_times(asked_of, function, moments)
    return ints(moments)


def numbers_of(asked_of: str, function: str, column: Column) -> FloatArray:
    """Read a column of numbers, NaN where it is empty; text that is none is an error."""
    try:
        return floats(column)
    except pa.ArrowException as error:
        raise ProviderBadData(asked_of, function, f"a number cannot be read: {error}") from error


def calendar_of(symbol: str) -> Calendar:
    """The calendar that an instrument of this name keeps."""
    return get_calendar(default_instrument(symbol).calendar)


def bars_of(
    asked: Asked, columns: ColumnMap, table: pa.Table, **extras: FloatArray
) -> ProvidedBars:
    """Make bars of a vendor's table.

    Args:
        extras: further columns, a number for each row of the table.
    Raises:
        ProviderBadData: a column is missing or unreadable, nothing is there although the market
            was open, too many rows are impossible, two rows of one time differ, or the volume
            does not fit the turnover.
        EmptyRange: the market was closed all the time.
    """
    asked = replace(asked, function=columns.function)
    label = column_of(asked.provider, columns.function, table, columns.time)
    found = {
        ours: _scaled(asked, columns, table, ours, theirs)
        for ours, theirs in columns.fields.items()
    } | extras
    if not table.num_rows:
        refuse_nothing(asked)
    if not asked.timeframe.is_intraday:
        ts = days_of(asked.provider, columns.function, label)
    else:
        ts = moments_of(asked.provider, columns.function, label, columns.zone)
        if columns.label is Label.CLOSE:
            ts = opens_of(ts, asked.timeframe, calendar_of(asked.symbol))
    return rows_to_bars(asked, ts, found)


def rows_to_bars(asked: Asked, ts: IntArray, columns: Mapping[str, FloatArray]) -> ProvidedBars:
    """Check rows of any order and make bars of those that were asked for and are over.

    Args:
        ts: (n,) open times, UTC nanoseconds.
        columns: (n,) open, high, low, close; volume and others where there are some.
    """
    filled = dict(columns)
    filled.setdefault("volume", np.full(len(ts), np.nan))
    kept = (ts >= to_ns(asked.start)) & (ts < to_ns(asked.end))
    is_over = _are_over(asked, ts)
    running = int((kept & ~is_over).sum())
    kept &= is_over
    _refuse_later_alone(asked, ts)
    cleaned = clean(ts[kept], {name: values[kept] for name, values in filled.items()})
    _refuse_broken(asked, int(kept.sum()), dict(cleaned.dropped))
    if not len(cleaned.ts):
        refuse_nothing(asked)
    base = {name: cleaned.columns[name] for name in FIELDS}
    others = {name: column for name, column in cleaned.columns.items() if name not in FIELDS}
    bars = Bars.of(asked.symbol, asked.timeframe, ts=cleaned.ts, **base, extras=others)
    _check_units(asked, bars)
    return ProvidedBars(
        bars=bars,
        provider=asked.provider,
        function=asked.function,
        fetched_at=asked.now,
        dropped=cleaned.dropped,
        notes=tuple(_notes(asked, bars, running)),
    )


def opens_of(ends: IntArray, timeframe: Timeframe, calendar: Calendar) -> IntArray:
    """Say when bars open that are labelled by their close.

    A bar that runs on behind a break opens before it: 11:15 closes the hour that began at 10:00 of
    a Chinese future. The last one of a day may be short: 15:00 closes one that began at 14:15.

    Args:
        ends: (n,) UTC nanoseconds.
    """
    plain: IntArray = ends - timeframe.ns
    if not len(ends):
        return plain
    days, row = np.unique(calendar.trading_day(ends - 1), return_inverse=True)
    listed = [calendar.sessions(day) for day in days.tolist()]
    if not all(listed):
        return plain
    table = timetable(days, calendar)
    session = np.searchsorted(table.opens, ends - 1, side="right") - 1
    is_within = (session >= table.first[row]) & (session <= table.last[row])
    session = np.clip(session, table.first[row], table.last[row])
    is_within &= (ends > table.opens[session]) & (ends <= table.closes[session])
    starts, cut_at = table.cut(ends - 1, session, timeframe.ns)
    opens: IntArray = np.where(is_within & (cut_at == ends), starts, plain)
    return opens


def open_days(asked: Asked) -> list[date]:
    """The days on which bars of the span must exist, as far as the calendar knows."""
    return list(_open_days(asked, calendar_of(asked.symbol)))


def midnight(day: date) -> datetime:
    """The moment by which a bar of that day or more is known."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def span_of(day: date, timeframe: Timeframe) -> tuple[date, date]:
    """First day of the bar of days, weeks or months that a day lies in, and the day after it."""
    if timeframe.unit == "w":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(weeks=1)
    if timeframe.unit == "M":
        return day.replace(day=1), (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    return day, day + _ONE_DAY


def is_running(calendar: Calendar, span: tuple[date, date], now: datetime) -> bool:
    """Whether a session of the days from the first to before the last is still to end."""
    days = calendar.trading_days(span[0], span[1] - _ONE_DAY)
    return any(sessions[-1].close > now for day in days if (sessions := calendar.sessions(day)))


def refuse_nothing(asked: Asked) -> NoReturn:
    """Say what an answer without bars means.

    Raises:
        ProviderBadData: the market was open on days of the span.
        EmptyRange: it was closed all the time.
    """
    days = open_days(asked)
    if not days:
        raise EmptyRange(asked.symbol, asked.start, asked.end)
    problem = (
        f"no bars of {asked.symbol}, though the market was open on {len(days)} day(s) "
        f"from {days[0]} to {days[-1]}; if it was listed later, ask for a later start"
    )
    raise ProviderBadData(asked.provider, asked.function, problem, True)  # noqa: FBT003


def _scaled(
    asked: Asked, columns: ColumnMap, table: pa.Table, ours: str, theirs: str
) -> FloatArray:
    column = column_of(asked.provider, columns.function, table, theirs)
    values = numbers_of(asked.provider, columns.function, column)
    factor = columns.scale.get(ours, 1.0)
    return values if factor == 1.0 else values * factor


def _demand_times(asked_of: str, function: str, column: Any) -> None:
    if column.null_count:
        problem = f"{column.null_count} of {len(column)} times are empty or unreadable"
        raise ProviderBadData(asked_of, function, problem)


def _are_over(asked: Asked, ts: IntArray) -> Any:
    """Which bars cannot change any more."""
    now = to_ns(asked.now)
    if asked.timeframe.is_intraday:
        return ts + asked.timeframe.ns <= now
    over = ts + _DAY_NS <= now
    calendar = calendar_of(asked.symbol)
    for row in np.flatnonzero((ts <= now + _DAY_NS) & (ts > now - 3 * _DAY_NS)):
        sessions = calendar.sessions(from_ns(int(ts[row])).date())
        if sessions:
            over[row] = to_ns(sessions[-1].close) <= now
    return over


def _open_days(asked: Asked, calendar: Calendar) -> Iterator[date]:
    last = min(asked.end, asked.now)
    if asked.start >= last:
        return
    # A night session belongs to a later day than the clock shows.
    listed = calendar.trading_days(asked.start.date(), last.date() + 4 * _ONE_DAY)
    sure: list[date] = []
    guessed: list[date] = []
    for day in listed:
        if _must_have_bars(asked, calendar, day, last):
            (sure if calendar.covers(day) else guessed).append(day)
    yield from sorted(sure + (guessed if len(guessed) >= _SURELY_OPEN else []))


def _must_have_bars(asked: Asked, calendar: Calendar, day: date, last: datetime) -> bool:
    # Well inside the span no clock matters; asking for its sessions would cost most of a plan.
    near = _NEAR if asked.timeframe.seconds <= _ONE_DAY.total_seconds() else _NEAR_LONG
    if asked.start.date() + near < day < last.date() - near:
        return True
    sessions = calendar.sessions(day)
    if not sessions:
        return False
    if not asked.timeframe.is_intraday:
        return _is_of_a_bar_that_is_over(asked, calendar, day)
    length = timedelta(seconds=asked.timeframe.seconds)
    return any(max(one.open, asked.start) + length <= min(one.close, last) for one in sessions)


def _is_of_a_bar_that_is_over(asked: Asked, calendar: Calendar, day: date) -> bool:
    first, after = span_of(day, asked.timeframe)
    is_asked = asked.start <= midnight(first) < asked.end
    return is_asked and not is_running(calendar, (day, after), asked.now)


def _refuse_later_alone(asked: Asked, ts: IntArray) -> None:
    """Bars that all lie behind the span show where the provider begins."""
    if len(ts) and (first := int(ts.min())) >= to_ns(asked.end):
        raise NothingSoEarly(asked.provider, asked.symbol, from_ns(first))


def _refuse_broken(asked: Asked, rows: int, dropped: Mapping[str, int]) -> None:
    if CONFLICTING in dropped:
        problem = f"{dropped[CONFLICTING]} time(s) stand there twice with different prices"
        raise ProviderBadData(asked.provider, asked.function, problem)
    # Pages overlap, and the same bar twice is no fault.
    impossible = sum(dropped.values()) - dropped.get(REPEATED, 0)
    if impossible > max(rows * _MOST_DROPPED, _FEW):
        told = ", ".join(f"{problem}: {count}" for problem, count in dropped.items())
        problem = f"{impossible} of {rows} rows cannot be true ({told})"
        raise ProviderBadData(asked.provider, asked.function, problem)


def _check_units(asked: Asked, bars: Bars) -> None:
    """Turnover over volume must be a price of the day, or a unit is not what it was."""
    if asked.kind not in {Kind.STOCK, Kind.FUND} or "turnover" not in bars.extras:
        return
    traded = (bars.volume > 0) & (bars.extras["turnover"] > 0)
    if not traded.any():
        return
    average = bars.extras["turnover"][traded] / bars.volume[traded]
    off = float(np.median(average / bars.close[traded]))
    if not 1 / _MOST_OFF < off < _MOST_OFF:
        problem = (
            f"turnover over volume is {off:.4g} times the price, so that the unit of one of them "
            "is not the one that was known"
        )
        raise ProviderBadData(asked.provider, asked.function, problem)


def _notes(asked: Asked, bars: Bars, running: int) -> Iterator[str]:
    if running:
        yield f"{running} bar(s) were not over yet and were left out."
    calendar = calendar_of(asked.symbol)
    try:
        gaps = find_gaps(bars, calendar)
    except GapsOfLongBars:
        return
    if gaps.missing:
        count = sum(span.bars for span in gaps.missing)
        yield f"{count:,} bar(s) are missing on {len(gaps.missing_by_day)} trading day(s)."
    if gaps.outside:
        yield f"{gaps.outside} bar(s) lie outside the sessions of {calendar.name}."
    before = [day for day in open_days(asked) if day < bars.start.date()]
    if before:
        yield f"There is nothing before {bars.start:%Y-%m-%d}: {len(before)} trading day(s)."
