"""Work out what the columns of a table mean, with how sure that is and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from quantloom.data.arrow import ints
from quantloom.data.readers.given import Roles
from quantloom.data.readers.hours import NEW_YORK, SHANGHAI, Reading, home_of, read_hours
from quantloom.data.readers.lengths import demand_length
from quantloom.data.readers.mapping import (
    ColumnRole,
    Finding,
    Hints,
    Mapping,
    Question,
    Role,
    given,
)
from quantloom.data.readers.moments import NS_PER_DAY, Moments, Written, is_instant
from quantloom.data.readers.naming import (
    adjustment_of_name,
    bare_name,
    day_of_name,
    symbol_of_cell,
    symbol_of_name,
)
from quantloom.data.readers.profiles import Profile, profile
from quantloom.data.readers.raw import Form, RawTable, UnreadableFile
from quantloom.data.readers.roles import assign_roles
from quantloom.data.readers.rows import joined
from quantloom.data.readers.units import (
    Figures,
    read_adjustment,
    read_price_scale,
    read_units,
)
from quantloom.errors import Invalid
from quantloom.kit import IntArray, from_ns
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import BadTimeframe, Timeframe, usual_timeframe
from quantloom.market.sessions import local_ns

SAMPLE = 20_000
"""Rows that detection looks at, most of them from the head of the file."""

_SURE = 0.5
_HOUR_NS = 3_600 * NS_PER_SECOND
_DAILY = "1d"
_USUAL = 0.4
_SESSION = Finding("session", 1.0, ("bars of a day and longer carry their session's date",))


class NotMarketData(Invalid):
    """A table that holds something, but neither bars nor ticks."""

    code = "data.not_market_data"

    def __init__(self, path: Path, holds: str, advice: str) -> None:
        super().__init__(path, holds, advice)
        self.path, self.holds, self.advice = path, holds, advice

    def __str__(self) -> str:
        return f"{self.path} holds {self.holds}, neither bars nor ticks; {self.advice}"


@dataclass(slots=True)
class _Sheet:
    """A sample with its roles, times and hints: what detection hands around."""

    table: RawTable
    hints: Hints
    profiles: Sequence[Profile]
    roles: Roles
    kind: str

    @property
    def form(self) -> Form:
        return self.table.form

    def column(self, role: Role) -> Profile | None:
        return self.roles.of(role)

    def written(self, role: Role) -> str:
        one = self.roles.of(role)
        return "" if one is None else self.roles.found[one.place].written


# Damaged numbers overflow anywhere; what comes of them is counted, not warned of.
@np.errstate(all="ignore")
def detect(table: RawTable, *, hints: Hints | None = None) -> Mapping:
    """Work out what the columns of a table mean, from some rows of it.

    Args:
        hints: what is known already; none of that is worked out again.
    Raises:
        UnreadableFile: the table is damaged, or has no rows.
        ColumnsMissing, ColumnTwice: its columns make neither bars nor ticks.
        NotMarketData: it is known to be something else.
        BadMapping: a hint that does not fit the table.
    """
    sheet = _sheet(table, hints or Hints())
    _refuse_others(sheet)
    wall = _wall(sheet)
    day = _day(sheet, wall)
    symbol, symbols = _symbol(sheet, wall)
    length = _timeframe(sheet, wall)
    hours = _hours(sheet, wall, length.value, symbols)
    figures = _figures(sheet, wall)
    name = symbols[0] if symbols else ""
    scale = _price_scale(sheet)
    units = read_units(figures, name, in_lots=_in_lots(sheet)) if figures else None
    columns = _scaled(sheet)
    found = Mapping(
        kind=_kind(sheet),
        columns=columns,
        timeframe=length,
        label=hours.label,
        zone=hours.zone,
        price_scale=scale,
        volume_lot=units.volume if units else Finding(1.0),
        turnover_scale=units.turnover if units else Finding(1.0),
        adjustment=_adjustment(sheet, figures, name),
        symbol=symbol,
        day=day,
        notes=_notes(sheet),
        source=str(table.path),
    )
    return _asked(_told(found, sheet.hints))


def _sheet(table: RawTable, hints: Hints) -> _Sheet:
    sample = table.sample(SAMPLE)
    if not sample.num_rows:
        raise UnreadableFile(table.path, "it has no rows")
    profiles = profile(table.columns, sample, table.form)
    _refuse_by_shape(table, profiles)
    kind, roles = assign_roles(table.path, profiles, hints)
    return _Sheet(table, hints, profiles, roles, kind)


# Tables that are known to be something else.
def _refuse_by_shape(table: RawTable, profiles: Sequence[Profile]) -> None:
    if len(profiles) == 1:
        holds = "a single column" + (" of text" if not profiles[0].is_number else "")
        raise NotMarketData(table.path, holds, "give a file with times and prices")
    if any(one.name for one in profiles):
        return
    days = profiles[0].times(may_be_clock=False)
    if days[1] == 1 and days[0] is Written.YMD and _is_factors(profiles):
        advice = "LEAN keeps them beside its raw prices; import those"
        raise NotMarketData(table.path, "adjustment factors by date", advice)
    if days[1] == 1 and not any(one.is_number for one in profiles[1:]):
        advice = "LEAN keeps them to follow a ticker through its changes; import the prices"
        raise NotMarketData(table.path, "names by date", advice)
    if len(profiles) == 2 and all(one.is_number for one in profiles):
        advice = "open interest and the like is read beside bars, as a column of their file"
        raise NotMarketData(table.path, "one number for each time", advice)


def _is_factors(profiles: Sequence[Profile]) -> bool:
    """A price factor that only grows, up to one, at days that are far apart."""
    if len(profiles) not in {3, 4} or not all(one.is_number for one in profiles):
        return False
    days, factors = profiles[0].values, profiles[1].values
    is_sparse = len(days) > 1 and float(np.median(np.diff(days))) > 8
    return is_sparse and bool(factors.max() <= 1) and bool((np.diff(factors) >= 0).all())


def _refuse_others(sheet: _Sheet) -> None:
    """Funding rates stand in the open of what else would be bars of nothing."""
    others = [sheet.column(role) for role in (Role.HIGH, Role.LOW, Role.CLOSE, Role.VOLUME)]
    first = sheet.column(Role.OPEN)
    if first is None or any(one is None or one.values.any() for one in others):
        return
    if first.values.any() and np.abs(first.values).max() < 1:
        advice = "read them by read_funding and give them to the backtest of a perpetual"
        raise NotMarketData(sheet.table.path, "funding rates", advice)


def _known(wall: Moments) -> IntArray:
    """Times of the rows that have one."""
    return wall.ns[~wall.unreadable]


def _wall(sheet: _Sheet) -> Moments:
    """Times of the sample as the source's clock showed them; dates and clocks put together."""
    read = {
        role: one.moments(sheet.written(role))
        for role in (Role.TIME, Role.DATE, Role.CLOCK)
        if (one := sheet.column(role)) is not None
    }
    if Role.TIME in read:
        return read[Role.TIME]
    if Role.DATE in read and Role.CLOCK in read:
        return joined(read[Role.DATE], read[Role.CLOCK])
    return read.get(Role.DATE) or read[Role.CLOCK]


