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
    *parameters: IndicatorParameter,
    description: str,
    warm_up: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = ("value",),
) -> IndicatorDefinition:
    return IndicatorDefinition(
        name=name,
        group=group,
        description=description,
        source=f"TA-Lib {name}",
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        warm_up=warm_up,
        batch=partial(talib_bridge.compute, name),
        streaming=partial(talib_bridge.HandleTwin, name, len(outputs), warm_up),
    )


def period(default: int, *, low: int, name: str = "period") -> IndicatorParameter:
    return IndicatorParameter(name, int, default, low, _LONGEST_PERIOD)


def deviations(default: float, name: str = "deviations") -> IndicatorParameter:
    return IndicatorParameter(name, float, default, 0.0, _WIDEST_BAND)
