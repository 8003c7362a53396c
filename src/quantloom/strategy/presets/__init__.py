"""Strategies that come with the library, offered by entry point like anybody else's."""

from quantloom.strategy.leaving import leave
from quantloom.strategy.presets.bollinger import Bollinger
from quantloom.strategy.presets.cointegration import (
    Hedge,
    TooFewPrices,
    critical_value,
    fit_hedge,
)
from quantloom.strategy.presets.grid import Grid
from quantloom.strategy.presets.macd import Macd
from quantloom.strategy.presets.momentum_rotation import MomentumRotation
from quantloom.strategy.presets.needs import InstrumentsNeeded, need_several, need_short
from quantloom.strategy.presets.opening_range import OpeningRange
from quantloom.strategy.presets.pairs import Pairs
from quantloom.strategy.presets.past import past_closes
from quantloom.strategy.presets.rsi import Rsi
from quantloom.strategy.presets.sma_cross import SmaCross
from quantloom.strategy.presets.supertrend import SuperTrend
from quantloom.strategy.presets.turtle import Turtle
from quantloom.strategy.presets.volatility_target_trend import VolatilityTargetTrend

__all__ = [
    "Bollinger",
    "Grid",
    "Hedge",
    "InstrumentsNeeded",
    "Macd",
    "MomentumRotation",
    "OpeningRange",
    "Pairs",
    "Rsi",
    "SmaCross",
    "SuperTrend",
    "TooFewPrices",
    "Turtle",
    "VolatilityTargetTrend",
    "critical_value",
    "fit_hedge",
    "leave",
    "need_several",
    "need_short",
    "past_closes",
]