def _day(sheet: _Sheet, wall: Moments) -> Finding[str]:
    if wall.has_date:
        return Finding("")
    if sheet.hints.day:
        return given(sheet.hints.day)
    found = day_of_name(sheet.form.member, sheet.table.path.name)
    if found is None:
        return Finding("", 0.0, ("times of day stand without a date",))
    return Finding(found.isoformat(), 0.85, ("the file's name says so",))


def _last_day(sheet: _Sheet, wall: Moments) -> date | None:
    known = _known(wall)
    if wall.has_date and len(known):
        return from_ns(int(known.max())).date()
    return day_of_name(sheet.form.member, sheet.table.path.name)


def _symbol(sheet: _Sheet, wall: Moments) -> tuple[Finding[str], tuple[str, ...]]:
    """The symbol of the file, "" where a column tells, and the symbols that were found."""
    on = _last_day(sheet, wall)
    column = sheet.column(Role.SYMBOL)
    told = sheet.hints.symbol
    # One name cannot be that of several instruments: it says which of them is wanted.
    if told and (column is None or len(column.texts()) == 1):
        return given(told), (told,)
    if column is None:
        name = bare_name(sheet.table.path, _member(sheet.form))
        folder = sheet.table.path.parent
        found = symbol_of_name(name, on, is_member=bool(_member(sheet.form)), folder=folder)
        return found, (found.value,)
    venue = _single_text(sheet.column(Role.VENUE))
    cells = column.texts()[:200]
    symbols = tuple(dict.fromkeys(symbol_of_cell(cell, venue, on) for cell in cells))
    if not symbols:
        return Finding("", 0.3, ("the column of symbols is empty",)), ()
    why = f"column {column.name!r} names {len(symbols)} of them"
    if len(symbols) == 1:
        return Finding(symbols[0], 0.95, (f"column {column.name!r} says {cells[0]!r}",)), symbols
    return Finding("", 0.95, (why,)), symbols


