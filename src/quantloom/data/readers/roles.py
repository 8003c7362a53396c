"""Give every column of a table its role: by its name where that helps, else by what it holds."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from quantloom.data.readers.given import (
    ASKS,
    BIDS,
    DISTANCES,
    OF_LEVELS,
    PRICES,
    TIMES,
    ColumnsMissing,
    ColumnTwice,
    Roles,
)
from quantloom.data.readers.mapping import BadMapping, Hints, Role, parse_role
from quantloom.data.readers.names import plain_name
from quantloom.data.readers.pricing import assign_values
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.timing import assign_times


def assign_roles(path: Path, profiles: Sequence[Profile], hints: Hints) -> tuple[str, Roles]:
    """Give every column a role and the table a kind.

    Raises:
        ColumnsMissing: neither bars nor ticks can be made of the columns.
        ColumnTwice: two columns bear one name that matters.
        BadMapping: a hint names a column that is not there.
    """
    _refuse_doubles(path, profiles, hints)
    roles = Roles(path, profiles)
    _obey(roles, hints)
    assign_times(roles)
    _assign_labels(roles)
    kind = hints.kind or assign_values(roles)
    if hints.kind:
        assign_values(roles)
    _assign_rest(roles, kind)
    _demand(roles, kind)
    return kind, roles


def _refuse_doubles(path: Path, profiles: Sequence[Profile], hints: Hints) -> None:
    seen: set[str] = set()
    for one in profiles:
        name = plain_name(one.name)
        matters = one.named.roles and f"#{one.place}" not in hints.columns
        if name in seen and matters:
            raise ColumnTwice(path, one.name)
        seen.add(name)


def _obey(roles: Roles, hints: Hints) -> None:
    by_name = {one.name: one.place for one in reversed(roles.profiles) if one.name}
    by_name |= {one.name.lower(): one.place for one in reversed(roles.profiles) if one.name}
    by_name |= {f"#{one.place}": one.place for one in roles.profiles}
    for name, text in hints.columns.items():
        place = by_name.get(name, by_name.get(name.lower()))
        if place is None:
            raise BadMapping(str(roles.path), f"no column is named {name!r}")
        role, level = _role(name, text)
        written = ""
        if role in TIMES:
            written = str(roles.profiles[place].times()[0])
        roles.give(place, role, reason="as given", written=written)
        roles.found[place] = replace(roles.found[place], level=level or int(role in OF_LEVELS))


def _role(name: str, text: str) -> tuple[Role, int]:
    try:
        return parse_role(text)
    except ValueError:
        raise BadMapping(name, f"{text!r} is no role of a column") from None


def _assign_labels(roles: Roles) -> None:
    if not roles.has(Role.SYMBOL):
        named = [one for one in roles.free() if Role.SYMBOL in one.named.roles and one.known]
        # A market may be a venue or an instrument; where there is another, it is the venue.
        named.sort(
            key=lambda one: (Role.VENUE in one.named.roles, one.named.roles[0] is not Role.SYMBOL)
        )
        for one in named[:1]:
            roles.give(one.place, Role.SYMBOL, reason=f"named {one.name!r}")
    for one in roles.free():
        if Role.VENUE in one.named.roles and one.known and not roles.has(Role.VENUE):
            roles.give(one.place, Role.VENUE, reason=f"named {one.name!r}")


def _assign_rest(roles: Roles, kind: str) -> None:
    """What is left: numbers with a name are kept beside the bars, anything else is left alone."""
    seen = {str(one.role) for one in roles.found.values()}
    for one in roles.free():
        name = plain_name(one.name)
        is_extra = kind == "bars" and one.is_number and name and name not in seen
        if is_extra and not _is_row_number(one):
            roles.give(one.place, Role.EXTRA, reason="kept beside the bars")
            seen.add(name)
        else:
            roles.give(one.place, Role.IGNORED, reason="left alone")


def _is_row_number(one: Profile) -> bool:
    return not one.name or (
        one.is_counter and plain_name(one.name) in {"id", "index", "no", "序号"}
    )


def _demand(roles: Roles, kind: str) -> None:
    missing: list[str] = []
    if not any(roles.has(role) for role in (Role.TIME, Role.DATE, Role.CLOCK)):
        missing.append("the time")
    needed: tuple[Role, ...] = PRICES
    if (roles.has(*BIDS) and roles.has(*ASKS)) or roles.has(Role.BIDS, Role.ASKS):
        needed = ()
    elif kind == "book":
        needed = (Role.SIDE, Role.PRICE, Role.SIZE)
    elif kind == "trades":
        needed = (Role.PRICE, Role.SIZE)
    elif roles.has(Role.MID, *DISTANCES):
        needed = ()
    elif kind in {"quotes", "ticks"}:
        needed = (Role.BID, Role.ASK)
    missing += [str(role) for role in needed if not roles.has(role)]
    if missing:
        names = tuple(one.name or f"#{one.place}" for one in roles.profiles)
        raise ColumnsMissing(roles.path, tuple(missing), names)
