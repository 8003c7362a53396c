"""Work out what the columns of a table mean, with how sure that is and why."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from quantloom.data.readers.day_orders import settle_dates
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
from quantloom.data.readers.naming import (
    adjustment_of_name,
    bare_name,
    day_of_name,
    symbol_of_cell,
    symbol_of_name,
)
from quantloom.data.readers.profiles import Profile, profile
from quantloom.data.readers.raw import RawTable, UnreadableFile
from quantloom.data.readers.roles import assign_roles
from quantloom.data.readers.sheets import (
    Sheet,
    first_block,
    is_midnight,
    known_times,
    member_of,
    price_scale,
    rows_of_one,
    wall_of,
)
from quantloom.data.readers.strangers import refuse_by_shape, refuse_others
from quantloom.data.readers.units import Figures, read_adjustment, read_units
from quantloom.data.readers.written import Moments
from quantloom.data.readers.zones import hours_of
from quantloom.kit import from_ns
from quantloom.market import Timeframe, usual_timeframe

SAMPLE = 20_000
"""Rows that detection looks at, most of them from the head of the file."""

_SURE = 0.5
_DAILY = "1d"
_USUAL = 0.4


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
        WrongDates: the order of day and month was said to be one that cannot be.
    """
    sheet = _sheet(table, hints or Hints())
    refuse_others(sheet)
    # Whichever of day and month comes first, the year that contracts are told by is the same.
    symbol, symbols = _symbol(sheet, wall_of(sheet))
    dates = settle_dates(sheet, symbols)
    wall = wall_of(sheet)
    day = _day(sheet, wall)
    length = _timeframe(sheet, wall)
    hours = hours_of(sheet, wall, length.value, symbols)
    figures = _figures(sheet, wall)
    name = symbols[0] if symbols else ""
    scale = price_scale(sheet)
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
        dates=dates,
        notes=_notes(sheet),
        source=str(table.path),
    )
    return _asked(_told(found, sheet.hints))


def _sheet(table: RawTable, hints: Hints) -> Sheet:
    sample = table.sample(SAMPLE)
    if not sample.num_rows:
        raise UnreadableFile(table.path, "it has no rows")
    profiles = profile(table.columns, sample, table.form)
    refuse_by_shape(table, profiles)
    kind, roles = assign_roles(table.path, profiles, hints)
    return Sheet(table, hints, profiles, roles, kind)


def _day(sheet: Sheet, wall: Moments) -> Finding[str]:
    if wall.has_date:
        return Finding("")
    if sheet.hints.day:
        return given(sheet.hints.day)
    found = day_of_name(sheet.form.member, sheet.table.path.name)
    if found is None:
        return Finding("", 0.0, ("times of day stand without a date",))
    return Finding(found.isoformat(), 0.85, ("the file's name says so",))


def _last_day(sheet: Sheet, wall: Moments) -> date | None:
    known = known_times(wall)
    if wall.has_date and len(known):
        return from_ns(int(known.max())).date()
    return day_of_name(sheet.form.member, sheet.table.path.name)


def _symbol(sheet: Sheet, wall: Moments) -> tuple[Finding[str], tuple[str, ...]]:
    """The symbol of the file, "" where a column tells, and the symbols that were found."""
    on = _last_day(sheet, wall)
    column = sheet.column(Role.SYMBOL)
    told = sheet.hints.symbol
    # One name cannot be that of several instruments: it says which of them is wanted.
    if told and (column is None or len(column.texts()) == 1):
        return given(told), (told,)
    if column is None:
        name = bare_name(sheet.table.path, member_of(sheet.form))
        folder = sheet.table.path.parent
        found = symbol_of_name(name, on, is_member=bool(member_of(sheet.form)), folder=folder)
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


def _single_text(one: Profile | None) -> str:
    texts = one.texts() if one is not None else []
    return texts[0] if len(texts) == 1 else ""


def _timeframe(sheet: Sheet, wall: Moments) -> Finding[str]:
    if sheet.kind != "bars":
        return Finding("")
    times = first_block(sheet, wall)
    told = sheet.hints.timeframe
    if told:
        demand_length(sheet.table.path, told, times, is_dates=is_midnight(wall))
        return given(told)
    if len(times) < 2:
        length = _DAILY if is_midnight(wall) else "1m"
        return Finding(length, 0.3, ("a single time tells no distance",))
    unit = usual_timeframe(times)
    steps = np.diff(times)
    share = float((steps == unit.ns).mean())
    if share < _USUAL and unit.is_intraday:
        # Where hardly two bars follow each other, all of them still stand on the bar's grid.
        unit = usual_timeframe(np.array([0, np.gcd.reduce(steps)]))
    if unit.seconds < 86_400 and is_midnight(wall):
        unit = Timeframe(1, "d")
    why = f"{share:.0%} of the rows are {unit} apart"
    return Finding(str(unit), min(0.6 + 0.4 * share, 0.99), (why,))


def _figures(sheet: Sheet, wall: Moments) -> Figures | None:
    """Figures of one instrument, the oldest first."""
    prices = [sheet.column(role) for role in (Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)]
    if any(one is None for one in prices):
        return None
    rows = rows_of_one(sheet, wall)
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


def _in_lots(sheet: Sheet) -> bool:
    volume = sheet.column(Role.VOLUME) or sheet.column(Role.SIZE)
    return volume is not None and volume.named.in_lots


def _adjustment(sheet: Sheet, figures: Figures | None, symbol: str) -> Finding[str]:
    if sheet.hints.adjustment:
        return given(sheet.hints.adjustment)
    told = adjustment_of_name(bare_name(sheet.table.path, member_of(sheet.form)))
    if told is not None:
        return Finding(told, 0.8, ("the file's name says so",))
    if figures is None:
        return Finding("none", 0.9)
    return read_adjustment(figures, symbol)


def _kind(sheet: Sheet) -> Finding[str]:
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


def _scaled(sheet: Sheet) -> tuple[ColumnRole, ...]:
    """Units that stand in a column's name, such as 万元, are undone column by column."""
    return tuple(
        replace(one, scale=sheet.profiles[place].named.scale)
        if one.role in {Role.VOLUME, Role.TURNOVER, Role.SIZE, Role.OPEN_INTEREST}
        else one
        for place, one in enumerate(sheet.roles.done())
    )


def _notes(sheet: Sheet) -> tuple[str, ...]:
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


_WHICH = "Which is it, day-first or month-first?"


def _asked(found: Mapping) -> Mapping:
    """Ask the one thing that matters most, where something that matters is not sure."""
    questions: list[Question] = []
    if found.day.confidence == 0:
        text = "The times have no date. Which day are they of (YYYY-MM-DD)?"
        questions.append(Question(about="day", text=text, flag="--day"))
    elif found.dates.confidence == 0:
        text = f"Its dates read both ways: {found.dates.reasons[0]}. {_WHICH}"
        questions.append(Question(about="dates", text=text, flag="--dates"))
    elif found.symbol.confidence < _SURE:
        text = "What does the file hold? Neither its columns nor its name tell a known symbol."
        # A name that symbols cannot spell makes none that anybody would know again.
        is_spelled = Path(found.source).name.isascii()
        default = (found.symbol.value or None) if is_spelled else None
        questions.append(Question(about="symbol", text=text, flag="--symbol", default=default))
    return replace(found, questions=tuple(questions))