def _member(form: Form) -> str | None:
    """A part of an archive is named for what it holds; a sheet or a key hardly ever is."""
    return form.member if form.compression == "zip" and form.member else None


def _single_text(one: Profile | None) -> str:
    texts = one.texts() if one is not None else []
    return texts[0] if len(texts) == 1 else ""


def _timeframe(sheet: _Sheet, wall: Moments) -> Finding[str]:
    if sheet.kind != "bars":
        return Finding("")
    times = _first_block(sheet, wall)
    told = sheet.hints.timeframe
    if told:
        demand_length(sheet.table.path, told, times, is_dates=_is_midnight(wall))
        return given(told)
    if len(times) < 2:
        length = _DAILY if _is_midnight(wall) else "1m"
        return Finding(length, 0.3, ("a single time tells no distance",))
    unit = usual_timeframe(times)
    steps = np.diff(times)
    share = float((steps == unit.ns).mean())
    if share < _USUAL and unit.is_intraday:
        # Where hardly two bars follow each other, all of them still stand on the bar's grid.
        unit = usual_timeframe(np.array([0, np.gcd.reduce(steps)]))
    if unit.seconds < 86_400 and _is_midnight(wall):
        unit = Timeframe(1, "d")
    why = f"{share:.0%} of the rows are {unit} apart"
    return Finding(str(unit), min(0.6 + 0.4 * share, 0.99), (why,))


def _first_block(sheet: _Sheet, wall: Moments) -> IntArray:
    """Different times of the instrument that has most rows, where several are mixed."""
    column = sheet.column(Role.SYMBOL)
    if column is None:
        return np.unique(_known(wall))
    rows = _codes(column)
    most = int(np.bincount(rows).argmax()) if len(rows) else 0
    found: IntArray = np.unique(wall.ns[(rows == most) & ~wall.unreadable])
    return found


def _codes(column: Profile) -> IntArray:
    """A number for each different cell."""
    coded: Any = column.cells.cast(pa.string()).combine_chunks().dictionary_encode()
    return ints(pa.chunked_array([coded.indices]))


def _is_midnight(wall: Moments) -> bool:
    return wall.has_date and not (_known(wall) % NS_PER_DAY).any() and wall.offset is None


