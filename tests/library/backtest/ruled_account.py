"""The account of a run under the rule book, done again from its fills in plain fractions."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from quantloom.market.rulebook import rule_book, topics
from quantloom.trading import Fill, Offset
from tests.library.backtest.ruled_cases import Market, Run

_BOOK = rule_book()
_ZERO = Fraction(0)
# At the venue's own doing: a contract that has ended pays nothing.
FREE = "expiry"


@dataclass
class Lot:
    day: date
    quantity: Fraction
    price: Fraction


@dataclass
class Account:
    """Lots and money after some fills.

    Attributes:
        spent: of every purchase, less that of every sale, in money; without commissions.
        made: profit of what was closed, from the prices of its lots.
        charges: commissions that each fill may have had, by its number.
        sold_again: quantity sold on a day beyond what was held when it began.
    """

    market: Market
    lots: list[Lot] = field(default_factory=list)
    spent: Fraction = _ZERO
    made: Fraction = _ZERO
    paid: Fraction = _ZERO
    charges: dict[int, set[Fraction]] = field(default_factory=dict)
    _raw: dict[int, Fraction] = field(default_factory=dict)
    _due: dict[int, Fraction] = field(default_factory=dict)

    @property
    def quantity(self) -> Fraction:
        return sum((lot.quantity for lot in self.lots), _ZERO)

    def worth(self, price: Fraction) -> Fraction:
        return self.quantity * price * Fraction(self.market.multiplier)

    def unpaid(self, price: Fraction) -> Fraction:
        """Profit of the open lots at a price, since they were opened."""
        each = (lot.quantity * (price - lot.price) for lot in self.lots)
        return sum(each, _ZERO) * Fraction(self.market.multiplier)


def account_of(run: Run, fills: Iterable[Fill]) -> Account:
    account = Account(run.case.market)
    for fill in fills:
        _book(account, fill, run)
    return account


def _book(account: Account, fill: Fill, run: Run) -> None:
    day = run.case.session_at(fill.ts_ns).day
    sign = 1 if fill.side == "buy" else -1
    price, unit = Fraction(fill.price), Fraction(account.market.multiplier)
    left, of_day, older = Fraction(fill.quantity), _ZERO, _ZERO
    for lot in _in_turn(account, fill.offset, day):
        if lot.quantity * sign >= 0:
            continue
        part = min(left, abs(lot.quantity))
        account.made += -sign * part * (price - lot.price) * unit
        lot.quantity += sign * part
        left -= part
        of_day, older = (of_day + part, older) if lot.day == day else (of_day, older + part)
    account.lots = [lot for lot in account.lots if lot.quantity]
    if left:
        account.lots.append(Lot(day, sign * left, price))
    account.spent += sign * Fraction(fill.quantity) * price * unit
    account.paid += Fraction(fill.commission)
    parts = {"opened": left, "closed": older, "today": of_day}
    account.charges[fill.id] = _charge(account, fill, run, parts)


def _in_turn(account: Account, offset: Offset, day: date) -> list[Lot]:
    """The lots that a fill may close, as the exchange takes them."""
    market = account.market
    if market.names_age and offset is Offset.CLOSE:
        offset = Offset.CLOSE_YESTERDAY
    if market.names_age is False:
        offset = Offset.CLOSE
    if offset is Offset.CLOSE_TODAY:
        return [lot for lot in account.lots if lot.day == day]
    if offset is Offset.CLOSE_YESTERDAY or market.sells_next_day:
        return [lot for lot in account.lots if lot.day != day]
    return sorted(account.lots, key=lambda lot: market.takes_today and lot.day != day)


# What a fill may cost


def _charge(account: Account, fill: Fill, run: Run, parts: dict[str, Fraction]) -> set[Fraction]:
    if fill.cause == FREE:
        return {_ZERO}
    day, symbol = run.case.session_at(fill.ts_ns).day, account.market.symbol
    tier = _BOOK.rule("maker_taker#0", symbol, day)
    if tier is not None:
        assert isinstance(tier.entry, topics.MakerTaker)
        money = Fraction(fill.quantity) * Fraction(fill.price)
        if fill.cause == "liquidation":
            return {_fee_of_liquidation(account, fill, run, money)}
        rates = {"maker": tier.entry.maker, "taker": tier.entry.taker}
        return {money * Fraction(rates[name]) for name in _roles(fill, run)}
    fee = _BOOK.need(topics.Fee, symbol, day)
    unit_money = Fraction(fill.price) * Fraction(account.market.multiplier)
    rates_of = {"opened": fee.open, "closed": fee.close, "today": fee.close_today or fee.close}
    raw = sum((_on(rates_of[name], unit_money, count) for name, count in parts.items()), _ZERO)
    # The least of an order is spread over its fills: each pays what it lifts the order to.
    before = account._due.get(fill.order_id, _ZERO)
    account._raw[fill.order_id] = account._raw.get(fill.order_id, _ZERO) + raw
    due = max(account._raw[fill.order_id], Fraction(fee.minimum))
    account._due[fill.order_id] = due
    return {due - before + _public(fill, symbol, day, unit_money)}


def _fee_of_liquidation(account: Account, fill: Fill, run: Run, money: Fraction) -> Fraction:
    """The venue's share of what was closed, and never more than what was left by then."""
    tiers = _BOOK.need(topics.Maintenance, fill.symbol, run.case.session_at(fill.ts_ns).day)
    profit = account.made + account.unpaid(Fraction(fill.price))
    paid_before = account.paid - Fraction(fill.commission)
    left = Fraction(run.result.spec.cash) + profit - paid_before
    return max(min(money * Fraction(tiers.liquidation_fee), left), _ZERO)


def _public(fill: Fill, symbol: str, day: date, unit_money: Fraction) -> Fraction:
    """Duties, transfer fee and levies."""
    quantity, is_sale = Fraction(fill.quantity), fill.side == "sell"
    tax, transfer = (_BOOK.find(one, symbol, day) for one in (topics.Tax, topics.Transfer))
    share = Fraction(transfer.money) if isinstance(transfer, topics.Transfer) else _ZERO
    if isinstance(tax, topics.Tax):
        share += Fraction(tax.sell if is_sale else tax.buy)
    levies = [rule.entry for rule in _BOOK.all("levy", symbol, day)]
    taken = [
        _on(one.rate, unit_money, quantity)
        for one in levies
        if isinstance(one, topics.Levy) and one.side in {None, "sell" if is_sale else "buy"}
    ]
    return share * quantity * unit_money + sum(taken, _ZERO)


def _on(rate: topics.Rate, unit_money: Fraction, quantity: Fraction) -> Fraction:
    return quantity * (Fraction(rate.money) * unit_money + Fraction(rate.unit))


def _roles(fill: Fill, run: Run) -> set[str]:
    """Whether an order took or gave: a limit order that the open had not reached has rested."""
    is_for_close = run.result.orders["tif"][fill.order_id - 1] == "CLOSE"
    if is_for_close or fill.cause not in {"limit", "stop_limit", "take_profit"}:
        return {"taker"}
    opened = Decimal(run.case.bar_at(fill.ts_ns)[0]) * run.case.market.tick
    has_rested = opened > fill.price if fill.side == "buy" else opened < fill.price
    if fill.cause == "stop_limit" or not has_rested:
        return {"maker", "taker"}
    return {"maker"}
