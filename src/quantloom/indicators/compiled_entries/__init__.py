"""Indicators that TA-Lib lacks, compiled here, one table for each group.

TA-Lib 0.8 has more than its reputation: DONCHIAN, HMA, KC, RMA, SUPERTREND, ZLEMA, HA, AC, AO,
COPPOCK, DPO, ER, ERI, FOSC, FRACTAL, KDJ, SMI, TSI, VHF, VORTEX, ADR, CVI, MASSI, RVI, CMF, EFI,
NVI, PVI, PVO, PVT, PERCENTILE and PERCENTRANK come from there. Its VWMA, RVOL and VWAP do not:
where there is no volume they give numbers that mean nothing.
"""

from quantloom.indicators.compiled_entries.momentum import MOMENTUM
from quantloom.indicators.compiled_entries.overlap import OVERLAP
from quantloom.indicators.compiled_entries.statistic import STATISTIC
from quantloom.indicators.compiled_entries.volatility import VOLATILITY
from quantloom.indicators.compiled_entries.volume import VOLUME
from quantloom.indicators.definition import IndicatorDefinition

__all__ = ["COMPILED"]

COMPILED: tuple[IndicatorDefinition, ...] = (
    *OVERLAP,
    *MOMENTUM,
    *VOLUME,
    *VOLATILITY,
    *STATISTIC,
)