def _hours(sheet: _Sheet, wall: Moments, length: str, symbols: Sequence[str]) -> Reading:
    venue, code = _venue(symbols)
    named = _zone_named(sheet, wall, symbols)
    if sheet.kind != "bars":
        zone = named or _zone_of_ticks(wall, venue, code)
        return Reading(zone, Finding("open"))
    try:
        unit = Timeframe.parse(length)
    except BadTimeframe:
        return Reading(named or Finding("UTC", 0.4), Finding("open", 0.4))
    if not unit.is_intraday:
        said = given(sheet.hints.zone) if sheet.hints.zone else None
        return Reading(said or _zone_of_days(wall, venue, code), _SESSION)
    known = sheet.hints.zone or (named.value if named else None)
    times = _first_block(sheet, wall)
    if not wall.has_date:
        # A day of its own, in winter and no holiday, so that its edges fall as on any other.
        times = times + 20_100 * NS_PER_DAY
    if wall.offset is not None:
        label = _label_of_instants(wall, unit.ns, venue, code)
        return Reading(named or _zone_written(), label)
    found = read_hours(times, unit.ns, venue=venue, code=code, zone=known)
    return Reading(named or found.zone, found.label)


def _venue(symbols: Sequence[str]) -> tuple[str, str]:
    if not symbols:
        return "", ""
    code, _, venue = symbols[0].rpartition(".")
    return ("", "") if venue == "LOCAL" else (venue, code)


def _label_of_instants(wall: Moments, length_ns: int, venue: str, code: str) -> Finding[str]:
    """Times that carry their offset need no zone, only a label."""
    assert wall.offset is not None  # noqa: S101  the caller has asked
    instants = np.unique((wall.ns - wall.offset)[~wall.unreadable])
    return read_hours(instants, length_ns, venue=venue, code=code, zone="UTC").label


def _zone_written() -> Finding[str]:
    return Finding("UTC", 1.0, ("the times carry their own offset",))


def _zone_named(sheet: _Sheet, wall: Moments, symbols: Sequence[str]) -> Finding[str] | None:
    """A zone that was given, is written in the cells, or stands in a column's name."""
    if sheet.hints.zone:
        return given(sheet.hints.zone)
    if wall.offset is not None:
        return _zone_written()
    for role in (Role.TIME, Role.DATE, Role.CLOCK):
        one = sheet.column(role)
        if one is not None and "utc" in one.name.lower():
            return Finding("UTC", 0.97, (f"column {one.name!r} says so",))
    return _zone_by_second_column(sheet, wall) or _zone_of_lean(sheet, wall, symbols)


def _zone_by_second_column(sheet: _Sheet, wall: Moments) -> Finding[str] | None:
    """A second column that counts from 1970 tells how far ahead of UTC the first one is."""
    for one in sheet.profiles:
        role = sheet.roles.found[one.place].role
        if role is not Role.IGNORED or Role.TIME not in one.named.roles:
            continue
        written, share = one.times()
        if share < 1 or not is_instant(written):
            continue
        ahead = np.unique((wall.ns - one.moments(written).ns)[~wall.unreadable])
        if len(ahead) == 1 and ahead[0] == 8 * _HOUR_NS:
            return Finding(SHANGHAI, 0.97, (f"it is 8 hours ahead of column {one.name!r}",))
    return None


def _zone_of_lean(sheet: _Sheet, wall: Moments, symbols: Sequence[str]) -> Finding[str] | None:
    """LEAN writes milliseconds of the day of the market's own clock."""
    if not _is_lean(sheet) or wall.has_date:
        return None
    venue, code = _venue(symbols)
    home = home_of(venue, code)
    if home is None:
        if _is_scaled(sheet) or not _fills_day(wall):
            return Finding(NEW_YORK, 0.7, ("LEAN writes the clock of the market",))
        return Finding("UTC", 0.5, ("LEAN writes the clock of the market, here around the clock",))
    return Finding(home, 0.85, ("LEAN writes the clock of the market",))


