"""The indicators that TA-Lib computes, one table for each group.

Left out are those that give no series of one instrument's bars: MAVP and BETA want a second
series, MAXINDEX, MININDEX and MINMAXINDEX give row numbers. VWMA, VWAP and RVOL are left out for
what they give where there is no volume: remainders of rounding, or zero.
"""

from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.talib_entries.cycle import CYCLE
from quantloom.indicators.talib_entries.momentum import MOMENTUM
from quantloom.indicators.talib_entries.overlap import OVERLAP
from quantloom.indicators.talib_entries.pattern import PATTERN
from quantloom.indicators.talib_entries.price import PRICE
from quantloom.indicators.talib_entries.statistic import STATISTIC
from quantloom.indicators.talib_entries.volatility import VOLATILITY
from quantloom.indicators.talib_entries.volume import VOLUME

__all__ = ["TALIB"]

TALIB: tuple[IndicatorDefinition, ...] = (
    *OVERLAP,
    *MOMENTUM,
    *VOLUME,
    *VOLATILITY,
    *PRICE,
    *STATISTIC,
    *CYCLE,
    *PATTERN,
)
