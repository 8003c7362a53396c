"""Find the columns of times: an instant is best, then a date with its time of day, then either."""

from collections.abc import Sequence

from quantloom.data.readers.given import TIMES, Roles
from quantloom.data.readers.mapping import Role
from quantloom.data.readers.names import plain_name
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.written import Written, holds_date, is_instant

_READABLE = 0.8
_NAMED = 0.45


def assign_times(roles: Roles) -> None:
    """Give columns of times their roles; those that say the same again are left alone."""
    if roles.has(Role.TIME) or roles.has(Role.DATE):
        return
    read = {one.place: _read_times(one) for one in roles.free() if _may_be_time(one, roles)}
    good = {place: found for place, found in read.items() if found[1] >= _least(roles, place)}
    dated = [place for place, found in good.items() if _has_date(roles, place, found[0])]
    clocks = [place for place in good if place not in dated]
    _name_received(roles, dated, good)
    main = _main_time(roles, dated, good)
    if main is None:
        if clocks and not roles.has(Role.CLOCK):
            _give_time(roles, clocks[0], Role.CLOCK, good)
        return
    is_day = _only_dates(roles, main, good[main][0])
    if is_day and clocks:
        _give_time(roles, main, Role.DATE, good)
        _give_time(roles, clocks[0], Role.CLOCK, good)
    else:
        _give_time(roles, main, Role.DATE if is_day else Role.TIME, good)
    for place in (*dated, *clocks):
        if place not in roles.found:
            roles.give(place, Role.IGNORED, reason="a second column of times")


def _least(roles: Roles, place: int) -> float:
    """Which share of the cells must be times; a name makes up for some that are none."""
    return _NAMED if set(roles.profiles[place].named.roles) & set(TIMES) else _READABLE


def _may_be_time(one: Profile, roles: Roles) -> bool:
    """Names tell; without one, what looks neither like a price nor like a mere count of rows."""
    if set(one.named.roles) & {Role.TIME, Role.DATE, Role.CLOCK, Role.RECEIVED}:
        return True
    if one.named.roles or one.named.level:
        return False
    if any(
        Role.TIME in other.named.roles or Role.DATE in other.named.roles for other in roles.profiles
    ):
        return False
    return not one.name or not one.is_number or one.place == 0


def _read_times(one: Profile) -> tuple[Written, float]:
    """How it writes times; a time of day only where it is called one or stands first."""
    is_nameless = not one.name and one.place == 0
    is_text = not one.is_number
    may_be_clock = Role.CLOCK in one.named.roles or is_nameless or is_text
    written, share = one.times(may_be_clock=may_be_clock)
    if is_nameless and not is_text and one.is_counter and _holds_clock(written):
        return written, 0.0
    if one.name and not one.named.roles and one.is_number and not is_text:
        share = share if is_instant(written) or written in _STRICT else 0.0
    return written, share


_STRICT = (Written.YMD, Written.YMD_HM, Written.YMD_HMS, Written.YMD_HMSF)


def _holds_clock(written: Written) -> bool:
    return not holds_date(written)


def _has_date(roles: Roles, place: int, written: Written) -> bool:
    return holds_date(written) and roles.profiles[place].moments(written).has_date


def _only_dates(roles: Roles, place: int, written: Written) -> bool:
    if is_instant(written):
        return False
    found = roles.profiles[place].moments(written)
    return not (found.ns % 86_400_000_000_000).any()


def _name_received(roles: Roles, dated: list[int], good: dict[int, tuple[Written, float]]) -> None:
    for place in list(dated):
        is_named = roles.profiles[place].named.roles[:1] == (Role.RECEIVED,)
        if is_named and len(dated) > 1:
            _give_time(roles, place, Role.RECEIVED, good)
            dated.remove(place)


def _main_time(
    roles: Roles, dated: Sequence[int], good: dict[int, tuple[Written, float]]
) -> int | None:
    """The best of several: one that needs no zone, then one with a time of day."""

    def merit(place: int) -> tuple[bool, bool, bool, int]:
        one, written = roles.profiles[place], good[place][0]
        return (
            is_instant(written) or one.moments(written).offset is not None,
            not _only_dates(roles, place, written),
            Role.TIME in one.named.roles or plain_name(one.name) in {"date", "日期"},
            -place,
        )

    return max(dated, key=merit) if dated else None


def _give_time(
    roles: Roles, place: int, role: Role, good: dict[int, tuple[Written, float]]
) -> None:
    written, share = good[place]
    how = "times" if written in {Written.TEXT, Written.ISO, Written.TYPED} else str(written)
    name = roles.profiles[place].name
    reason = f"named {name!r} and holds {how}" if name else f"holds {how}"
    roles.give(place, role, confidence=min(share, 1.0), reason=reason, written=str(written))
