"""Run a strategy over history: spec in, result out."""

from quantloom.backtest.desk import RunawayOrders
from quantloom.backtest.event import NoCallback, NotPlain, Progress, StrategyFailed
from quantloom.backtest.facade import BadMoment, OneSizing, backtest
from quantloom.backtest.feed import AskedTooLate, NoSuchColumn
from quantloom.backtest.result import BacktestResult, Hashes
from quantloom.backtest.run import BadState, NotAStrategy, OtherInstrument, run_backtest
from quantloom.backtest.spec import (
    PARTICIPATION,
    BacktestSpec,
    BadCash,
    BadRunSetting,
    BadSeed,
    MixedCurrencies,
)
from quantloom.backtest.steps import StepBars
from quantloom.backtest.tables import Table

__all__ = [
    "PARTICIPATION",
    "AskedTooLate",
    "BacktestResult",
    "BacktestSpec",
    "BadCash",
    "BadMoment",
    "BadRunSetting",
    "BadSeed",
    "BadState",
    "Hashes",
    "MixedCurrencies",
    "NoCallback",
    "NoSuchColumn",
    "NotAStrategy",
    "NotPlain",
    "OneSizing",
    "OtherInstrument",
    "Progress",
    "RunawayOrders",
    "StepBars",
    "StrategyFailed",
    "Table",
    "backtest",
    "run_backtest",
]
