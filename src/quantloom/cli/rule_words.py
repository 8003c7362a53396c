"""Rules as a trader says them: 0.01 % of money, 3 CNY a lot."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from quantloom.market import venues
from quantloom.market.rulebook import Subject
from quantloom.market.rulebook.topics import (
    Cage,
    Closing,
    Delivery,
    DividendTax,
    Entry,
    Fee,
    Funding,
    Grid,
    Hours,
    Levy,
    Limit,
    Maintenance,
    MakerTaker,
    Margin,
    Nights,
    Rate,
    Settlement,
    Tax,
    Transfer,
    Turnaround,
)

_HUNDRED = 100
_SIDES = {"buy": "buys alone pay", "sell": "sells alone pay"}
_BASES = {"settlement": "the last settlement price", "close": "the last close, ex rights"}
_PRICES = {
    "day_vwap": "the day's average price by volume",
    "last_hour_vwap": "the last hour's average price by volume",
    "index_last_two_hours": "the index's average over its last two hours",
    "close": "the closing price",
}
# What is told in another money than its file's.
_OTHER_MONEY = {"SSE.b": "USD", "SZSE.b": "HKD", "inverse": "USD"}


@dataclass(frozen=True, slots=True)
class Terms:
    """In what an instrument's rules are told.

    Attributes:
        unit: what one of it is called. currency: of amounts.
        days: by the name of each day near delivery, when it is.
    """

    unit: str
    currency: str
    days: Mapping[str, date]


def terms_of(subject: Subject, currency: str, days: Mapping[str, date] | None = None) -> Terms:
    """In what the rules of a subject are told.

    Args:
        currency: of its file; coins and B shares have their own.
        days: those near the delivery of a contract.
    """
    return Terms(_unit(subject), _currency(subject, currency), days or {})


def in_words(entry: Entry, terms: Terms) -> list[str]:
    """Say a rule in sentences without full stops, the most important one first."""
    return list(_WORDS[type(entry)](entry, terms))


def _unit(subject: Subject) -> str:
    if subject.venue in (*venues.CN_FUTURES, *venues.FOREIGN_FUTURES):
        return "lot"
    if subject.venue in venues.CRYPTO:
        return "coin" if "spot" in subject.scopes else "contract"
    return "share"


def _currency(subject: Subject, currency: str) -> str:
    if subject.venue in venues.CRYPTO and "-" in subject.code:
        pair = subject.code.partition(".")[0].removesuffix("-PERP")
        return pair.rpartition("-")[2]
    own = (_OTHER_MONEY[scope] for scope in subject.scopes if scope in _OTHER_MONEY)
    return next(own, currency)


def percent(ratio: Decimal) -> str:
    """A share as per cent, with every digit and no empty ones."""
    return f"{_plain(ratio * _HUNDRED)} %"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():,f}"


def _rate(rate: Rate, terms: Terms) -> str:
    parts = []
    if rate.money:
        parts.append(f"{percent(rate.money)} of money")
    if rate.unit:
        parts.append(f"{_plain(rate.unit)} {terms.currency} a {terms.unit}")
    return " and ".join(parts) or "nothing"


def _units(number: Decimal, terms: Terms) -> str:
    return f"{_plain(number)} {terms.unit}{'' if number == 1 else 's'}"


def _grid(entry: Grid, terms: Terms) -> Iterator[str]:
    yield f"prices in steps of {_plain(entry.tick)} {terms.currency}"
    if entry.tick_below is not None and entry.below is not None:
        yield f"of {_plain(entry.tick_below)} under a price of {_plain(entry.below)}"
    yield f"quantities in steps of {_units(entry.step, terms)}"
    if entry.inverse:
        worth = f"{_plain(entry.multiplier)} {terms.currency}"
        yield f"one {terms.unit} is worth {worth}; margin and profit are paid in coin"
    elif entry.multiplier != 1:
        yield f"one {terms.unit} is worth {_plain(entry.multiplier)} times the price"
    if entry.minimum is not None:
        yield f"an opening order has at least {_units(entry.minimum, terms)}"
    if entry.maximum is not None:
        yield f"a limit order at most {_units(entry.maximum, terms)}"
    if entry.maximum_market is not None:
        yield f"a market order at most {_units(entry.maximum_market, terms)}"
    if entry.min_notional is not None:
        yield f"an order is worth at least {_plain(entry.min_notional)} {terms.currency}"
    if not entry.has_market_orders:
        yield "no market orders"
    if entry.odd_lot_sells:
        yield "what is left under a step may be sold in one go"


def _hours(entry: Hours, _: Terms) -> Iterator[str]:
    yield ", ".join(entry.day)
    yield f"night before {entry.night}" if entry.night else "no night session"
    if entry.auctions:
        yield f"calls {', '.join(entry.auctions)}"


def _no_nights(_: Nights, __: Terms) -> Iterator[str]:
    yield "no night session before this trading day"


def _limit(entry: Limit, _: Terms) -> Iterator[str]:
    if entry.ratio is None:
        yield "no price limit"
    else:
        yield f"{percent(entry.ratio)} either way from {_BASES[entry.base]}"
    if entry.risk_ratio is not None:
        yield f"{percent(entry.risk_ratio)} under special treatment"
    if entry.free_days:
        yield f"none on the first {entry.free_days} trading days after listing"
    if entry.first_day_up is not None:
        yield f"at most {percent(entry.first_day_up)} up on the first day"
    if entry.first_day_down is not None:
        yield f"at most {percent(entry.first_day_down)} down on the first day"
    for count, ratio in enumerate(entry.widened, start=1):
        ended = "a day that ended at its limit" if count == 1 else f"{count} of them"
        yield f"{percent(ratio)} after {ended}"
    if entry.last_day is not None:
        yield f"{percent(entry.last_day)} on the last trading day"


def _cage(entry: Cage, _: Terms) -> Iterator[str]:
    more = f", or {entry.ticks} ticks if that is more" if entry.ticks else ""
    yield f"a limit order lies at most {percent(entry.ratio)} beyond the best price{more}"


def _fee(entry: Fee, terms: Terms) -> Iterator[str]:
    opening, closing = _rate(entry.open, terms), _rate(entry.close, terms)
    if opening == closing:
        yield f"{opening} to open and to close"
    else:
        yield f"{opening} to open, {closing} to close"
    if entry.close_today is not None:
        yield f"{_rate(entry.close_today, terms)} to close what was opened today"
    if entry.minimum:
        yield f"at least {_plain(entry.minimum)} {terms.currency} an order"
    yield from _bounds(entry, terms)


def _levy(entry: Levy, terms: Terms) -> Iterator[str]:
    yield f"{entry.name.replace('_', ' ')}: {_rate(entry.rate, terms)}"
    yield from _bounds(entry, terms)
    if entry.optional:
        yield "brokers differ in handing it on"


def _bounds(entry: Fee | Levy, terms: Terms) -> Iterator[str]:
    if entry.maximum is not None:
        yield f"at most {_plain(entry.maximum)} {terms.currency} a trade"
    if entry.side is not None:
        yield _SIDES[entry.side]


def _maker_taker(entry: MakerTaker, terms: Terms) -> Iterator[str]:
    back = "a rebate of " if entry.maker < 0 else ""
    yield (
        f"tier {entry.tier}: maker {back}{percent(abs(entry.maker))}, "
        f"taker {percent(entry.taker)} of money"
    )
    if entry.volume:
        yield f"from {_plain(entry.volume)} {terms.currency} in 30 days"


def _margin(entry: Margin, _: Terms) -> Iterator[str]:
    if entry.long == entry.short:
        yield f"{percent(entry.long)} of value"
    else:
        yield f"{percent(entry.long)} of value long, {percent(entry.short)} short"
    price = "open price" if entry.base == "open" else "last price"
    yield f"today's lots by their {price}, older ones by the last settlement price"
    if entry.larger_side:
        yield "of long and short, the larger side alone is charged"


def _maintenance(entry: Maintenance, terms: Terms) -> Iterator[str]:
    for start, ratio, deduct, leverage in entry.tiers:
        less = f" less {_plain(deduct)} {terms.currency}" if deduct else ""
        yield (
            f"from {_plain(start)} {terms.currency}: {percent(ratio)}{less}, "
            f"leverage up to {leverage}"
        )
    if entry.liquidation_fee:
        yield f"a liquidation costs {percent(entry.liquidation_fee)}"


def _tax(entry: Tax, _: Terms) -> Iterator[str]:
    if not entry.buy and not entry.sell:
        yield "no stamp duty"
    elif entry.buy == entry.sell:
        yield f"stamp duty {percent(entry.buy)} of money on both sides"
    else:
        sides = {"buys": entry.buy, "sells": entry.sell}
        charged = [f"{percent(ratio)} of money on {side}" for side, ratio in sides.items() if ratio]
        yield f"stamp duty {', '.join(charged)}"


def _transfer(entry: Transfer, _: Terms) -> Iterator[str]:
    shares = {"money": entry.money, "face value": entry.face}
    charged = [f"{percent(ratio)} of {what}" for what, ratio in shares.items() if ratio]
    yield f"transfer fee {' and '.join(charged)}" if charged else "no transfer fee"


def _dividend_tax(entry: DividendTax, _: Terms) -> Iterator[str]:
    yield (
        f"dividends {percent(entry.month)} if held up to a month, "
        f"{percent(entry.year)} up to a year, {percent(entry.longer)} longer"
    )


def _closing(entry: Closing, _: Terms) -> Iterator[str]:
    if entry.buckets:
        yield "orders say whether they close today's lots or older ones"
    first = "the oldest lots" if entry.consumes == "oldest" else "today's lots"
    yield f"a plain close takes {first} first"
    if entry.fee_of == "today_first":
        yield "and pays as if today's had gone first"


def _turnaround(entry: Turnaround, _: Terms) -> Iterator[str]:
    yield f"what was bought may be sold {_after(entry.sell_after)}"
    yield f"the money of a sale may leave the account {_after(entry.cash_after)}"
    yield "may be sold short" if entry.can_short else "no short sales"


def _after(days: int) -> str:
    if not days:
        return "the same day (T+0)"
    return f"{'a trading day' if days == 1 else f'{days} trading days'} later (T+{days})"


def _settlement(entry: Settlement, _: Terms) -> Iterator[str]:
    yield f"each day at {_PRICES[entry.price]}"
    if entry.final is not None and entry.final != entry.price:
        yield f"at last at {_PRICES[entry.final]}"


def _funding(entry: Funding, _: Terms) -> Iterator[str]:
    yield f"longs and shorts pay each other at {', '.join(entry.times)} UTC"
    if entry.cap is not None:
        yield f"at most {percent(entry.cap)} of value at a time"


def _delivery(entry: Delivery, terms: Terms) -> Iterator[str]:
    yield f"last trading day {_day(entry.last_day, terms)}"
    yield "settled in cash" if entry.method == "cash" else "delivered in kind"
    if entry.person_out is not None:
        yield f"natural persons must be flat by the close of {_day(entry.person_out, terms)}"
    for step in entry.steps:
        yield f"margin at least {percent(step.ratio)} from {_day(step.day, terms)} on"


def _day(name: str, terms: Terms) -> str:
    words = name.replace("_", " ")
    return f"{terms.days[name]} ({words})" if name in terms.days else f"the {words}"


# Each is called with the kind of entry that it stands beside, which a mapping cannot say.
_WORDS: Mapping[type[Entry], Callable[[Any, Terms], Iterator[str]]] = {
    Grid: _grid,
    Hours: _hours,
    Nights: _no_nights,
    Limit: _limit,
    Cage: _cage,
    Fee: _fee,
    Levy: _levy,
    MakerTaker: _maker_taker,
    Margin: _margin,
    Maintenance: _maintenance,
    Tax: _tax,
    Transfer: _transfer,
    DividendTax: _dividend_tax,
    Closing: _closing,
    Turnaround: _turnaround,
    Settlement: _settlement,
    Funding: _funding,
    Delivery: _delivery,
}
