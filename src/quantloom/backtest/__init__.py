"""Run a strategy over history: spec in, result out."""

from quantloom.backtest.desk import AskedTooLate, NoSuchColumn, OtherTimeframe, RunawayOrders
from quantloom.backtest.event import NoCallback, NotPlain, Progress, StrategyFailed
from quantloom.backtest.facade import BadMoment, OneSizing, backtest
from quantloom.backtest.result import BacktestResult, Hashes
from quantloom.backtest.run import NotAStrategy, OtherInstrument, run_backtest
from quantloom.backtest.spec import BacktestSpec, BadCash, BadSeed
from quantloom.backtest.tables import Table

__all__ = [
    "AskedTooLate",
    "BacktestResult",
    "BacktestSpec",
    "BadCash",
    "BadMoment",
    "BadSeed",
    "Hashes",
    "NoCallback",
    "NoSuchColumn",
    "NotAStrategy",
    "NotPlain",
    "OneSizing",
    "OtherInstrument",
    "OtherTimeframe",
    "Progress",
    "RunawayOrders",
    "StrategyFailed",
    "Table",
    "backtest",
    "run_backtest",
]
