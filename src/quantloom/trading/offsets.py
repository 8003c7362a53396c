"""Splits a change of a position into the orders that cost least, and says why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from quantloom.market import Quantity, exactly
from quantloom.market.rulebook import RuleBook
from quantloom.market.rulebook.topics import Fee, Grid
from quantloom.market.rulebook.topics import Margin as MarginRule
from quantloom.trading.buckets import Buckets, today_of
from quantloom.trading.costs import Commission, FillParts, Margin
from quantloom.trading.holdings import Held
from quantloom.trading.orders import Refused, Side
from quantloom.trading.routing import Routing, Split
from quantloom.trading.ruled import commission_of
from quantloom.trading.terms import ZERO

_ONE_LOT = Decimal(1)
_BOTH_LEGS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class OffsetCosts:
    """What opening, closing and holding a contract cost on a day.

    Attributes:
        commission: rates of opening, closing and closing today; a minimum for each order is not
            looked at, since futures have none.
        margin: ratios by side.
        larger_side: only the larger of both sides' margins is charged.
        multiplier: units of the underlying in one lot.
        minimum_open: least lots of an opening order.
    """

    commission: Commission
    margin: Margin
    larger_side: bool = False
    multiplier: Decimal = _ONE_LOT
    minimum_open: Decimal = _ONE_LOT

    @classmethod
    def of(cls, book: RuleBook, symbol: str, day: date) -> "OffsetCosts":
        """What the rule book says; a broker's own rates go in by `dataclasses.replace`.

        Raises:
            NoRule: the book has no fee, margin or grid for the contract on that day.
        """
        book.need(Fee, symbol, day)  # where it is missing, `commission_of` takes none to be due
        margin = book.need(MarginRule, symbol, day)
        grid = book.need(Grid, symbol, day)
        return cls(
            commission=commission_of(book, symbol, day),
            margin=Margin(margin.long, margin.short),
            larger_side=margin.larger_side,
            multiplier=grid.multiplier,
            minimum_open=grid.minimum or grid.step,
        )

    def margin_of(self, long: Decimal, short: Decimal, unit_money: Decimal) -> Decimal:
        """Margin of a position with both sides, at one price for all its lots."""
        return self.margin.of_sides(
            long * unit_money, short * unit_money, larger_side=self.larger_side
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingOptions:
    """How free the router is.

    Attributes:
        allow_lock: the other side may be opened while lots are free to close. Then both are held,
            and closing them on a later day costs twice the fee of closing, which is counted.
        prefer_close: lock only what may not be closed, even where a lock costs less.
        never_close_today: neither take today's lots nor pay their fee.
        financing_ratio: what it costs to tie up one unit of margin until the position is closed;
            4 % a year for 3 days is 0.04 * 3 / 365.
    """

    allow_lock: bool = False
    prefer_close: bool = False
    never_close_today: bool = False
    financing_ratio: Decimal = ZERO


_CLOSING_ONLY = RoutingOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is to be routed."""

    side: Side
    quantity: Decimal
    buckets: Buckets
    against: Held
    costs: OffsetCosts
    options: RoutingOptions
    unit_money: Decimal

    @property
    def most(self) -> Decimal:
        """The most that can be closed."""
        return min(self.quantity, self.against.available)


def route(
    buckets: Buckets,
    *,
    side: Side,
    quantity: Decimal,
    price: Decimal,
    costs: OffsetCosts,
    options: RoutingOptions = _CLOSING_ONLY,
) -> Routing | Refused:
    """Split a change of a position into orders, by the least cost.

    Frozen lots count as gone: the orders that froze them will close them. What cannot be closed is
    opened; lots that could be closed are left beside newly opened ones only if `options` allow a
    lock. Of equal costs, fewer locked lots win, then fewer of today's.

    Args:
        side: buy to make the net position larger, sell to make it smaller.
        quantity: whole lots above zero.
        price: at which fees and margin are reckoned, usually the last one.
    Returns:
        The routing, or why the options leave no way.
    Raises:
        QuantityOffLot: no whole number of lots above zero.
    Source:
        CTP client API: orders close today's or yesterday's lots by name at SHFE and INE, and are
        one close elsewhere; which lots that takes is the rule book's topic `closing`.
    """
    Quantity.parse(quantity, _ONE_LOT)
    with exactly():
        asked = _Question(
            side=side,
            quantity=quantity,
            buckets=buckets,
            against=buckets.held(side.opposite),
            costs=costs,
            options=options,
            unit_money=price * costs.multiplier,
        )
        splits = _barred([_costed(split, asked) for split in _splits(asked)], asked)
    best = splits[0]
    if best.barred:
        return Refused("no_offset_allowed", _refusal(best, asked))
    by_age = buckets.closing.buckets
    return Routing(
        side=side,
        quantity=quantity,
        price=price,
        orders=best.orders(side, by_age=by_age),
        alternatives=splits,
        held=asked.against,
        by_age=by_age,
    )


