"""What users write strategies with: the base class, the context, parameters, lines, sizing."""

from quantloom.strategy.base import CALLBACKS, Strategy
from quantloom.strategy.context import BadBasis, Context, OneTrigger, SymbolNotInRun
from quantloom.strategy.desk import Desk
from quantloom.strategy.lines import Cursor, FutureValue, Line, crossed_above, crossed_below
from quantloom.strategy.loading import (
    StrategyNotFound,
    StrategyUnreadable,
    WhichStrategy,
    code_digest,
    list_strategies,
    load_strategy,
)
from quantloom.strategy.parameters import BadParameter, Parameter, ParameterSpec, Value
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
    VolatilityTarget,
)

__all__ = [
    "CALLBACKS",
    "Account",
    "AnySizing",
    "BadBasis",
    "BadParameter",
    "BadSizing",
    "Book",
    "Context",
    "Cursor",
    "Desk",
    "Entry",
    "EquityShare",
    "FixedSize",
    "FutureValue",
    "KellyFraction",
    "Line",
    "OneTrigger",
    "Parameter",
    "ParameterSpec",
    "RiskPerTrade",
    "Sizing",
    "StopNeeded",
    "Strategy",
    "StrategyNotFound",
    "StrategyUnreadable",
    "SymbolNotInRun",
    "Value",
    "VolatilityTarget",
    "WhichStrategy",
    "code_digest",
    "crossed_above",
    "crossed_below",
    "list_strategies",
    "load_strategy",
]
