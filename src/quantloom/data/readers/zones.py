"""Zone and label of a table's times: as written, by the market, or by its sessions."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np

from quantloom.data.readers.hours import NEW_YORK, SHANGHAI, Reading, home_of, read_hours
from quantloom.data.readers.mapping import Finding, Role, given
from quantloom.data.readers.sheets import Sheet, first_block, is_lean, is_scaled, known_times
from quantloom.data.readers.written import NS_PER_DAY, Moments, is_instant
from quantloom.kit import IntArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import BadTimeframe, Timeframe
from quantloom.market.sessions import local_ns

_HOUR_NS = 3_600 * NS_PER_SECOND
_SESSION = Finding("session", 1.0, ("bars of a day and longer carry their session's date",))


def hours_of(sheet: Sheet, wall: Moments, length: str, symbols: Sequence[str]) -> Reading:
    """Work out the zone and the label of a table's times."""
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
    times = first_block(sheet, wall)
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


def _zone_named(sheet: Sheet, wall: Moments, symbols: Sequence[str]) -> Finding[str] | None:
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


def _zone_by_second_column(sheet: Sheet, wall: Moments) -> Finding[str] | None:
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


def _zone_of_lean(sheet: Sheet, wall: Moments, symbols: Sequence[str]) -> Finding[str] | None:
    """LEAN writes milliseconds of the day of the market's own clock."""
    if not is_lean(sheet) or wall.has_date:
        return None
    venue, code = _venue(symbols)
    home = home_of(venue, code)
    if home is None:
        if is_scaled(sheet) or not _fills_day(wall):
            return Finding(NEW_YORK, 0.7, ("LEAN writes the clock of the market",))
        return Finding("UTC", 0.5, ("LEAN writes the clock of the market, here around the clock",))
    return Finding(home, 0.85, ("LEAN writes the clock of the market",))


def _fills_day(wall: Moments) -> bool:
    minutes = known_times(wall) // (60 * NS_PER_SECOND)
    return bool(len(minutes)) and bool(minutes.max() - minutes.min() > 1_300)


def _zone_of_ticks(wall: Moments, venue: str, code: str) -> Finding[str]:
    home = home_of(venue, code)
    if home is not None:
        return Finding(home, 0.75, ("the clock of the symbol's market",))
    guess = _zone_by_opening(wall)
    return guess or Finding("UTC", 0.4, ("times carry no zone and were read as UTC",))


def _zone_by_opening(wall: Moments) -> Finding[str] | None:
    """Foreign exchange opens at 17:00 in New York, Chinese markets at 09:00 to 09:30."""
    first = known_times(wall)[:1] % NS_PER_DAY
    if not len(first):
        return None
    hour, minute = int(first[0]) // _HOUR_NS, int(first[0]) // (60 * NS_PER_SECOND) % 60
    if hour == 17 and minute == 0:
        why = "the first tick comes at 17:00, when foreign exchange opens in New York"
        return Finding("Etc/GMT+5", 0.6, (why,))
    return None


def _zone_of_days(wall: Moments, venue: str, code: str) -> Finding[str]:
    """The zone whose midnight daily bars begin at; the market's own where dates stand alone."""
    if wall.offset is not None and not (known_times(wall) % NS_PER_DAY).any():
        return Finding("UTC", 1.0, ("bars begin at midnight as written",))
    if wall.offset is not None and len(known_times(wall)):
        utc = (wall.ns - wall.offset)[~wall.unreadable]
        for zone in (SHANGHAI, NEW_YORK):
            if not ((_local(utc, zone)) % NS_PER_DAY).any():
                return Finding(zone, 0.9, (f"bars begin at midnight in {zone}",))
    home = home_of(venue, code)
    return Finding(home or "UTC", 1.0, ("dates need no zone",))


def _local(utc: IntArray, zone: str) -> IntArray:
    return local_ns(utc, ZoneInfo(zone)) if len(utc) else utc