def _splits(asked: _Question) -> list[Split]:
    """The splits of which one is the cheapest, whatever the rates, without repetition."""
    found: dict[Split, None] = {}
    for closed in sorted(_bends(asked)):
        for today in _of_today(closed, asked):
            is_by_lots = asked.buckets.closing.fee_of == "lots"
            split = Split(
                today=today,
                yesterday=closed - today,
                paid_as_today=today if is_by_lots else min(closed, asked.against.chargeable),
                opened=asked.quantity - closed,
                locked=asked.most - closed,
            )
            found[split] = None
    return list(found)


def _bends(asked: _Question) -> set[Decimal]:
    """How many lots to close: at the ends, where older lots run out, where margins cross.

    The cost bends upwards at no other number. Closing an older lot never costs more than a lock,
    which is an opening and two closings, and never ties up more margin; so where today's lots go
    first, what comes after them is no reason to stop.
    """
    bends = {
        ZERO,
        asked.most,
        asked.against.yesterday.available,
        asked.quantity - asked.costs.minimum_open,
        *_where_margins_cross(asked),
    }
    return {closed for closed in bends if 0 <= closed <= asked.most}


def _where_margins_cross(asked: _Question) -> Iterator[Decimal]:
    """The whole lots on either side of the point where the other side's margin is the larger.

    The side that is opened ends with its lots and what is not closed, the other one with its lots
    less what is; both shrink by one with each lot closed.
    """
    margin = asked.costs.margin
    ratios = (margin.long, margin.short)
    growing, shrinking = ratios if asked.side is Side.BUY else ratios[::-1]
    if not asked.costs.larger_side or growing == shrinking:
        return
    grown = (asked.buckets.held(asked.side).quantity + asked.quantity) * growing
    lower = (grown - asked.against.quantity * shrinking) // (growing - shrinking)
    yield from (lower, lower + 1)


def _of_today(closed: Decimal, asked: _Question) -> tuple[Decimal, ...]:
    """How many of the closed lots are today's: the fewest and the most, or what the rule says."""
    today, yesterday = asked.against.today.available, asked.against.yesterday.available
    if asked.buckets.closing.buckets:
        return max(ZERO, closed - yesterday), min(closed, today)
    return (today_of(closed, today, yesterday, asked.buckets.closing),)


def _costed(split: Split, asked: _Question) -> Split:
    """The split with its money."""
    costs, unit_money = asked.costs, asked.unit_money
    parts = FillParts(
        asked.side,
        unit_money,
        opened=split.opened,
        closed=split.closed - split.paid_as_today,
        closed_today=split.paid_as_today,
    )
    later = FillParts(asked.side, unit_money, closed=split.locked * _BOTH_LEGS)
    grown = asked.buckets.held(asked.side).quantity + split.opened
    left = asked.against.quantity - split.closed
    long, short = (grown, left) if asked.side is Side.BUY else (left, grown)
    margin = costs.margin_of(long, short, unit_money)
    return replace(
        split,
        fee=costs.commission.raw(parts),
        later_fee=costs.commission.raw(later),
        margin=margin,
        financing=margin * asked.options.financing_ratio,
    )


def _barred(splits: Sequence[Split], asked: _Question) -> tuple[Split, ...]:
    """The splits with what bars them, the best one first."""
    marked = [replace(split, barred=_bar(split, asked)) for split in splits]
    if asked.options.prefer_close:
        least = min((one.locked for one in marked if not one.barred), default=ZERO)
        marked = [
            replace(one, barred="closing is preferred")
            if not one.barred and one.locked > least
            else one
            for one in marked
        ]
    return tuple(sorted(marked, key=_rank))


def _rank(split: Split) -> tuple[bool, Decimal, Decimal, Decimal]:
    return bool(split.barred), split.cost, split.locked, split.today


def _bar(split: Split, asked: _Question) -> str:
    """Why a split may not be taken, empty if it may."""
    options, least = asked.options, asked.costs.minimum_open
    if split.locked and not options.allow_lock:
        return "it would lock"
    if options.never_close_today and (split.today or split.paid_as_today):
        return "it would close today's lots"
    if ZERO < split.opened < least:
        return f"the least to open is {least}"
    return ""


def _refusal(best: Split, asked: _Question) -> str:
    return (
        f"{asked.buckets.symbol}: no way to {asked.side} {asked.quantity} is allowed; closing "
        f"{best.closed} and opening {best.opened} is not, for {best.barred}; allow a lock, allow "
        "today's lots or change the quantity"
    )