def _fills_day(wall: Moments) -> bool:
    minutes = _known(wall) // (60 * NS_PER_SECOND)
    return bool(len(minutes)) and bool(minutes.max() - minutes.min() > 1_300)


def _zone_of_ticks(wall: Moments, venue: str, code: str) -> Finding[str]:
    home = home_of(venue, code)
    if home is not None:
        return Finding(home, 0.75, ("the clock of the symbol's market",))
    guess = _zone_by_opening(wall)
    return guess or Finding("UTC", 0.4, ("times carry no zone and were read as UTC",))


def _zone_by_opening(wall: Moments) -> Finding[str] | None:
    """Foreign exchange opens at 17:00 in New York, Chinese markets at 09:00 to 09:30."""
    first = _known(wall)[:1] % NS_PER_DAY
    if not len(first):
        return None
    hour, minute = int(first[0]) // _HOUR_NS, int(first[0]) // (60 * NS_PER_SECOND) % 60
    if hour == 17 and minute == 0:
        why = "the first tick comes at 17:00, when foreign exchange opens in New York"
        return Finding("Etc/GMT+5", 0.6, (why,))
    return None


def _zone_of_days(wall: Moments, venue: str, code: str) -> Finding[str]:
    """The zone whose midnight daily bars begin at; the market's own where dates stand alone."""
    if wall.offset is not None and not (_known(wall) % NS_PER_DAY).any():
        return Finding("UTC", 1.0, ("bars begin at midnight as written",))
    if wall.offset is not None and len(_known(wall)):
        utc = (wall.ns - wall.offset)[~wall.unreadable]
        for zone in (SHANGHAI, NEW_YORK):
            if not ((_local(utc, zone)) % NS_PER_DAY).any():
                return Finding(zone, 0.9, (f"bars begin at midnight in {zone}",))
    home = home_of(venue, code)
    return Finding(home or "UTC", 1.0, ("dates need no zone",))


def _local(utc: IntArray, zone: str) -> IntArray:
    return local_ns(utc, ZoneInfo(zone)) if len(utc) else utc


# Figures.
def _is_lean(sheet: _Sheet) -> bool:
    """No header, and times as only LEAN writes them."""
    if any(one.name for one in sheet.profiles):
        return False
    if sheet.written(Role.CLOCK) == Written.DAY_MILLIS:
        return True
    time = sheet.column(Role.TIME) or sheet.column(Role.DATE)
    if time is None or sheet.form.kind != "text":
        return False
    return all(len(text) == 14 and text[8] == " " and text[11] == ":" for text in time.texts()[:9])


def _is_scaled(sheet: _Sheet) -> bool:
    return _price_scale(sheet).value != 1.0


def _price_scale(sheet: _Sheet) -> Finding[float]:
    if sheet.hints.price_scale is not None:
        return given(sheet.hints.price_scale)
    prices = [one.numbers for one in sheet.profiles if sheet.roles.found[one.place].role in _PRICED]
    if not prices:
        return Finding(1.0)
    return read_price_scale(np.concatenate(prices), is_lean=_is_lean(sheet))


_PRICED = (
    Role.OPEN,
    Role.HIGH,
    Role.LOW,
    Role.CLOSE,
    Role.BID_OPEN,
    Role.BID_CLOSE,
    Role.ASK_OPEN,
    Role.ASK_CLOSE,
)


def _figures(sheet: _Sheet, wall: Moments) -> Figures | None:
    """Figures of one instrument, the oldest first."""
    prices = [sheet.column(role) for role in (Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)]
    if any(one is None for one in prices):
        return None
    rows = _rows_of_one(sheet, wall)
    volume, turnover = sheet.column(Role.VOLUME), sheet.column(Role.TURNOVER)
    adjusted = sheet.column(Role.ADJ_CLOSE)
    first, high, low, last = (one.numbers[rows] for one in prices if one is not None)
    return Figures(
        first,
        high,
        low,
        last,
        volume=None if volume is None else volume.numbers[rows],
        turnover=None if turnover is None else turnover.numbers[rows] * turnover.named.scale,
        adj_close=None if adjusted is None else adjusted.numbers[rows],
    )


