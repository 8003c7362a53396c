"""Splits a change of a position into the orders that cost least, and says why."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from quantloom.market import Quantity, exactly
from quantloom.market.rulebook import RuleBook
from quantloom.market.rulebook.topics import Fee, Grid
from quantloom.market.rulebook.topics import Margin as MarginRule
from quantloom.trading.buckets import Buckets, Held, today_of
from quantloom.trading.costs import Commission, FillParts, Margin
from quantloom.trading.orders import Refused, Side
from quantloom.trading.ruled import commission_of
from quantloom.trading.terms import ZERO, Offset

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
        sides = self.margin.required(long, unit_money), self.margin.required(-short, unit_money)
        return max(sides) if self.larger_side else sum(sides, ZERO)


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


@dataclass(frozen=True, slots=True)
class RoutedOrder:
    """One order as an exchange takes it."""

    side: Side
    offset: Offset
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One way to make the change, in lots and money.

    Attributes:
        today, yesterday: lots closed of each age.
        paid_as_today: how many of them pay the fee of closing today's.
        opened: lots opened. locked: those of them that stand against lots left unclosed.
        fee: commission now.
        later_fee: what closing both legs of the lock costs on a later day, at today's price.
        margin: of the whole position in the contract afterwards, at the price.
        financing: what that margin costs.
        barred: why this way may not be taken, empty if it may.
    """

    today: Decimal
    yesterday: Decimal
    paid_as_today: Decimal
    opened: Decimal
    locked: Decimal
    fee: Decimal = ZERO
    later_fee: Decimal = ZERO
    margin: Decimal = ZERO
    financing: Decimal = ZERO
    barred: str = ""

    @property
    def closed(self) -> Decimal:
        return self.today + self.yesterday

    @property
    def cost(self) -> Decimal:
        """What decides: the fees now and later, and the financing."""
        return self.fee + self.later_fee + self.financing

    def orders(self, side: Side, *, by_age: bool) -> tuple[RoutedOrder, ...]:
        """The orders to send, closing ones first, since they free margin."""
        wanted = (
            (Offset.CLOSE, ZERO if by_age else self.closed),
            (Offset.CLOSE_YESTERDAY, self.yesterday if by_age else ZERO),
            (Offset.CLOSE_TODAY, self.today if by_age else ZERO),
            (Offset.OPEN, self.opened),
        )
        return tuple(RoutedOrder(side, offset, part) for offset, part in wanted if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """The orders that make a change, and what else could have been done.

    Attributes:
        orders: in the order in which to send them; their quantities add up to the change.
        alternatives: the ways that were weighed, the chosen one first, then by cost, those that
            may not be taken last. Between two neighbours costs lie on a line, so no other split
            is cheaper.
        held: the lots that could be closed.
        by_age: whether orders name today's and yesterday's lots.
    """

    side: Side
    quantity: Decimal
    price: Decimal
    orders: tuple[RoutedOrder, ...]
    alternatives: tuple[Split, ...]
    held: Held
    by_age: bool

    @property
    def chosen(self) -> Split:
        return self.alternatives[0]

    @property
    def explanation(self) -> str:
        """The choice in words and numbers, a line for each way."""
        chosen = f"{self._name(self.chosen)}, {self._why}"
        asked = f"{self.side} {self.quantity} at {self.price}: {chosen}"
        return "\n".join((asked, self._free, *map(self._line, self.alternatives)))

    @property
    def _why(self) -> str:
        ways = [split.cost for split in self.alternatives if not split.barred]
        if len(ways) == 1:
            return "the only way"
        is_tie = ways[0] == ways[1]
        return f"none of {len(ways)} ways costs less" if is_tie else f"cheapest of {len(ways)} ways"

    @property
    def _free(self) -> str:
        kind = "short" if self.side is Side.BUY else "long"
        today, yesterday = self.held.today.available, self.held.yesterday.available
        return (
            f"{kind} lots free to close: {today} of today, {yesterday} of yesterday; "
            f"{self.held.frozen} frozen"
        )

    def _name(self, split: Split) -> str:
        orders = split.orders(self.side, by_age=self.by_age)
        return " + ".join(_told(order, split) for order in orders)

    def _line(self, split: Split) -> str:
        parts = [f"fee {_plain(split.fee)}"]
        if split.locked:
            parts.append(f"{_plain(split.later_fee)} to close the lock later")
        if split.financing:
            parts.append(f"financing {_plain(split.financing)}")
        money = " + ".join(parts)
        cost = f" = {_plain(split.cost)}" if len(parts) > 1 else ""
        barred = f"; not allowed: {split.barred}" if split.barred else ""
        return f"- {self._name(split)}: {money}{cost}, margin {_plain(split.margin)}{barred}"


def _told(order: RoutedOrder, split: Split) -> str:
    text = f"{order.offset} {order.quantity}"
    if order.offset is Offset.OPEN and split.locked:
        return f"{text} ({split.locked} as a lock)"
    if order.offset is Offset.CLOSE and split.paid_as_today:
        return f"{text} ({split.paid_as_today} at the fee of today's)"
    return text


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
    """The splits at which the slope of the cost may change, without repetition."""
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
    """How many lots to close at the ends, where a bucket or a fee runs out, where margins cross.

    Between these the cost of closing one lot more stays the same.
    """
    held = asked.against
    bends = {
        ZERO,
        asked.most,
        held.today.available,
        held.yesterday.available,
        held.chargeable,
        asked.quantity - asked.costs.minimum_open,
        *_where_margins_cross(asked),
    }
    return {closed for closed in bends if 0 <= closed <= asked.most}


def _where_margins_cross(asked: _Question) -> Iterator[Decimal]:
    """The whole lots around the point from which on the other side's margin is the larger one.

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
    yield from (lower - 1, lower, lower + 1)  # `//` cuts towards zero, so one on either side


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
