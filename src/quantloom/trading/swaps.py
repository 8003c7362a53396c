"""What positions in swaps are worth, as liquidation looks at them."""

from decimal import Decimal

from quantloom.market import Instrument
from quantloom.trading.dayterms import DayTerms
from quantloom.trading.orders import Refused
from quantloom.trading.perpetual import Holding, Perpetual
from quantloom.trading.positions import Position
from quantloom.trading.rounding import divide_down

_CENT = Decimal("0.01")


def contract_of(instrument: Instrument) -> Perpetual:
    """How an instrument's quantity and price become money."""
    return Perpetual(multiplier=instrument.multiplier, is_inverse=instrument.is_inverse)


def holding_of(instrument: Instrument, position: Position) -> Holding:
    """An open position with its notional value when it was opened."""
    lots = ((lot.quantity, lot.basis) for lot in position.lots)
    return Holding.of(contract_of(instrument), lots)


def review_leverage(
    instrument: Instrument, terms: DayTerms, quantity: Decimal, price: Decimal
) -> Refused | None:
    """Say why a position may not be held at the account's leverage; None if it may."""
    if terms.maintenance is None:
        return None
    ratio = terms.margin.ratio_of(quantity)
    leverage = divide_down(Decimal(1), ratio, _CENT)
    return terms.maintenance.review(worth(instrument, quantity, price), leverage)


def worth(instrument: Instrument, quantity: Decimal, price: Decimal) -> Decimal:
    """Value of a quantity of either sign without its sign, in the money it is settled in."""
    if instrument.is_inverse:
        return contract_of(instrument).notional(quantity, price)
    return abs(quantity) * price * instrument.multiplier


def lost_between(
    instrument: Instrument, quantity: Decimal, before: Decimal, after: Decimal
) -> Decimal:
    """Difference in value of a quantity between two prices, without a sign."""
    if instrument.is_inverse:
        return abs(worth(instrument, quantity, after) - worth(instrument, quantity, before))
    return abs(after - before) * instrument.multiplier * quantity
