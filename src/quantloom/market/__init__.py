"""Instruments, exact values, bars, calendars: what a market is, without any I/O."""

from quantloom.market.bars import BadBars, Bar, Bars, EmptyRange, StaleBar, bar_problems
from quantloom.market.calendar import (
    AlwaysOpen,
    Calendar,
    SessionTable,
    knows_holidays,
    trading_days_of,
)
from quantloom.market.defaults import assume_instrument, default_instrument
from quantloom.market.exchange_hours import (
    UnknownCalendar,
    auctions,
    get_calendar,
    product_calendar,
)
from quantloom.market.frames import (
    FramesExtraMissing,
    FrameTimesAreNumbers,
    FrameTimesUnreadable,
    FrameWithoutColumn,
)
from quantloom.market.holidays import Holidays, cn_holidays, us_holidays, us_short_days
from quantloom.market.instruments import BadInstrument, Instrument, Kind, infer_tick
from quantloom.market.products import Product, find_product, products
from quantloom.market.resample import (
    BarsCutElsewhere,
    Buckets,
    CannotResample,
    align,
    buckets,
    is_day_end,
    last_closed,
    resample,
)
from quantloom.market.sessions import LocalHours, Session, local_ns
from quantloom.market.symbols import (
    AmbiguousMonth,
    Resolution,
    UnknownSymbol,
    local_symbol,
    resolve,
)
from quantloom.market.timeframes import BadTimeframe, Timeframe, ends_of, usual_timeframe
from quantloom.market.values import (
    EXACT,
    CurrencyMismatch,
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
    "EXACT",
    "AlwaysOpen",
    "AmbiguousMonth",
    "BadBars",
    "BadInstrument",
    "BadTimeframe",
    "Bar",
    "Bars",
    "BarsCutElsewhere",
    "Buckets",
    "Calendar",
    "CannotResample",
    "CurrencyMismatch",
    "EmptyRange",
    "FrameTimesAreNumbers",
    "FrameTimesUnreadable",
    "FrameWithoutColumn",
    "FramesExtraMissing",
    "Holidays",
    "Instrument",
    "Kind",
    "LocalHours",
    "Money",
    "NotANumber",
    "Number",
    "Price",
    "PriceOffTick",
    "Product",
    "Quantity",
    "QuantityOffLot",
    "Resolution",
    "Session",
    "SessionTable",
    "StaleBar",
    "Timeframe",
    "UnknownCalendar",
    "UnknownSymbol",
    "align",
    "assume_instrument",
    "auctions",
    "bar_problems",
    "buckets",
    "cn_holidays",
    "default_instrument",
    "ends_of",
    "exact",
    "exactly",
    "find_product",
    "get_calendar",
    "infer_tick",
    "is_day_end",
    "knows_holidays",
    "last_closed",
    "local_ns",
    "local_symbol",
    "product_calendar",
    "products",
    "resample",
    "resolve",
    "trading_days_of",
    "us_holidays",
    "us_short_days",
    "usual_timeframe",
]
