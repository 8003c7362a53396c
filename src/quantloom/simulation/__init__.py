"""Matching, slippage and the simulated venue, shared by backtest and paper trading."""

from quantloom.simulation.matching import Match, Moment, match, reach
from quantloom.simulation.slippage import BadSlippage, Slippage
from quantloom.simulation.venue import Booking, SimulatedVenue

__all__ = [
    "BadSlippage",
    "Booking",
    "Match",
    "Moment",
    "SimulatedVenue",
    "Slippage",
    "match",
    "reach",
]
