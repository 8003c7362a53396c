"""Give every column of a table its role: by its name where that helps, else by what it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from quantloom.data.readers.mapping import BadMapping, ColumnRole, Hints, Role, parse_role
from quantloom.data.readers.moments import Written, holds_date, is_instant
from quantloom.data.readers.names import plain_name
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.shapes import agrees, find_quads, find_sides
from quantloom.errors import Invalid
from quantloom.kit import FloatArray

PRICES = (Role.OPEN, Role.HIGH, Role.LOW, Role.CLOSE)
"""The four prices of a bar."""

_BIDS = (Role.BID_OPEN, Role.BID_HIGH, Role.BID_LOW, Role.BID_CLOSE)
_ASKS = (Role.ASK_OPEN, Role.ASK_HIGH, Role.ASK_LOW, Role.ASK_CLOSE)
_TIMES = (Role.TIME, Role.DATE, Role.CLOCK, Role.RECEIVED)
_READABLE = 0.8
_NAMED = 0.45
_SIDES = {"b", "s", "a", "buy", "sell", "bid", "ask", "买", "卖", "买盘", "卖盘", "neutral", "n"}
_UPDATES = {"snap", "set", "snapshot", "update", "delta", "delete"}
_KINDS = {"limit", "market", "none"}


class ColumnsMissing(Invalid):
    """A table without the columns that bars or ticks need."""

    code = "data.columns_missing"

    def __init__(self, path: Path, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(path, missing, found)
        self.path, self.missing, self.found = path, missing, found

    def __str__(self) -> str:
        names = ", ".join(map(repr, self.found)) or "none"
        return (
            f"{self.path} has no column for {', '.join(self.missing)}; found {names}. Say which "
            "is which by --column NAME=ROLE, or `#0=time` by place where they have no names"
        )


class ColumnTwice(Invalid):
    """Two columns of a file that bear the name of one role."""

    code = "data.column_twice"

    def __init__(self, path: Path, column: str) -> None:
        super().__init__(path, column)
        self.path, self.column = path, column

    def __str__(self) -> str:
        return (
            f"{self.path} has two columns named {self.column!r}; rename one of them, or say by "
            "--column #3=ignored, by its place, which is not to be read"
        )


@dataclass(slots=True)
class Roles:
    """Roles under way: what has been found for each column so far."""

    path: Path
    profiles: Sequence[Profile]
    found: dict[int, ColumnRole] = field(default_factory=dict)

    def give(
        self,
        place: int,
        role: Role,
        *,
        confidence: float = 1.0,
        reason: str = "",
        written: str = "",
    ) -> None:
        """Give a column its role; what it was given before is gone."""
        one = self.profiles[place]
        level = one.named.level if role in _OF_LEVELS else 0
        self.found[place] = ColumnRole(
            name=one.name,
            role=role,
            level=level,
            written=written,
            confidence=confidence,
            reason=reason,
        )

    def of(self, role: Role) -> Profile | None:
        """The first column of a role."""
        place = next((place for place, one in self.found.items() if one.role is role), None)
        return None if place is None else self.profiles[place]

    def has(self, *roles: Role) -> bool:
        return all(self.of(role) is not None for role in roles)

    def free(self) -> list[Profile]:
        """Columns without a role yet."""
        return [one for one in self.profiles if one.place not in self.found]

    def done(self) -> tuple[ColumnRole, ...]:
        return tuple(self.found[one.place] for one in self.profiles)


_OF_LEVELS = {Role.BID, Role.ASK, Role.BID_SIZE, Role.ASK_SIZE}


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
    _assign_times(roles)
    _assign_labels(roles)
    kind = hints.kind or _assign_values(roles)
    if hints.kind:
        _assign_values(roles)
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
        if role in _TIMES:
            written = str(roles.profiles[place].times()[0])
        roles.give(place, role, reason="as given", written=written)
        roles.found[place] = replace(roles.found[place], level=level or int(role in _OF_LEVELS))


def _role(name: str, text: str) -> tuple[Role, int]:
    try:
        return parse_role(text)
    except ValueError:
        raise BadMapping(name, f"{text!r} is no role of a column") from None


# Times: an instant is best, then a date with its time of day, then either alone.
def _assign_times(roles: Roles) -> None:
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
    return _NAMED if set(roles.profiles[place].named.roles) & set(_TIMES) else _READABLE


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


# Symbols and venues.
def _assign_labels(roles: Roles) -> None:
    if not roles.has(Role.SYMBOL):
        named = [one for one in roles.free() if Role.SYMBOL in one.named.roles and one.known]
        # The one that tells most apart, but never one for every row, as numbers of trades are.
        named.sort(key=lambda one: one.named.roles[0] is not Role.SYMBOL)
        for one in named[:1]:
            roles.give(one.place, Role.SYMBOL, reason=f"named {one.name!r}")
    for one in roles.free():
        if one.named.roles[:1] == (Role.VENUE,) and one.known and not roles.has(Role.VENUE):
            roles.give(one.place, Role.VENUE, reason=f"named {one.name!r}")


# Prices, volumes and the rest of what makes a bar or a tick.
def _assign_values(roles: Roles) -> str:
    for assign in (_book_updates, _snapshots, _quotes, _named_bars, _named_trades, _by_shape):
        kind = assign(roles)
        if kind:
            return kind
    return "bars"


def _numbers(roles: Roles, role: Role) -> list[Profile]:
    """Free columns of numbers that their name allows a role, those named for it first."""
    found = [one for one in roles.free() if role in one.named.roles and one.is_number]
    return sorted(found, key=lambda one: one.named.roles.index(role))


def _give_named(roles: Roles, wanted: Iterable[Role]) -> None:
    for role in wanted:
        if roles.has(role):
            continue
        for one in _numbers(roles, role)[:1]:
            roles.give(one.place, role, confidence=0.98, reason=f"named {one.name!r}")


def _named(roles: Roles, role: Role) -> bool:
    return roles.has(role) or bool(_numbers(roles, role))


def _is_side(one: Profile) -> bool:
    texts = {text.lower() for text in one.texts()[:10]}
    return bool(texts) and texts <= _SIDES


def _find_side(roles: Roles) -> None:
    if roles.has(Role.SIDE):
        return
    for one in roles.free():
        if not one.is_number and one.known and _is_side(one):
            roles.give(one.place, Role.SIDE, confidence=0.98, reason="holds who bought or sold")
            return
        texts = (
            {text.lower() for text in one.texts()[:3]} if Role.SIDE in one.named.roles else set()
        )
        if texts and texts <= {"true", "false"}:
            roles.give(one.place, Role.SIDE, confidence=0.9, reason=f"named {one.name!r}")
            return


def _book_updates(roles: Roles) -> str | None:
    """Prices of single levels that are set: a side, a price, a size, and what kind of row it is."""
    updates = [one for one in roles.free() if Role.UPDATE in one.named.roles]
    updates += [one for one in roles.free() if not one.is_number and _is_update(one)]
    if not updates or not (_named(roles, Role.PRICE) and _named(roles, Role.SIZE)):
        return None
    roles.give(updates[0].place, Role.UPDATE, reason="says whether a level is set or all are new")
    _give_named(roles, (Role.PRICE, Role.SIZE))
    _find_side(roles)
    return "book" if roles.has(Role.SIDE) else None


def _is_update(one: Profile) -> bool:
    texts = {text.lower() for text in one.texts()[:5]}
    return bool(texts) and texts <= _UPDATES


def _levels(roles: Roles) -> None:
    for role in _OF_LEVELS:
        for one in _numbers(roles, role):
            roles.give(one.place, role, confidence=0.98, reason=f"named {one.name!r}")


def _has_best(roles: Roles) -> bool:
    return all(_named(roles, role) for role in (Role.BID, Role.ASK))


def _snapshots(roles: Roles) -> str | None:
    """Best prices with the last one and the day's volume so far."""
    if not (_has_best(roles) and _named(roles, Role.PRICE)):
        return None
    totals = [one for one in _numbers(roles, Role.VOLUME) if _is_total(one)]
    if not totals:
        return None
    roles.give(totals[0].place, Role.TOTAL, confidence=0.95, reason="a volume that only grows")
    _levels(roles)
    _give_named(roles, (Role.PRICE,))
    return "ticks"


