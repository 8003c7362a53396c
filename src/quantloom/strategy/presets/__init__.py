"""Strategies that come with the library, offered by entry point like anybody else's."""

from quantloom.strategy.presets.bollinger import Bollinger
from quantloom.strategy.presets.sma_cross import SmaCross

__all__ = ["Bollinger", "SmaCross"]
