"""Run a strategy over history: spec in, result out."""

from quantloom.backtest.analysis import Benchmark
from quantloom.backtest.archive import CorruptResult, NoResult, ResultThere
from quantloom.backtest.callbacks import NoCallback, NotPlain, Unheard, WrongSignature
from quantloom.backtest.comparison import BadNames, Comparison, NothingToCompare, compare
from quantloom.backtest.desk import NoPriceYet
from quantloom.backtest.distributions import ActionUse
from quantloom.backtest.event import Progress, StrategyFailed
from quantloom.backtest.executors import Engine, NoSignals
from quantloom.backtest.export import TooManyRows, XlsxExtraMissing
from quantloom.backtest.facade import backtest
from quantloom.backtest.feed import AskedTooLate, NoSuchColumn
from quantloom.backtest.fill_band import Band, band
from quantloom.backtest.hashes import Hashes
from quantloom.backtest.inputs import ActionOfOther, NotBars
from quantloom.backtest.leaks import Audit, Leak, Note
from quantloom.backtest.lookahead import AuditSetting, BadAudit
from quantloom.backtest.lowering.refusals import NotCompilable, RunsAsPython
from quantloom.backtest.news import RunawayOrders
from quantloom.backtest.preparing import BadMoment, OneSizing
from quantloom.backtest.quick import NeedsEventEngine, QuickRun, run_quick
from quantloom.backtest.rates import (
    BadRates,
    NoRateYet,
    Rates,
    RatesEnd,
    RatesMissing,
    RatesUnused,
    read_fx,
)
from quantloom.backtest.ready import BadState, NotAStrategy, OtherInstrument
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.rule_use import RuleUse
from quantloom.backtest.run import run_backtest
from quantloom.backtest.saved import load_result
from quantloom.backtest.spec import (
    PARTICIPATION,
    BacktestSpec,
    BadCash,
    BadRunSetting,
    BadSeed,
    RulesSetting,
)
from quantloom.backtest.steps import StepBars
from quantloom.backtest.sweeps import Sweep, sweep
from quantloom.backtest.tables import Table
from quantloom.backtest.tick_use import Kindness, TickUse
from quantloom.backtest.trial_count import BadLineage, Lineage, TrialCount, TrialSums
from quantloom.backtest.trials import (
    LineageTrials,
    NoLineage,
    TrialLedger,
    Trials,
    TrialsNotCounted,
    count_trials,
    daily_sharpe,
)

__all__ = [
    "PARTICIPATION",
    "ActionOfOther",
    "ActionUse",
    "AskedTooLate",
    "Audit",
    "AuditSetting",
    "BacktestResult",
    "BacktestSpec",
    "BadAudit",
    "BadCash",
    "BadLineage",
    "BadMoment",
    "BadNames",
    "BadRates",
    "BadRunSetting",
    "BadSeed",
    "BadState",
    "Band",
    "Benchmark",
    "Comparison",
    "CorruptResult",
    "Engine",
    "Hashes",
    "Kindness",
    "Leak",
    "Lineage",
    "LineageTrials",
    "NeedsEventEngine",
    "NoCallback",
    "NoLineage",
    "NoPriceYet",
    "NoRateYet",
    "NoResult",
    "NoSignals",
    "NoSuchColumn",
    "NotAStrategy",
    "NotBars",
    "NotCompilable",
    "NotPlain",
    "Note",
    "NothingToCompare",
    "OneSizing",
    "OtherInstrument",
    "Progress",
    "QuickRun",
    "Rates",
    "RatesEnd",
    "RatesMissing",
    "RatesUnused",
    "ResultThere",
    "RuleUse",
    "RulesSetting",
    "RunawayOrders",
    "RunsAsPython",
    "StepBars",
    "StrategyFailed",
    "Sweep",
    "Table",
    "TickUse",
    "TooManyRows",
    "TrialCount",
    "TrialLedger",
    "TrialSums",
    "Trials",
    "TrialsNotCounted",
    "Unheard",
    "WrongSignature",
    "XlsxExtraMissing",
    "backtest",
    "band",
    "compare",
    "count_trials",
    "daily_sharpe",
    "load_result",
    "read_fx",
    "run_backtest",
    "run_quick",
    "sweep",
]