def _is_total(one: Profile) -> bool:
    steps = np.diff(one.values)
    return bool(len(steps)) and bool((steps >= 0).mean() > 0.99) and bool((steps > 0).any())


def _quotes(roles: Roles) -> str | None:
    if not _has_best(roles) or _all_named(roles, PRICES):
        return None
    _levels(roles)
    return "quotes"


def _all_named(roles: Roles, wanted: Iterable[Role]) -> bool:
    return all(_named(roles, role) for role in wanted)


def _named_bars(roles: Roles) -> str | None:
    if not _all_named(roles, PRICES):
        return None
    _give_named(roles, PRICES)
    share = _check_bars(roles)
    _assign_volumes(roles)
    _give_named(roles, (Role.OPEN_INTEREST, Role.SETTLEMENT, Role.ADJ_CLOSE))
    if share < _READABLE:
        for place, one in roles.found.items():
            if one.role in PRICES:
                doubt = f"{one.reason}; yet {1 - share:.0%} of the rows are no bars"
                roles.found[place] = replace(one, confidence=share * 0.5, reason=doubt)
    return "bars"


def _check_bars(roles: Roles) -> float:
    columns = [one.numbers for role in PRICES if (one := roles.of(role)) is not None]
    return agrees(*columns) if len(columns) == len(PRICES) else 0.0


