"""What a holder of shares gets from a corporate action, and the tax that follows at the sale."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_DOWN, Context, Decimal
from enum import StrEnum
from typing import Self

from quantloom.errors import Conflict, Invalid
from quantloom.market.adjustment import Action
from quantloom.market.rulebook.topics import DividendTax
from quantloom.market.values import EXACT, Number, exact, exactly
from quantloom.trading.rounding import to_cent
from quantloom.trading.terms import ZERO

# Shares of a lot's cost and income are cut here; the last part takes the rest, so none is lost.
_SHARE_EXPONENT = Decimal("1e-12")
_CUT = Context(prec=60, rounding=ROUND_DOWN)
_MONTHS_PER_YEAR = 12


class NotEnoughShares(Conflict):
    """More shares to be sold than are held."""

    code = "trading.not_enough_shares"

    def __init__(self, wanted: Decimal, held: Decimal) -> None:
        super().__init__(wanted, held)
        self.wanted, self.held = wanted, held

    def __str__(self) -> str:
        return f"{self.wanted} shares are to be sold and {self.held} are held; sell fewer"


class RightsPriceMissing(Invalid):
    """Rights are to be sold, and nobody said at what price."""

    code = "trading.rights_price_missing"

    def __init__(self, symbol: str) -> None:
        super().__init__(symbol)
        self.symbol = symbol

    def __str__(self) -> str:
        return f"{self.symbol}: rights are sold at a price; give one, such as rights_value()"


class RightsChoice(StrEnum):
    """What a holder does with rights. On A-share exchanges they cannot be sold."""

    TAKE = "take"
    SELL = "sell"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Income:
    """A dividend of a lot whose tax is known only when the lot is sold.

    Attributes:
        amount: taxable money of the whole lot.
        tax: the rates in force on its ex-day; `longer` of them was withheld when it was paid.
    """

    amount: Decimal
    tax: DividendTax


@dataclass(frozen=True, slots=True)
class ShareLot:
    """Shares got on one day.

    Attributes:
        quantity: below zero for a short position.
        opened: the trading day.
        cost: money paid for all of them; new shares for nothing take their part of it.
        incomes: dividends that may still be taxed.
        origin: by which the caller knows a lot again; None for new shares.
    """

    quantity: Decimal
    opened: date
    cost: Decimal
    incomes: tuple[Income, ...] = ()
    origin: int | None = None

    @classmethod
    def bought(cls, quantity: Number, opened: date, price: Number) -> Self:
        """Make a lot of a fill."""
        shares = exact(quantity)
        return cls(shares, opened, EXACT.multiply(shares, exact(price)))

    @property
    def price(self) -> float:
        """Mean cost of a share, an estimate."""
        return float(self.cost) / float(self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """What one holder gets of one action.

    Attributes:
        quantity: held at the close before the ex-day.
        cash: gross, on the pay day; below zero for who is short, and owes it.
        withheld: tax taken from it on the pay day.
        shares: whole new shares, or those that a split adds or takes away.
        fraction: what was rounded off, in shares; where fractions are paid in cash, its quantity.
        rights: whole shares that may be subscribed.
        lots: what is held from the ex-day on; new shares may be sold from the credit day.
    """

    action: Action
    quantity: Decimal
    cash: Decimal
    withheld: Decimal
    shares: Decimal
    fraction: Decimal
    rights: Decimal
    lots: tuple[ShareLot, ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale of shares, first in first out.

    Attributes:
        lots: what is left. parts: what was sold, a part for each lot it was taken from.
        tax: on their dividends, by how long each part was held.
    """

    lots: tuple[ShareLot, ...]
    parts: tuple[ShareLot, ...]
    tax: Decimal


@dataclass(frozen=True, slots=True)
class RightsOutcome:
    """What became of rights: cash, below zero where it was paid, and the lot that was bought."""

    cash: Decimal
    lot: ShareLot | None = None


