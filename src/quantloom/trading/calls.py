"""Which positions are closed by force when equity no longer covers their margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from quantloom.trading.ledger import Ledger
from quantloom.trading.terms import ZERO


@dataclass(frozen=True, slots=True)
class MarginCall:
    """How much of a position must be closed.

    Attributes:
        quantity: above zero, whole lots.
    """

    symbol: str
    is_long: bool
    quantity: Decimal


def margin_calls(ledger: Ledger, prices: Mapping[str, Decimal]) -> list[MarginCall]:
    """Say what an account must close after settlement, the positions of most margin first.

    Perpetual swaps are not settled and have a liquidation of their own, so they stay out.

    Args:
        prices: at which each open position is settled, by symbol.
    Returns:
        As many whole lots as free the margin that equity lacks; none where it covers all.
    """
    settled = {symbol: one for symbol, one in ledger.held.items() if not one[0].is_swap}
    lots = {symbol: _lot_margin(ledger, symbol, prices[symbol]) for symbol in settled}
    margins = {
        symbol: lot * (abs(position.quantity) // instrument.lot)
        for (symbol, lot), (instrument, position) in zip(
            lots.items(), settled.values(), strict=True
        )
    }
    values = (ledger.value(one, prices[symbol]) for symbol, (one, _) in ledger.held.items())
    lacking = sum(margins.values(), ZERO) - sum(values, ledger.cash + ledger.receivable)
    calls = []
    for symbol in sorted(margins, key=lambda one: margins[one], reverse=True):
        if lacking <= 0:
            break
        instrument, position = ledger.held[symbol]
        whole, rest = divmod(lacking, lots[symbol])
        held = abs(position.quantity) // instrument.lot
        closed = min(whole + (1 if rest else 0), held)
        lacking -= closed * lots[symbol]
        calls.append(MarginCall(symbol, position.is_long, closed * instrument.lot))
    return calls


def _lot_margin(ledger: Ledger, symbol: str, price: Decimal) -> Decimal:
    instrument, position = ledger.held[symbol]
    signed = instrument.lot if position.is_long else -instrument.lot
    required = ledger.terms_of(symbol).margin.required(signed, price * instrument.multiplier)
    return ledger.worth(symbol, required)