def _assign_volumes(roles: Roles) -> None:
    """Tell volume from turnover: the second is the first times the price."""
    volumes, turnovers = _numbers(roles, Role.VOLUME), _numbers(roles, Role.TURNOVER)
    both = [one for one in volumes if one not in turnovers] + turnovers
    if not roles.has(Role.VOLUME) and not roles.has(Role.TURNOVER):
        found = _by_product(roles, both)
        if found is not None:
            volume, turnover = found
            roles.give(volume.place, Role.VOLUME, confidence=0.98, reason=_reason(volume))
            reason = f"{_reason(turnover)}: volume times price"
            roles.give(turnover.place, Role.TURNOVER, confidence=0.98, reason=reason)
            return
    _give_named(roles, (Role.VOLUME,))
    _give_turnover(roles)
    if not roles.has(Role.VOLUME):
        for one in [one for one in roles.free() if _counts(one)][:1]:
            reason = f"{one.name!r} is the only column left that could be a volume"
            roles.give(one.place, Role.VOLUME, confidence=0.6, reason=reason)


def _give_turnover(roles: Roles) -> None:
    """A turnover of nothing but zeros is none."""
    for one in _numbers(roles, Role.TURNOVER)[:1]:
        if one.values.any():
            roles.give(one.place, Role.TURNOVER, confidence=0.95, reason=_reason(one))
        else:
            roles.give(one.place, Role.IGNORED, reason="holds nothing but zeros")


def _reason(one: Profile) -> str:
    return f"named {one.name!r}" if one.name else "by its size"


def _counts(one: Profile) -> bool:
    found = one.values
    return (
        plain_name(one.name) in {"count", "num", "vol_sum", "size"}
        and one.is_number
        and bool(len(found))
        and bool((found >= 0).all())
    )


def _by_product(roles: Roles, candidates: Sequence[Profile]) -> tuple[Profile, Profile] | None:
    """The two of which one is the other times the price, whatever they are called."""
    close = roles.of(Role.CLOSE) or roles.of(Role.PRICE)
    if close is None:
        return None
    for volume in candidates:
        for turnover in candidates:
            if volume is not turnover and _is_product(volume, turnover, close.numbers):
                return volume, turnover
    return None


def _is_product(volume: Profile, turnover: Profile, price: FloatArray) -> bool:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = turnover.numbers / (volume.numbers * price)
    known = ratio[np.isfinite(ratio) & (ratio > 0)]
    if len(known) < 2:
        return False
    return bool(np.median(np.abs(np.log(known))) < 0.05)


def _named_trades(roles: Roles) -> str | None:
    if not _named(roles, Role.PRICE) or roles.has(Role.CLOSE):
        return None
    sizes = [one for role in (Role.SIZE, Role.VOLUME) for one in _numbers(roles, role)]
    if not sizes:
        return None
    _give_named(roles, (Role.PRICE,))
    found = _by_product(roles, [*sizes, *_numbers(roles, Role.TURNOVER)])
    size = found[0] if found else next((one for one in sizes if one.place not in roles.found), None)
    if size is None:
        return None
    roles.give(size.place, Role.SIZE, confidence=0.98, reason=_reason(size))
    if found:
        roles.give(found[1].place, Role.TURNOVER, confidence=0.98, reason=_reason(found[1]))
    _find_side(roles)
    return "trades"


