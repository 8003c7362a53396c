"""What users write strategies with: the base class, the context, parameters, lines, sizing."""

from quantloom.strategy.asynchronous import BadSignal, NotAdaptable, Signal, Waits, adapt
from quantloom.strategy.base import CALLBACKS, Strategy, offers_signals, offers_weights
from quantloom.strategy.columns import falls_through, rises_through
from quantloom.strategy.compiling import compiled
from quantloom.strategy.context import BadBasis, Context, NotAnOrder
from quantloom.strategy.desk import Desk
from quantloom.strategy.following import SignalFollower
from quantloom.strategy.leaving import leave
from quantloom.strategy.lines import (
    Cursor,
    FutureValue,
    Line,
    LineIsNoNumber,
    LineNeeded,
    crossed_above,
    crossed_below,
)
from quantloom.strategy.loading import (
    StrategyNotFound,
    StrategyUnreadable,
    WhichStrategy,
    code_digest,
    list_strategies,
    load_source,
    load_strategy,
)
from quantloom.strategy.ordering import BadTerms, EntryTerms, ExitTerms, MarketTerms
from quantloom.strategy.panel import BadSchedule, Panel
from quantloom.strategy.parameters import BadParameter, Parameter, ParameterSpec, Value
from quantloom.strategy.rebalancing import WeightFollower, rebalance
from quantloom.strategy.sight import BadCount, Sight, SymbolNotInRun, WhichInstrument
from quantloom.strategy.signals import BadSignals, Signals
from quantloom.strategy.sizing import (
    Account,
    AnySizing,
    BadSizing,
    Book,
    Entry,
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    Sizing,
    StopNeeded,
    Tally,
    VolatilityTarget,
)
from quantloom.strategy.timers import BadTimer, Timer
from quantloom.strategy.triggers import (
    BadInterval,
    NotACondition,
    Trigger,
    UnevenLines,
    crossing,
    crossing_above,
    crossing_below,
    every,
    over,
    under,
)
from quantloom.strategy.weights import BadWeights, Weights
from quantloom.trading import above, at, atr, below, percent, points, ticks, trailing

__all__ = [
    "CALLBACKS",
    "Account",
    "AnySizing",
    "BadBasis",
    "BadCount",
    "BadInterval",
    "BadParameter",
    "BadSchedule",
    "BadSignal",
    "BadSignals",
    "BadSizing",
    "BadTerms",
    "BadTimer",
    "BadWeights",
    "Book",
    "Context",
    "Cursor",
    "Desk",
    "Entry",
    "EntryTerms",
    "EquityShare",
    "ExitTerms",
    "FixedSize",
    "FutureValue",
    "KellyFraction",
    "Line",
    "LineIsNoNumber",
    "LineNeeded",
    "MarketTerms",
    "NotACondition",
    "NotAdaptable",
    "NotAnOrder",
    "Panel",
    "Parameter",
    "ParameterSpec",
    "RiskPerTrade",
    "Sight",
    "Signal",
    "SignalFollower",
    "Signals",
    "Sizing",
    "StopNeeded",
    "Strategy",
    "StrategyNotFound",
    "StrategyUnreadable",
    "SymbolNotInRun",
    "Tally",
    "Timer",
    "Trigger",
    "UnevenLines",
    "Value",
    "VolatilityTarget",
    "Waits",
    "WeightFollower",
    "Weights",
    "WhichInstrument",
    "WhichStrategy",
    "above",
    "adapt",
    "at",
    "atr",
    "below",
    "code_digest",
    "compiled",
    "crossed_above",
    "crossed_below",
    "crossing",
    "crossing_above",
    "crossing_below",
    "every",
    "falls_through",
    "leave",
    "list_strategies",
    "load_source",
    "load_strategy",
    "offers_signals",
    "offers_weights",
    "over",
    "percent",
    "points",
    "rebalance",
    "rises_through",
    "ticks",
    "trailing",
    "under",
]
