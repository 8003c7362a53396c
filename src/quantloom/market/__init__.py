"""Instruments, exact values, bars, calendars: what a market is, without any I/O."""

from quantloom.market.bars import BadBars, Bar, Bars, EmptyRange, StaleBar
from quantloom.market.instruments import BadInstrument, Instrument, Kind, infer_tick
from quantloom.market.timeframes import BadTimeframe, Timeframe, usual_timeframe
from quantloom.market.values import (
    Money,
    NotANumber,
    Number,
    Price,
    PriceOffTick,
    Quantity,
    QuantityOffLot,
    exact,
    exactly,
)

__all__ = [
    "BadBars",
    "BadInstrument",
    "BadTimeframe",
    "Bar",
    "Bars",
    "EmptyRange",
    "Instrument",
    "Kind",
    "Money",
    "NotANumber",
    "Number",
    "Price",
    "PriceOffTick",
    "Quantity",
    "QuantityOffLot",
    "StaleBar",
    "Timeframe",
    "exact",
    "exactly",
    "infer_tick",
    "usual_timeframe",
]