def _rows_of_one(sheet: _Sheet, wall: Moments) -> IntArray:
    column = sheet.column(Role.SYMBOL)
    rows = np.arange(len(wall.ns))
    if column is not None:
        of = _codes(column)
        rows = rows[of == of[0]] if len(of) else rows
    order = np.argsort(wall.ns[rows], kind="stable")
    kept: IntArray = rows[order]
    return kept


def _in_lots(sheet: _Sheet) -> bool:
    volume = sheet.column(Role.VOLUME) or sheet.column(Role.SIZE)
    return volume is not None and volume.named.in_lots


def _adjustment(sheet: _Sheet, figures: Figures | None, symbol: str) -> Finding[str]:
    if sheet.hints.adjustment:
        return given(sheet.hints.adjustment)
    told = adjustment_of_name(bare_name(sheet.table.path, _member(sheet.form)))
    if told is not None:
        return Finding(told, 0.8, ("the file's name says so",))
    if figures is None:
        return Finding("none", 0.9)
    return read_adjustment(figures, symbol)


def _kind(sheet: _Sheet) -> Finding[str]:
    if sheet.hints.kind:
        return given(sheet.hints.kind)
    places = [one for one in sheet.roles.found.values() if one.role not in _UNTELLING]
    sure = min((one.confidence for one in places), default=0.5)
    return Finding(sheet.kind, sure, (_WHY.get(sheet.kind, ""),))


_UNTELLING = (Role.IGNORED, Role.EXTRA, Role.VOLUME, Role.SYMBOL, Role.VENUE)
_WHY = {
    "bars": "it has open, high, low and close",
    "ticks": "it has best prices, a last price and the day's volume so far",
    "trades": "it has a price and a size in each row",
    "quotes": "it has bid and ask in each row",
    "book": "each row sets one level of the book",
}


def _scaled(sheet: _Sheet) -> tuple[ColumnRole, ...]:
    """Units that stand in a column's name, such as 万元, are undone column by column."""
    return tuple(
        replace(one, scale=sheet.profiles[place].named.scale)
        if one.role in {Role.VOLUME, Role.TURNOVER, Role.SIZE, Role.OPEN_INTEREST}
        else one
        for place, one in enumerate(sheet.roles.done())
    )


def _notes(sheet: _Sheet) -> tuple[str, ...]:
    notes = []
    if sheet.kind == "bars" and sheet.column(Role.VOLUME) is None:
        notes.append("There is no volume column.")
    ignored = [one.name for one in sheet.roles.done() if one.role is Role.IGNORED and one.name]
    if ignored:
        notes.append(f"Columns left alone: {', '.join(map(repr, ignored))}.")
    return tuple(notes)


def _told(found: Mapping, hints: Hints) -> Mapping:
    """Put what was said over what was found."""
    names = ("label", "zone", "volume_lot", "turnover_scale", "price_scale", "adjustment")
    said: dict[str, Any] = {
        name: given(getattr(hints, name)) for name in names if getattr(hints, name) is not None
    }
    return replace(found, **said)


def _asked(found: Mapping) -> Mapping:
    """Ask the one thing that matters most, where something that matters is not sure."""
    questions: list[Question] = []
    if found.day.confidence == 0:
        text = "The times have no date. Which day are they of (YYYY-MM-DD)?"
        questions.append(Question(about="day", text=text, flag="--day"))
    elif found.symbol.confidence < _SURE:
        text = "What does the file hold? Neither its columns nor its name tell a known symbol."
        default = found.symbol.value or None
        questions.append(Question(about="symbol", text=text, flag="--symbol", default=default))
    return replace(found, questions=tuple(questions))
