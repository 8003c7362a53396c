"""What `buy`, `short`, `sell` and `cover` may be told, and the plain order that it makes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypedDict, TypeVar

from quantloom.errors import Invalid
from quantloom.kit import to_ns
from quantloom.market import Instrument, Number, exact
from quantloom.strategy.sizing import Entry
from quantloom.trading import (
    PLAIN,
    AtrDistance,
    Condition,
    Distance,
    Offset,
    OrderKind,
    OrderTicket,
    PriceCondition,
    Role,
    Terms,
    TimeCondition,
    TimeInForce,
    Trailing,
)

Tif = TimeInForce | Literal["GTC", "DAY", "GTD", "IOC", "FOK", "OPEN", "CLOSE"]
OffsetName = Offset | Literal["auto", "open", "close", "close_today", "close_yesterday"]
Away = Distance | AtrDistance
"""A distance, by ticks, percent, points or the average true range."""

_Enum = TypeVar("_Enum", bound=StrEnum)
_FOR_ONE_MOMENT = (TimeInForce.IOC, TimeInForce.FOK, TimeInForce.OPEN, TimeInForce.CLOSE)
_AT_MARKET_OR_LIMIT = (OrderKind.MARKET, OrderKind.LIMIT)


class MarketTerms(TypedDict, total=False):
    """Terms of `close` and the targets; docs/reference/orders.md says what each means."""

    tif: Tif
    tag: str


class ExitTerms(TypedDict, total=False):
    """Terms of `sell` and `cover`; docs/reference/orders.md says what each means."""

    price: Number | None
    stop: Number | None
    trail: Away | None
    tif: Tif
    until: datetime | None
    when: Condition | None
    post_only: bool
    offset: OffsetName
    tag: str


class EntryTerms(ExitTerms, total=False):
    """Terms of `buy` and `short`: those of an exit, and the two ways out of a bracket."""

    reduce_only: bool
    stop_loss: Number | Away | Trailing | None
    take_profit: Number | Away | None


AnyTerms = EntryTerms | ExitTerms | MarketTerms


class BadTerms(Invalid):
    """Terms of an order that do not fit each other."""

    code = "order.bad_terms"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem}; docs/reference/orders.md says which terms go together"


Measure = Callable[[AtrDistance], Distance | None]
"""Says how far a multiple of the average true range is; None while there is no average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Terms once read.

    Attributes:
        price, stop: exact limit and stop prices.
        trail: distance of a trailing stop.
        stop_loss, take_profit: a price or a distance each; a trailing stop is marked.
        is_ready: False while a distance has no value yet.
    """

    kind: OrderKind = OrderKind.MARKET
    price: Decimal | None = None
    stop: Decimal | None = None
    trail: Distance | None = None
    terms: Terms = PLAIN
    is_reduce_only: bool = False
    stop_loss: Decimal | Distance | Trailing | None = None
    take_profit: Decimal | Distance | None = None
    tag: str = ""
    is_ready: bool = True

    @property
    def has_bracket(self) -> bool:
        return self.stop_loss is not None or self.take_profit is not None

    def entry(self, last: Decimal, instrument: Instrument, *, is_buy: bool) -> Entry:
        """Where it would fill as far as is known, and where its bracket would stop it then."""
        price = next((found for found in (self.price, self.stop) if found is not None), last)
        loss = self.stop_loss.distance if isinstance(self.stop_loss, Trailing) else self.stop_loss
        if isinstance(loss, Distance):
            loss = loss.below(price, instrument) if is_buy else loss.above(price, instrument)
        return Entry(price, loss if isinstance(loss, Decimal) else None)


MARKET = Plan()


def read_terms(given: EntryTerms, measure: Measure, *, only_closes: bool = False) -> Plan:
    """Read the terms of an order.

    Args:
        only_closes: whether the method that was called only closes.
    Raises:
        BadTerms: they do not fit each other, or one is no such thing.
    """
    if not given:
        return MARKET
    trail, loss = given.get("trail"), given.get("stop_loss")
    profit = given.get("take_profit")
    measured = _far(trail, measure), _far(loss, measure), _far(profit, measure)
    plan = Plan(
        kind=_kind(given),
        price=_exact_or_none(given.get("price")),
        stop=_exact_or_none(given.get("stop")),
        trail=_distance_only("trail", measured[0]),
        terms=_read_rest(given),
        is_reduce_only=given.get("reduce_only", False),
        stop_loss=measured[1],
        take_profit=_no_trailing(measured[2]),
        tag=given.get("tag", ""),
        is_ready=[one is None for one in (trail, loss, profit)]
        == [one is None for one in measured],
    )
    _refuse_misfits(plan, given, only_closes=only_closes)
    return plan


def _far(
    given: Number | Away | Trailing | None, measure: Measure
) -> Decimal | Distance | Trailing | None:
    """Read a price or a distance; None where a distance has no value yet."""
    if isinstance(given, AtrDistance):
        return measure(given)
    if isinstance(given, Trailing):
        found = given.distance
        distance = measure(found) if isinstance(found, AtrDistance) else found
        return None if distance is None else Trailing(distance)
    return given if given is None or isinstance(given, Distance) else exact(given)


def _distance_only(term: str, found: Decimal | Distance | Trailing | None) -> Distance | None:
    if found is None or isinstance(found, Distance):
        return found
    raise BadTerms(f"{term}={found} is no distance; write ticks(8), percent(2), points(1.5)")


def _no_trailing(found: Decimal | Distance | Trailing | None) -> Decimal | Distance | None:
    if isinstance(found, Trailing):
        raise BadTerms("a take_profit does not trail; give a price or a distance")
    return found


def _exact_or_none(price: Number | None) -> Decimal | None:
    return None if price is None else exact(price)


def _kind(given: EntryTerms) -> OrderKind:
    if given.get("trail") is not None:
        return OrderKind.TRAILING_STOP
    has_price, has_stop = given.get("price") is not None, given.get("stop") is not None
    if has_price and has_stop:
        return OrderKind.STOP_LIMIT
    if has_stop:
        return OrderKind.STOP
    return OrderKind.LIMIT if has_price else OrderKind.MARKET


def _read_rest(given: EntryTerms) -> Terms:
    until = given.get("until")
    usual = TimeInForce.GTC if until is None else TimeInForce.GTD
    terms = Terms(
        tif=_member(TimeInForce, "tif", given.get("tif", usual)),
        until_ns=None if until is None else to_ns(until),
        condition=given.get("when"),
        is_post_only=given.get("post_only", False),
        offset=_member(Offset, "offset", given.get("offset", Offset.AUTO)),
    )
    return PLAIN if terms == PLAIN else terms


def _member(kind: type[_Enum], term: str, value: str) -> _Enum:
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(repr(str(member)) for member in kind)
        raise BadTerms(f"{term}={value!r} is not known; it is one of {known}") from None


def _refuse_misfits(plan: Plan, given: EntryTerms, *, only_closes: bool) -> None:
    problem = _misfit_of_time(plan) or _misfit_of_closing(plan, only_closes=only_closes)
    if plan.kind is OrderKind.TRAILING_STOP and (plan.price is not None or plan.stop is not None):
        problem = "a trailing stop finds its own price, so trail= takes no price= and no stop="
    condition: object = given.get("when")  # whatever its annotation says
    if condition is not None and not isinstance(condition, PriceCondition | TimeCondition):
        problem = f"when={condition!r} is no condition; write above(9.5), below(9.5) or at(time)"
    unknown = set(given) - EntryTerms.__optional_keys__
    if unknown:
        known = ", ".join(EntryTerms.__annotations__ | ExitTerms.__annotations__)
        problem = f"there is no term {', '.join(sorted(unknown))}, but {known}"
    if problem:
        raise BadTerms(problem)


def _misfit_of_time(plan: Plan) -> str:
    terms = plan.terms
    if terms.tif in _FOR_ONE_MOMENT and plan.kind not in _AT_MARKET_OR_LIMIT:
        return f"{terms.tif} is for market and limit orders, not for a {plan.kind}"
    if (terms.tif is TimeInForce.GTD) != (terms.until_ns is not None):
        return "until= and tif='GTD' belong together"
    if terms.is_post_only and (plan.kind is not OrderKind.LIMIT or terms.tif in _FOR_ONE_MOMENT):
        return "post_only is for a limit order that may wait: GTC, DAY or GTD"
    return ""


def _misfit_of_closing(plan: Plan, *, only_closes: bool) -> str:
    closes = only_closes or plan.is_reduce_only or plan.terms.offset.only_closes
    if closes and plan.has_bracket:
        return "an order that only closes takes no stop_loss and no take_profit"
    if closes and plan.terms.offset is Offset.OPEN:
        return "an order that only closes cannot have the offset 'open'"
    return ""


def make_halves(entry: OrderTicket, plan: Plan) -> tuple[OrderTicket, ...]:
    """The stop and the target of a bracket, numbered after their entry."""
    loss, profit = plan.stop_loss, plan.take_profit
    halves = []
    if loss is not None:
        is_trailing = isinstance(loss, Trailing)
        away = loss.distance if isinstance(loss, Trailing) else loss
        halves.append(
            replace(
                _half(entry, OrderKind.TRAILING_STOP if is_trailing else OrderKind.STOP),
                stop=away if isinstance(away, Decimal) else None,
                distance=away if isinstance(away, Distance) else None,
                role=Role.STOP_LOSS,
            )
        )
    if profit is not None:
        halves.append(
            replace(
                _half(entry, OrderKind.LIMIT),
                price=profit if isinstance(profit, Decimal) else None,
                distance=profit if isinstance(profit, Distance) else None,
                role=Role.TAKE_PROFIT,
            )
        )
    return tuple(replace(half, id=entry.id + place) for place, half in enumerate(halves, 1))


def _half(entry: OrderTicket, kind: OrderKind) -> OrderTicket:
    return OrderTicket(
        id=entry.id,
        symbol=entry.symbol,
        side=entry.side.opposite,
        kind=kind,
        quantity=entry.quantity,
        is_reduce_only=True,
        submitted_ns=entry.submitted_ns,
        tag=entry.tag,
    )
