"""Which positions are closed by force when equity no longer covers their margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quantloom.trading.dayterms import DayTerms
from quantloom.trading.ledger import Ledger
from quantloom.trading.margins import margin_now, margin_of_sides
from quantloom.trading.orders import Side
from quantloom.trading.positions import Position
from quantloom.trading.terms import ZERO


@dataclass(frozen=True, slots=True)
class MarginCall:
    """How much of a position must be closed.

    Attributes:
        quantity: above zero, whole lots.
        is_locked: both sides have lots, so that an order must say that it closes.
    """

    symbol: str
    is_long: bool
    quantity: Decimal
    is_locked: bool = False


def margin_calls(ledger: Ledger, prices: Mapping[str, Decimal]) -> list[MarginCall]:
    """Say what an account must close after settlement, the positions of most margin first.

    Perpetual swaps are not settled and have a liquidation of their own, so they stay out.

    Args:
        prices: at which each open position is settled, by symbol.
    Returns:
        As many whole lots as free the margin that equity lacks; none where it covers all.
    """
    settled = {symbol: one for symbol, one in ledger.held.items() if not one[0].is_swap}
    margins = {
        symbol: ledger.worth(symbol, margin_now(position, prices[symbol], ledger.terms_of(symbol)))
        for symbol, (_, position) in settled.items()
    }
    values = (ledger.value(one, prices[symbol]) for symbol, (one, _) in ledger.held.items())
    lacking = sum(margins.values(), ZERO) - sum(values, ledger.cash + ledger.receivable)
    calls = []
    for symbol in sorted(margins, key=lambda one: margins[one], reverse=True):
        if lacking <= 0:
            break
        instrument, position = ledger.held[symbol]
        if position.locked:
            unit = ledger.worth(symbol, prices[symbol] * instrument.multiplier)
            terms = ledger.terms_of(symbol)
            found, freed = _unlocking(position, instrument.lot, lacking, unit, terms)
        else:
            of_lot = _lot_margin(ledger, symbol, prices[symbol])
            found, freed = _shrinking(position, instrument.lot, lacking, of_lot)
        lacking -= freed
        calls += found
    return calls


def _shrinking(
    position: Position, lot: Decimal, lacking: Decimal, of_lot: Decimal
) -> tuple[list[MarginCall], Decimal]:
    whole, rest = divmod(lacking, of_lot)
    closed = min(whole + (1 if rest else 0), abs(position.quantity) // lot)
    call = MarginCall(position.symbol, position.is_long, closed * lot)
    return [call], closed * of_lot


def _lot_margin(ledger: Ledger, symbol: str, price: Decimal) -> Decimal:
    instrument, position = ledger.held[symbol]
    signed = instrument.lot if position.is_long else -instrument.lot
    required = ledger.terms_of(symbol).margin.required(signed, price * instrument.multiplier)
    return ledger.worth(symbol, required)


def _unlocking(
    position: Position, lot: Decimal, lacking: Decimal, unit: Decimal, terms: DayTerms
) -> tuple[list[MarginCall], Decimal]:
    """Close the larger side of a lock, lot by lot, then both together.

    Args:
        unit: value of one contract in the account's currency.
    """
    held = dict(position.sides)
    left = dict(held)
    before = margin_of_sides(left[Side.BUY] * unit, left[Side.SELL] * unit, terms)
    freed = ZERO
    while freed < lacking and any(left.values()):
        most = max(left.values())
        left = {side: lots - lot if lots == most else lots for side, lots in left.items()}
        freed = before - margin_of_sides(left[Side.BUY] * unit, left[Side.SELL] * unit, terms)
    calls = [
        MarginCall(position.symbol, side is Side.BUY, held[side] - left[side], is_locked=True)
        for side in held
        if held[side] > left[side]
    ]
    return calls, freed