def entitle(
    lots: Sequence[ShareLot], action: Action, tax: DividendTax | None = None
) -> Entitlement:
    """Work out what a holder gets; lots opened on the ex-day or later get nothing.

    New shares are a lot of their own, opened on the credit day, and take their part of the cost.
    Those of a split stay in their lots. The holder's total is rounded down to whole shares, cash
    half up to the cent.

    Args:
        lots: oldest first.
        tax: `DividendTax` of the rule book on the ex-day; without it nothing is taxed.
    Source:
        Fractions: the depository of China ranks holders by the fraction they are left with and
        deals out what is over one by one, by lot among equals. Whether one comes cannot be known,
        so none does. Taxes: 财税[2012]85号 and 财税[2015]101号: bonus shares are taxed at face
        value, capitalised reserves are not; shares out of either are an acquisition of their own.
    """
    entitled = [lot for lot in lots if lot.opened < action.ex_day]
    bought_since = [lot for lot in lots if lot.opened >= action.ex_day]
    with exactly():
        held = sum((lot.quantity for lot in entitled), ZERO)
        split, new = _whole(held * action.split), _whole(held * action.new_shares)
        kept = _with_income(entitled, action, tax)
        split_up = _split(kept, action.split, split)
        if new and not split_up:  # what is left is new shares alone
            split_up = [replace(kept[0], quantity=ZERO, cost=sum((one.cost for one in kept), ZERO))]
        kept = _with_new(split_up, new, action.credit_day or action.ex_day)
        return Entitlement(
            action=action,
            quantity=held,
            cash=to_cent(held * action.cash),
            withheld=to_cent(tax.longer * _taxable(entitled, action)) if tax else ZERO,
            shares=split + new - held,
            fraction=held * action.shares - split - new,
            rights=max(_whole(held * action.rights), ZERO),
            lots=tuple(sorted((*kept, *bought_since), key=lambda lot: lot.opened)),
        )


def sell(lots: Sequence[ShareLot], quantity: Number, day: date) -> Sold:
    """Take shares off, first in first out, and work out the tax on their dividends.

    The tax is what the rate of the time held asks beyond what was withheld at the pay day; the
    broker takes it from the account after the sale. Half up to the cent.

    Args:
        lots: oldest first, all long.
        day: of the sale.
    Raises:
        NotEnoughShares: fewer are held.
    """
    wanted = exact(quantity)
    with exactly():
        left, held = wanted, sum((lot.quantity for lot in lots), ZERO)
        if wanted > held:
            raise NotEnoughShares(wanted, held)
        kept: list[ShareLot] = []
        parts: list[ShareLot] = []
        for lot in lots:
            part, rest = split_lot(lot, min(left, lot.quantity))
            left -= part.quantity
            parts += [part] if part.quantity else []
            kept += [rest] if rest.quantity else []
        tax = tax_at_sale(parts, day)
    return Sold(tuple(kept), tuple(parts), tax)


def tax_at_sale(parts: Iterable[ShareLot], day: date) -> Decimal:
    """What the sale of shares owes on their dividends beyond what was withheld, to the cent.

    Args:
        day: of the sale.
    """
    return to_cent(sum((_owed(part, day) for part in parts), ZERO))


def holding_rate(tax: DividendTax, *, opened: date, sold: date) -> Decimal:
    """The rate of a dividend on shares held from one day to another.

    A month is held from a day to the day before the same day of the next month, and the day of
    the sale is not held any more.

    Source:
        财税[2012]85号 and the authorities' example for it: bought on 2013-05-24, a sale up to
        2013-06-24 pays the rate of a month, one up to 2014-05-24 that of a year.
    """
    if sold <= _months_after(opened, 1):
        return tax.month
    return tax.year if sold <= _months_after(opened, _MONTHS_PER_YEAR) else tax.longer


def settle_rights(
    entitlement: Entitlement, choice: RightsChoice, *, day: date, price: Number | None = None
) -> RightsOutcome:
    """Take rights up, sell them, or let them lapse and bear the dilution.

    Args:
        day: on which the subscribed shares are held from.
        price: of one right, where they are sold.
    Raises:
        RightsPriceMissing: they are sold, and there is no price.
    """
    action, rights = entitlement.action, entitlement.rights
    if choice is RightsChoice.IGNORE or not rights:
        return RightsOutcome(ZERO)
    if choice is RightsChoice.TAKE:
        lot = ShareLot.bought(rights, day, action.rights_price)
        return RightsOutcome(-lot.cost, lot)
    if price is None:
        raise RightsPriceMissing(action.symbol)
    return RightsOutcome(to_cent(EXACT.multiply(rights, exact(price))))


