"""Thousands of parameter sets over one run's bars, in the memory of one."""

from quantloom.backtest.sweeps.figures import METRICS
from quantloom.backtest.sweeps.spaces import NoSets, Space, split_space
from quantloom.backtest.sweeps.sweeping import BadWorkers, sweep
from quantloom.backtest.sweeps.swept import (
    NoSetWorked,
    NoSuchColumn,
    SetRefused,
    Sweep,
    SweepsDiffer,
    merge_sweeps,
)

__all__ = [
    "METRICS",
    "BadWorkers",
    "NoSetWorked",
    "NoSets",
    "NoSuchColumn",
    "SetRefused",
    "Space",
    "Sweep",
    "SweepsDiffer",
    "merge_sweeps",
    "split_space",
    "sweep",
]
