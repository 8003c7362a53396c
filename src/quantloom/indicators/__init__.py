"""Indicators: a catalog of them, each over whole arrays and bar by bar with equal values."""

from quantloom.indicators.catalog import (
    IndicatorExists,
    IndicatorNotFound,
    get_indicator,
    list_indicators,
    register,
)
from quantloom.indicators.definition import (
    BoundIndicator,
    IndicatorDefinition,
    NoStreamingTwin,
)
from quantloom.indicators.own import BadIndicatorDefinition, Bounds, indicator
from quantloom.indicators.parameters import BadIndicatorParameter, IndicatorParameter
from quantloom.indicators.streaming import BadIndicatorOutput, BarLike, Stream, StreamingTwin

__all__ = [
    "BadIndicatorDefinition",
    "BadIndicatorOutput",
    "BadIndicatorParameter",
    "BarLike",
    "BoundIndicator",
    "Bounds",
    "IndicatorDefinition",
    "IndicatorExists",
    "IndicatorNotFound",
    "IndicatorParameter",
    "NoStreamingTwin",
    "Stream",
    "StreamingTwin",
    "get_indicator",
    "indicator",
    "list_indicators",
    "register",
]