# By what the columns hold.
def _by_shape(roles: Roles) -> str | None:
    if any(_named(roles, role) for role in PRICES):
        # Where some of the prices are called what they are, the others are not there.
        _give_named(roles, PRICES)
        return None
    free = [one for one in roles.free() if one.is_number and not _is_identifier(one)]
    quads = find_quads(free, is_descending=_is_descending(roles))
    if len(quads) == 2:
        return _quote_bars(roles, quads)
    if quads:
        ((places, share),) = quads
        for role, place in zip(PRICES, places, strict=True):
            reason = f"in {share:.0%} of the rows it is what a bar's {role} must be"
            roles.give(place, role, confidence=0.9 * share, reason=reason)
        _shape_volumes(roles)
        return "bars"
    return _shape_quotes(roles, free) or _shape_trades(roles, free)


def _is_identifier(one: Profile) -> bool:
    return one.is_counter or bool(one.is_whole and (one.values > 1e12).all())


def _is_descending(roles: Roles) -> bool:
    for role in (Role.TIME, Role.DATE):
        one = roles.of(role)
        if one is not None:
            ns = one.moments(roles.found[one.place].written).ns
            return bool(len(ns) > 1 and ns[0] > ns[-1])
    return False


def _quote_bars(roles: Roles, quads: Sequence[tuple[tuple[int, int, int, int], float]]) -> str:
    first, second = (roles.profiles[places[3]].numbers for places, _ in quads)
    is_bid_first = bool(np.nanmean(first <= second) >= 0.5)
    for names, (places, share) in zip(
        (_BIDS, _ASKS) if is_bid_first else (_ASKS, _BIDS), quads, strict=True
    ):
        for role, place in zip(names, places, strict=True):
            reason = f"one of two sets of four prices that are bars in {share:.0%} of the rows"
            roles.give(place, role, confidence=0.9 * share, reason=reason)
    return "bars"


def _shape_volumes(roles: Roles) -> None:
    """Behind the prices: a volume, perhaps with the turnover."""
    free = [one for one in roles.free() if _is_amount(one)]
    found = _by_product(roles, free)
    if found is not None:
        roles.give(found[0].place, Role.VOLUME, confidence=0.9, reason="by its size")
        roles.give(found[1].place, Role.TURNOVER, confidence=0.9, reason="volume times price")
        return
    for one in free[:1]:
        roles.give(one.place, Role.VOLUME, confidence=0.8, reason="the column behind the prices")


def _is_amount(one: Profile) -> bool:
    found = one.values
    return one.is_number and bool(len(found)) and bool((found >= 0).all()) and not one.is_counter


def _shape_quotes(roles: Roles, free: Sequence[Profile]) -> str | None:
    sides = find_sides(free)
    if sides is None:
        return None
    for role, place in zip((Role.BID, Role.ASK), sides, strict=True):
        roles.give(
            place,
            role,
            confidence=0.85,
            reason="of two prices the one that is never "
            + ("above" if role is Role.BID else "below"),
        )
        roles.found[place] = replace(roles.found[place], level=1)
    return "quotes"


def _shape_trades(roles: Roles, free: Sequence[Profile]) -> str | None:
    """A price and a size, with or without a side; a third number may be their product."""
    prices = [one for one in free if one.is_pricelike]
    amounts = [one for one in free if _is_amount(one)]
    for price in prices:
        roles.give(price.place, Role.PRICE, confidence=0.8, reason="moves as a price does")
        others = [one for one in amounts if one is not price]
        found = _by_product(roles, others)
        if found is not None or (len(prices) == 1 and len(others) == 1):
            size = found[0] if found is not None else others[0]
            roles.give(size.place, Role.SIZE, confidence=0.8, reason="the amount beside the price")
            if found is not None:
                roles.give(found[1].place, Role.TURNOVER, confidence=0.8, reason="size times price")
            _find_side(roles)
            return "trades"
        del roles.found[price.place]
    return None


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
    if roles.has(*_BIDS) and roles.has(*_ASKS):
        needed = ()
    elif kind in {"trades", "book"}:
        needed = (Role.PRICE, Role.SIZE)
    elif kind in {"quotes", "ticks"}:
        needed = (Role.BID, Role.ASK)
    missing += [str(role) for role in needed if not roles.has(role)]
    if missing:
        names = tuple(one.name or f"#{one.place}" for one in roles.profiles)
        raise ColumnsMissing(roles.path, tuple(missing), names)
