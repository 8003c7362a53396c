"""Indicators that TA-Lib lacks, compiled here.

TA-Lib 0.8 has more than its reputation: DONCHIAN, HMA, KC, RMA, SUPERTREND, VWMA, ZLEMA, HA, AC,
AO, COPPOCK, DPO, ER, ERI, FOSC, FRACTAL, KDJ, SMI, TSI, VHF, VORTEX, ADR, CVI, MASSI, RVI, CMF,
EFI, NVI, PVI, PVO, PVT, RVOL, VWAP, PERCENTILE and PERCENTRANK come from there.
"""

from quantloom.indicators.definition import IndicatorDefinition

COMPILED: tuple[IndicatorDefinition, ...] = ()
