"""One row of a table: a kernel with the names of what it takes and gives."""

from collections.abc import Callable
from functools import partial

from quantloom.indicators import compiled
from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.parameters import IndicatorParameter
from quantloom.indicators.talib_entries.entry import period

PRICES = ("high", "low", "close")
OHLC = ("open", *PRICES)


def from_kernel(
    name: str,
    kernel: str,
    group: str,
    *parameters: IndicatorParameter,
    description: str,
    source: str,
    warm_up: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = ("value",),
) -> IndicatorDefinition:
    """Describe a compiled indicator.

    Args:
        kernel: its module under `kernels` and the function there that starts it, with a dot.
        source: who published it, and whose conventions it follows.
    """
    family, _, function = kernel.partition(".")
    return IndicatorDefinition(
        name=name,
        group=group,
        description=description,
        source=source,
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        warm_up=warm_up,
        batch=partial(compiled.compute, family, function, len(outputs)),
        streaming=partial(compiled.KernelTwin, family, function, len(inputs), len(outputs)),
    )


def number(name: str, default: float, *, low: float, high: float) -> IndicatorParameter:
    """Describe a number that is not one of bars."""
    return IndicatorParameter(name, float, default, low, high)


def ranges(default: float) -> IndicatorParameter:
    """Describe how many average true ranges away."""
    return number("ranges", default, low=0.0, high=100.0)


def bars_per_year() -> IndicatorParameter:
    """Describe by how many bars a year a number is brought to one; 1 leaves it per bar."""
    return number("bars_per_year", 252.0, low=1.0, high=1e8)


__all__ = ["OHLC", "PRICES", "bars_per_year", "from_kernel", "number", "period", "ranges"]
