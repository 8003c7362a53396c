"""One row of a table: a TA-Lib function with our names for what it takes and gives."""

from collections.abc import Callable
from functools import partial

from quantloom.indicators import talib_bridge
from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.parameters import IndicatorParameter

_LONGEST_PERIOD = 100_000
_WIDEST_BAND = 100.0


def from_talib(
    name: str,
    group: str,
    *,
    description: str,
    warm_up: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = ("value",),
    **parameters: IndicatorParameter,
) -> IndicatorDefinition:
    """Describe a TA-Lib function.

    Args:
        inputs: columns in the order the function takes them.
        parameters: under TA-Lib's names, in the order that ours take by position. What is left
            out keeps TA-Lib's default.
    """
    talib_names = {ours.name: theirs for theirs, ours in parameters.items()}
    function = talib_bridge.Function(name, talib_names, warm_up, len(outputs))
    return IndicatorDefinition(
        name=name,
        group=group,
        description=description,
        source=f"TA-Lib {name}",
        parameters=tuple(parameters.values()),
        inputs=inputs,
        outputs=outputs,
        warm_up=warm_up,
        batch=partial(talib_bridge.compute, function),
        streaming=partial(talib_bridge.HandleTwin, function),
    )


def period(default: int, *, low: int, name: str = "period") -> IndicatorParameter:
    """Describe a number of bars."""
    return IndicatorParameter(name, int, default, low, _LONGEST_PERIOD)


def deviations(default: float, name: str = "deviations") -> IndicatorParameter:
    """Describe how many standard deviations, or ranges, away from the middle."""
    return IndicatorParameter(name, float, default, 0.0, _WIDEST_BAND)


def share(default: float, name: str, *, low: float = 0.0, high: float = 1.0) -> IndicatorParameter:
    """Describe a number between nothing and all."""
    return IndicatorParameter(name, float, default, low, high)


def average(default: int, name: str = "average") -> IndicatorParameter:
    """Describe which average smooths: TA-Lib's numbers of the three that warm up alike."""
    return IndicatorParameter(name, int, default, 0, 2)
