"""Positions and fills of swaps that are settled in coin, where money goes by 1 / price.

A quotient has no last digit, so the value of each fill is cut to 0.00000001 coin, once and against
the trader. All else is sums of such values: a round trip is its part of the values of two fills.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal

from quantloom.market import Instrument
from quantloom.trading.costs import Commission, FillParts, Margin
from quantloom.trading.entitlements import ShareLot
from quantloom.trading.fills import Fill
from quantloom.trading.perpetual import COIN_QUANTUM, Holding, Perpetual
from quantloom.trading.positions import OpenLot, Position
from quantloom.trading.rounding import divide_up
from quantloom.trading.swaps import contract_of
from quantloom.trading.terms import ZERO

_ONE = Decimal(1)


class InversePosition(Position):
    """The open lots of an inverse swap.

    Attributes:
        cost: signed sum of the values of the lots in coin, below zero where it is long: what is
            bought is coin sold.
        realised: gross profit of everything closed so far, in coin.
    """

    __slots__ = ("contract",)

    def __init__(self, symbol: str, contract: Perpetual) -> None:
        super().__init__(symbol, contract.multiplier, is_margined=True)
        self.contract = contract

    @property
    def holding(self) -> Holding:
        """Its lots with their value when they were opened; it must not be flat."""
        return Holding.of(self.contract, ((lot.quantity, lot.basis) for lot in self.lots))

    @property
    def average_price(self) -> float:
        """The price at which its contracts are worth what they were at entry; NaN when flat."""
        if not self.quantity:
            return float("nan")
        return float(self.quantity * self.multiplier) / -float(self.cost)

    def open_profit(self, price: Decimal) -> Decimal:
        """Profit of the open lots at a price, in coin."""
        return self.unrealised(price)

    def open_profit_at(self, price: Decimal, rate: Decimal) -> Decimal:  # noqa: ARG002  the base's
        """The same: the account's currency is the coin."""
        return self.unrealised(price)

    def unrealised(self, price: Decimal) -> Decimal:
        """Profit of the open lots at a price, in coin, as if one fill closed them."""
        return self.holding.profit(price) if self.lots else ZERO

    def replace_lots(self, lots: Iterable[OpenLot]) -> None:
        """Hold other lots in place of the present ones."""
        super().replace_lots(lots)
        self.cost = sum((self._value(lot.quantity, lot.basis) for lot in self.lots), ZERO)

    def margin(self, quantity: Decimal, price: Decimal, margin: Margin) -> Decimal:
        """Margin in coin of a signed quantity at a price."""
        value = self.contract.notional(quantity, price)
        return margin.required(_ONE.copy_sign(quantity), value)

    def _value(self, quantity: Decimal, price: Decimal) -> Decimal:
        """Coin that a signed quantity is worth as it is traded; below zero where it is bought."""
        traded = self.contract.traded(quantity, price)
        return -traded if quantity > 0 else traded

    def _count_cost(self, lot: OpenLot, fill: Fill) -> None:
        self.cost += self._value(lot.quantity, fill.price)

    def _realise(
        self,
        lot: OpenLot,
        signed: Decimal,
        fill: Fill,
        rest: OpenLot,
        share: ShareLot | None,  # noqa: ARG002  swaps are no shares
    ) -> tuple[Decimal, Decimal]:
        """The parts that both fills' values lose with it, so that nothing is cut twice."""
        sign = fill.side.sign
        entered = self._value(lot.quantity + signed, lot.price)
        entered -= self._value(lot.quantity, lot.price)
        left = self._value((rest.quantity + abs(signed)) * sign, fill.price)
        left -= self._value(rest.quantity * sign, fill.price)
        self.cost -= entered
        gross = -left - entered
        self.realised += gross
        return gross, ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class _CoinParts(FillParts):
    """A fill that is settled in coin."""

    contract: Perpetual
    price: Decimal

    def money(self, quantity: Decimal) -> Decimal:
        return self.contract.notional(quantity, self.price)


def position_of(instrument: Instrument) -> Position:
    """A flat position of an instrument."""
    if instrument.is_inverse:
        return InversePosition(instrument.symbol, contract_of(instrument))
    return Position(instrument.symbol, instrument.multiplier, is_margined=instrument.is_margined)


def coin_charge(
    commission: Commission, parts: FillParts, instrument: Instrument, price: Decimal
) -> tuple[Decimal, Decimal]:
    """Commission and taxes of a fill in coin, each cut up; a rebate comes out smaller."""
    given = {one.name: getattr(parts, one.name) for one in fields(parts)}
    settled = _CoinParts(**given, contract=contract_of(instrument), price=price)
    raw, taxes = commission.raw(settled), commission.taxes(settled)
    return divide_up(raw, _ONE, COIN_QUANTUM), divide_up(taxes, _ONE, COIN_QUANTUM)
