"""One call from the bars of contracts to a continuous series."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Literal, get_args

from quantloom.market.bars import Bars
from quantloom.market.calendar import Calendar, trading_days_of
from quantloom.market.continuous import Basis, CannotSplice, Continuous, Method, splice
from quantloom.market.defaults import default_instrument
from quantloom.market.exchange_hours import get_calendar
from quantloom.market.rolls import (
    Leg,
    NoDeliveryMonth,
    delivery_month,
    last_days,
    roll_before_expiry,
    roll_by_open_interest,
    roll_by_volume,
)
from quantloom.market.rulebook.book import rule_book
from quantloom.market.rulebook.topics import Delivery

RollRule = Literal["volume", "open_interest", "expiry"]


def chain_contracts(
    contracts: Mapping[str, Bars],
    *,
    roll: RollRule | Sequence[Leg] = "volume",
    trading_days: int = 1,
    symbol: str | None = None,
    calendar: Calendar | None = None,
    basis: Basis = "close",
    method: Method = "ratio",
) -> Continuous:
    """Chain contracts of one product, so that a run trades the one in force and rolls.

    ```python
    series = chain_contracts({"rb2405.SHFE": may, "rb2410.SHFE": october}, roll="open_interest")
    result = backtest("turtle", series, rules=True)
    ```

    Args:
        contracts: bars of one length by canonical symbol.
        roll: to the contract traded most, or with the most open interest; so many trading days
            before the old one's last; or a calendar of one's own. Where the rule book knows the
            last trading days, none is held past its own.
        trading_days: for `expiry`.
        symbol: of the series; product-MAIN.VENUE where not given.
        calendar: of the exchange; the product's own where not given.
        basis: which prices tell the gap; `settlement` needs an extra of that name.
        method: how a strategy sees the past over a roll: moved by the ratio of the two prices, or
            by their difference.
    Raises:
        CannotRoll: no calendar can be made of these bars.
        CannotSplice: no contracts, an unknown rule, contracts of several products and no symbol
            for what they make, or contracts that make no series.
        NoDeliveryMonth: a contract whose symbol does not tell its month.
    """
    if not contracts:
        raise CannotSplice(symbol or "the series", "there are no contracts; give two or more")
    first = min(contracts, key=delivery_month)
    name = symbol or _name(contracts, first)
    days = calendar or get_calendar(default_instrument(first).calendar)
    legs = _legs(contracts, roll, days, trading_days, name) if isinstance(roll, str) else roll
    return splice(contracts, legs, days, symbol=name, basis=basis, method=method)


def _legs(
    contracts: Mapping[str, Bars], roll: str, calendar: Calendar, trading_days: int, name: str
) -> Sequence[Leg]:
    last = _last_days(contracts, calendar)
    if roll == "volume":
        return roll_by_volume(contracts, calendar, last_days=last)
    if roll == "open_interest":
        return roll_by_open_interest(contracts, calendar, last_days=last)
    if roll != "expiry":
        wanted = ", ".join(get_args(RollRule))
        raise CannotSplice(name, f"{roll!r} is no rule to roll by; take one of {wanted}, or legs")
    known = {contract: last[contract] for contract in contracts if contract in last}
    if len(known) < len(contracts):
        problem = "the rule book does not know when its contracts end; roll by volume, or give legs"
        raise CannotSplice(name, problem)
    start = min(trading_days_of(bars, calendar)[0].item() for bars in contracts.values())
    return roll_before_expiry(known, calendar, start=start, trading_days=trading_days)


def _last_days(contracts: Mapping[str, Bars], calendar: Calendar) -> dict[str, date]:
    """The last trading days that the rule book knows."""
    book = rule_book()
    known = [one for one in contracts if book.find(Delivery, one, delivery_month(one)) is not None]
    return last_days(known, calendar, book)


def _name(contracts: Iterable[str], first: str) -> str:
    products = {contract: _product(contract) for contract in contracts}
    name = f"{products[first][0]}-MAIN.{products[first][1]}"
    strange = next((one for one, product in products.items() if product != products[first]), None)
    if strange is not None:
        # Exchanges have renamed products, so that one series may well hold two codes.
        problem = f"{strange} is of another product; leave it out, or name the series by symbol="
        raise CannotSplice(name, problem)
    return name


def _product(contract: str) -> tuple[str, str]:
    code, _, venue = contract.rpartition(".")
    product = code.rstrip("0123456789")
    if not product or not venue:
        raise NoDeliveryMonth(contract)
    return product, venue
