"""Indicators: a catalog of them, each over whole arrays and bar by bar with equal values."""

from quantloom.indicators.catalog import (
    IndicatorExists,
    IndicatorNotFound,
    get_indicator,
    list_aliases,
    list_indicators,
    register,
)
from quantloom.indicators.columns import Columns, compute
from quantloom.indicators.definition import (
    BadIndicatorInput,
    BoundIndicator,
    IndicatorDefinition,
    NoStreamingTwin,
)
from quantloom.indicators.own import BadIndicatorDefinition, Bounds, indicator
from quantloom.indicators.parameters import BadIndicatorParameter, IndicatorParameter
from quantloom.indicators.sources import SOURCES, BadIndicatorSource
from quantloom.indicators.streaming import BadIndicatorOutput, BarLike, Stream, StreamingTwin

__all__ = [
    "SOURCES",
    "BadIndicatorDefinition",
    "BadIndicatorInput",
    "BadIndicatorOutput",
    "BadIndicatorParameter",
    "BadIndicatorSource",
    "BarLike",
    "BoundIndicator",
    "Bounds",
    "Columns",
    "IndicatorDefinition",
    "IndicatorExists",
    "IndicatorNotFound",
    "IndicatorParameter",
    "NoStreamingTwin",
    "Stream",
    "StreamingTwin",
    "compute",
    "get_indicator",
    "indicator",
    "list_aliases",
    "list_indicators",
    "register",
]
