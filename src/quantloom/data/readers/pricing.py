"""Find prices, volumes and sizes among the columns of a table, and with them what it holds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from quantloom.data.readers.given import ASKS, BIDS, BOOK, DISTANCES, PRICES, Roles
from quantloom.data.readers.mapping import Role
from quantloom.data.readers.names import plain_name
from quantloom.data.readers.profiles import Profile
from quantloom.data.readers.rows import SNAPSHOT_SIDE
from quantloom.data.readers.shapes import agrees, find_quads, find_sides
from quantloom.kit import FloatArray

_READABLE = 0.8
_SIDES = {"b", "s", "a", "buy", "sell", "bid", "ask", "买", "卖", "买盘", "卖盘", "neutral", "n"}
_TOLD_SIDES = {"bid", "ask", "b", "a"}
# Trades of nothing are damage; in a book every level that empties is one.
_EMPTIED = 0.01
_NEAR = 0.5
_UPDATES = {"snap", "set", "snapshot", "update", "delta", "delete"}


def assign_values(roles: Roles) -> str:
    """Give prices, volumes and sizes their roles.

    Returns:
        The kind of the table: bars, ticks, trades, quotes or book.
    """
    for assign in (
        _book_lists,
        _book_updates,
        _book_sides,
        _from_middle,
        _snapshots,
        _quotes,
        _named_bars,
        _named_trades,
        _by_shape,
    ):
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
    texts = {text.lower().removesuffix(SNAPSHOT_SIDE) for text in one.texts()[:10]}
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


def _book_lists(roles: Roles) -> str | None:
    """Rows that each bring lists of prices and sizes, one for the bids and one for the asks."""
    lists = [one for one in roles.free() if not one.is_number and _is_list(one)]
    if len(lists) != 2:
        return None
    first, second = lists
    is_bid_first = plain_name(first.name).rpartition("_")[2].startswith("b")
    bids, asks = (first, second) if is_bid_first else (second, first)
    roles.give(bids.place, Role.BIDS, reason="lists of prices and sizes that are bid")
    roles.give(asks.place, Role.ASKS, reason="lists of prices and sizes that are asked")
    for one in [one for one in roles.free() if not one.is_number and _is_update(one)][:1]:
        roles.give(one.place, Role.UPDATE, reason="says whether levels are set or all are new")
    return "book"


def _is_list(one: Profile) -> bool:
    return any(text.startswith("[[") for text in one.texts()[:5])


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


def _book_sides(roles: Roles) -> str | None:
    """Levels that are set, where only the sides say so, or sizes of zero that take them away."""
    sides = [one for one in roles.free() if not one.is_number and one.known and _is_side(one)]
    if not sides or not (_named(roles, Role.PRICE) and _named(roles, Role.SIZE)):
        return None
    texts = {text.lower() for text in sides[0].texts()}
    (size, *_) = _numbers(roles, Role.SIZE)
    is_snapshot = any(text.endswith(SNAPSHOT_SIDE) for text in texts)
    empties = texts <= _TOLD_SIDES and bool((size.values == 0).mean() > _EMPTIED)
    if not is_snapshot and not empties:
        return None
    reason = "says which side a level is of" + (", and what is a snapshot" * is_snapshot)
    roles.give(sides[0].place, Role.SIDE, confidence=0.95, reason=reason)
    _give_named(roles, (Role.PRICE, Role.SIZE))
    return "book"


def _is_update(one: Profile) -> bool:
    texts = {text.lower() for text in one.texts()[:5]}
    return bool(texts) and texts <= _UPDATES


def _levels(roles: Roles) -> None:
    for role in BOOK:
        for one in _numbers(roles, role):
            roles.give(one.place, role, confidence=0.98, reason=f"named {one.name!r}")


def _from_middle(roles: Roles) -> str | None:
    """Levels told by their distance from the middle, as a part of it, and by what they are worth.

    Source:
        "High Frequency Crypto Limit Order Book Data" (M. S. Nielsen, 2021), which TradeMaster uses.
    """
    if not all(_named(roles, role) for role in (Role.MID, *DISTANCES)):
        return None
    bids, asks, *worth = (_numbers(roles, role) for role in DISTANCES)
    if {len(one) for one in (asks, *worth)} != {len(bids)}:
        return None
    if not all(_leads_away(one, -1) for one in bids) or not all(
        _leads_away(one, 1) for one in asks
    ):
        return None
    for role in (Role.MID, *DISTANCES):
        for one in _numbers(roles, role):
            roles.give(one.place, role, confidence=0.9, reason=f"named {one.name!r}")
    return "quotes"


def _leads_away(one: Profile, sign: int) -> bool:
    found = one.values * sign
    return bool(len(found)) and bool(((found >= 0) & (found < _NEAR)).all())


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
    with np.errstate(all="ignore"):
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
        (BIDS, ASKS) if is_bid_first else (ASKS, BIDS), quads, strict=True
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