def _income_of_share(action: Action) -> Decimal:
    return action.cash + action.bonus * action.par


def _taxable(lots: Sequence[ShareLot], action: Action) -> Decimal:
    return sum((max(lot.quantity, ZERO) for lot in lots), ZERO) * _income_of_share(action)


def _with_income(
    lots: Sequence[ShareLot], action: Action, tax: DividendTax | None
) -> list[ShareLot]:
    """Note on each long lot the income that its sale will be taxed for."""
    each = _income_of_share(action)
    if tax is None or not each:
        return list(lots)
    return [
        replace(lot, incomes=(*lot.incomes, Income(lot.quantity * each, tax)))
        if lot.quantity > 0
        else lot
        for lot in lots
    ]


def _split(lots: Sequence[ShareLot], split: Decimal, total: Decimal) -> list[ShareLot]:
    """Multiply quantities; what rounds off goes from the last ones, their cost to those left."""
    if split == 1:
        return list(lots)
    done: list[ShareLot] = []
    taken = ZERO
    for lot in lots:
        part = _nearer_to_zero(lot.quantity * split, total - taken)
        taken += part
        if part:
            done.append(replace(lot, quantity=part))
        elif done:
            before = done[-1]
            done[-1] = replace(
                before, cost=before.cost + lot.cost, incomes=before.incomes + lot.incomes
            )
    return done


def _with_new(lots: Sequence[ShareLot], new: Decimal, opened: date) -> list[ShareLot]:
    """Add the lot of new shares, with the part of everybody's cost that is now theirs."""
    if not new:
        return list(lots)
    held = sum((lot.quantity for lot in lots), ZERO)
    moved = [_share(lot.cost, new, held + new) for lot in lots]
    pairs = zip(lots, moved, strict=True)
    kept = [replace(lot, cost=lot.cost - cost) for lot, cost in pairs if lot.quantity]
    return [*kept, ShareLot(new, opened, sum(moved, ZERO))]


def split_lot(lot: ShareLot, quantity: Decimal) -> tuple[ShareLot, ShareLot]:
    """A lot in two: so many shares with their part of its cost and incomes, and the rest."""
    if quantity == lot.quantity:
        return lot, replace(lot, quantity=ZERO, cost=ZERO, incomes=())
    cost = _share(lot.cost, quantity, lot.quantity)
    parts = [_share(income.amount, quantity, lot.quantity) for income in lot.incomes]
    pairs = list(zip(lot.incomes, parts, strict=True))
    taken = tuple(Income(part, income.tax) for income, part in pairs)
    left = tuple(Income(income.amount - part, income.tax) for income, part in pairs)
    return (
        replace(lot, quantity=quantity, cost=cost, incomes=taken),
        replace(lot, quantity=lot.quantity - quantity, cost=lot.cost - cost, incomes=left),
    )


def _owed(part: ShareLot, day: date) -> Decimal:
    owed = ZERO
    for income in part.incomes:
        rate = holding_rate(income.tax, opened=part.opened, sold=day) - income.tax.longer
        owed += income.amount * max(rate, ZERO)
    return owed


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    share = _CUT.divide(_CUT.multiply(amount, part), whole)
    return _CUT.quantize(share, _SHARE_EXPONENT)


def _whole(quantity: Decimal) -> Decimal:
    return quantity.to_integral_value(ROUND_DOWN)


def _nearer_to_zero(one: Decimal, other: Decimal) -> Decimal:
    return one if abs(one) < abs(other) else other


def _months_after(day: date, months: int) -> date:
    """The same day of a later month; its last one where it is shorter."""
    years, month = divmod(day.month - 1 + months, _MONTHS_PER_YEAR)
    year = day.year + years
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
