"""Matching, slippage and the simulated venue, shared by backtest and paper trading."""

from quantloom.simulation.book import Book, counts_volume
from quantloom.simulation.execution import Booking, Executor
from quantloom.simulation.liquidator import Forced, Liquidator
from quantloom.simulation.matching import (
    Hit,
    Moment,
    reach_close,
    reach_inside,
    reach_late,
    reach_open,
    trigger_at_open,
)
from quantloom.simulation.reasons import END_OF_DATA, NOTHING_TO_CLOSE, all_closed, trimmed
from quantloom.simulation.resting import OfferedBar, Resting
from quantloom.simulation.slippage import (
    AnySlippage,
    BadSlippage,
    History,
    Liquidity,
    Slippage,
    SlippageModel,
    SquareRootImpact,
    VolumeShareSlippage,
    worsen,
)
from quantloom.simulation.venue import SimulatedVenue

__all__ = [
    "END_OF_DATA",
    "NOTHING_TO_CLOSE",
    "AnySlippage",
    "BadSlippage",
    "Book",
    "Booking",
    "Executor",
    "Forced",
    "History",
    "Hit",
    "Liquidator",
    "Liquidity",
    "Moment",
    "OfferedBar",
    "Resting",
    "SimulatedVenue",
    "Slippage",
    "SlippageModel",
    "SquareRootImpact",
    "VolumeShareSlippage",
    "all_closed",
    "counts_volume",
    "reach_close",
    "reach_inside",
    "reach_late",
    "reach_open",
    "trigger_at_open",
    "trimmed",
    "worsen",
]
