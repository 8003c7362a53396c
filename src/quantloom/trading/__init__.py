"""Orders, fills, positions, costs and the exact ledger; no I/O, no market data."""

from quantloom.trading.costs import BadCost, BadMargin, Commission, FillParts, Margin, Rate
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
from quantloom.trading.positions import OpenLot, Position, PositionView, RoundTrip

__all__ = [
    "ZERO",
    "BadCost",
    "BadMargin",
    "BadTransition",
    "Charge",
    "Commission",
    "Fill",
    "FillParts",
    "Ledger",
    "Margin",
    "OpenLot",
    "Order",
    "OrderKind",
    "OrderStatus",
    "OrderTicket",
    "Overfilled",
    "Position",
    "PositionView",
    "Rate",
    "Refused",
    "RoundTrip",
    "Side",
    "cash_flow",
]
