"""Backtests on quotes, trades and snapshots: latency, queues, a compiled path."""

from quantloom.backtest.ticks.errors import (
    NoTickCallback,
    OnlyOnBars,
    ProgramBeyondAccount,
    ProgramFailed,
    TicksWithoutQuotes,
)
from quantloom.backtest.ticks.facade import assume_instrument, backtest_ticks
from quantloom.backtest.ticks.models import (
    DEFAULT_LATENCY,
    LOG_QUEUE,
    NO_LATENCY,
    PESSIMISTIC,
    PRO_RATA,
    RISK_AVERSE,
    Latency,
    QueueKind,
    QueueModel,
    constant_latency,
    latency_series,
    power_queue,
)
from quantloom.backtest.ticks.program import TickProgram, tick_program

__all__ = [
    "DEFAULT_LATENCY",
    "LOG_QUEUE",
    "NO_LATENCY",
    "PESSIMISTIC",
    "PRO_RATA",
    "RISK_AVERSE",
    "Latency",
    "NoTickCallback",
    "OnlyOnBars",
    "ProgramBeyondAccount",
    "ProgramFailed",
    "QueueKind",
    "QueueModel",
    "TickProgram",
    "TicksWithoutQuotes",
    "assume_instrument",
    "backtest_ticks",
    "constant_latency",
    "latency_series",
    "power_queue",
    "tick_program",
]
