"""Orders, fills, positions, costs and the exact ledger; no I/O, no market data."""

from quantloom.trading.costs import BadCost, Commission, Margin, Rate, Trade
from quantloom.trading.fills import Fill
from quantloom.trading.ledger import Charge, Ledger, cash_flow
from quantloom.trading.orders import (
    ZERO,
    BadTransition,
    Order,
    OrderKind,
    OrderStatus,
    OrderTicket,
    Overfilled,
    Refused,
    Side,
)
from quantloom.trading.positions import Lot, Position, RoundTrip

__all__ = [
    "ZERO",
    "BadCost",
    "BadTransition",
    "Charge",
    "Commission",
    "Fill",
    "Ledger",
    "Lot",
    "Margin",
    "Order",
    "OrderKind",
    "OrderStatus",
    "OrderTicket",
    "Overfilled",
    "Position",
    "Rate",
    "Refused",
    "RoundTrip",
    "Side",
    "Trade",
    "cash_flow",
]
