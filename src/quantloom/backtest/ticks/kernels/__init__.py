"""The compiled run on ticks, and what a program calls; importing it loads numba."""

from quantloom.backtest.ticks.kernels.drive import drive
from quantloom.backtest.ticks.kernels.orders import (
    NONE,
    buy,
    buy_as_maker,
    buy_at_once,
    buy_market,
    cancel,
    cancel_all,
    is_working,
    left_of,
    price_of,
    sell,
    sell_as_maker,
    sell_at_once,
    sell_market,
    send,
)
from quantloom.backtest.ticks.kernels.state import DESK, DESK_TYPE, LEVELS, Delays, Log, Rows, World

__all__ = [
    "DESK",
    "DESK_TYPE",
    "LEVELS",
    "NONE",
    "Delays",
    "Log",
    "Rows",
    "World",
    "buy",
    "buy_as_maker",
    "buy_at_once",
    "buy_market",
    "cancel",
    "cancel_all",
    "drive",
    "is_working",
    "left_of",
    "price_of",
    "sell",
    "sell_as_maker",
    "sell_at_once",
    "sell_market",
    "send",
]
