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
from quantloom.strategy.sizing import Account, BadSizing, Book, EquityShare, FixedSize, Sizing

__all__ = [
    "CALLBACKS",
    "Account",
    "BadBasis",
    "BadParameter",
    "BadSizing",
    "Book",
    "Context",
    "Cursor",
    "Desk",
    "EquityShare",
    "FixedSize",
    "FutureValue",
    "Line",
    "OneTrigger",
    "Parameter",
    "ParameterSpec",
    "Sizing",
    "Strategy",
    "StrategyNotFound",
    "StrategyUnreadable",
    "SymbolNotInRun",
    "Value",
    "WhichStrategy",
    "code_digest",
    "crossed_above",
    "crossed_below",
    "list_strategies",
    "load_strategy",
]
