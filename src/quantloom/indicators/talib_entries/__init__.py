"""The indicators that TA-Lib computes, one table for each group."""

from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.talib_entries.momentum import MOMENTUM
from quantloom.indicators.talib_entries.overlap import OVERLAP
from quantloom.indicators.talib_entries.statistic import STATISTIC
from quantloom.indicators.talib_entries.volatility import VOLATILITY

TALIB: tuple[IndicatorDefinition, ...] = (*OVERLAP, *MOMENTUM, *VOLATILITY, *STATISTIC)
