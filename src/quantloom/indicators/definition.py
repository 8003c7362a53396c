"""What an indicator is: its names, parameters and warm-up, and its two ways to be computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantloom.errors import Invalid
from quantloom.indicators.parameters import IndicatorParameter, Number, describe, settle
from quantloom.indicators.streaming import BadIndicatorOutput, Stream, StreamingTwin
from quantloom.kit import FloatArray, freeze
from quantloom.market import Bars


class NoStreamingTwin(Invalid):
    """An indicator that can only be computed over whole arrays was asked for bar by bar."""

    code = "indicator.no_streaming_twin"

    def __init__(self, indicator: str) -> None:
        super().__init__(indicator)
        self.indicator = indicator

    def __str__(self) -> str:
        return (
            f"{self.indicator} has no streaming twin; give @indicator(..., streaming=Twin), where "
            "Twin(**parameters).update(*inputs) returns the values of one closed bar"
        )


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorDefinition:
    """One entry of the catalog.

    Attributes:
        group: overlap, momentum, volatility, statistic, or a user's own word.
        inputs: columns of the bars it reads: some of open, high, low, close, volume.
        outputs: a name for each series it gives.
        warm_up: of the parameters by name, the number of leading bars without a value.
        batch: of the input arrays in order and the parameters by name, one array or a tuple.
        streaming: of the parameters by name, a `StreamingTwin`; None where there is none.
        source: whose numbers these are: a library's function, or where a user defined it.
    """

    name: str
    group: str
    description: str
    source: str
    parameters: tuple[IndicatorParameter, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    warm_up: Callable[..., int]
    batch: Callable[..., Any]
    streaming: Callable[..., StreamingTwin] | None

    def bind(self, *args: Number, **kwargs: Number) -> "BoundIndicator":
        """Choose parameters, by position or by name; what is left out takes its default.

        Raises:
            BadIndicatorParameter: unknown, given twice, of the wrong type or out of bounds.
        """
        return BoundIndicator(self, settle(self.name, self.parameters, args, kwargs))

    def __str__(self) -> str:
        return f"{self.name}: {describe(self.parameters)}"


@dataclass(frozen=True, slots=True)
class BoundIndicator:
    """An indicator with its parameters chosen, ready to compute. `label` names it: SMA(10)."""

    definition: IndicatorDefinition
    parameters: dict[str, Number] = field(hash=False)

    @property
    def warm_up(self) -> int:
        """The number of leading bars without a value."""
        return self.definition.warm_up(**self.parameters)

    @property
    def label(self) -> str:
        """Name and parameters in declared order; equal labels are equal indicators."""
        return f"{self.definition.name}({', '.join(map(str, self.parameters.values()))})"

    def compute(self, bars: Bars) -> dict[str, FloatArray]:
        """Compute every output over whole columns.

        Returns:
            Output name to a read-only (n,) array. The first `warm_up` values are NaN; all of them
            where there are no more bars than that.
        Raises:
            BadIndicatorOutput: a user's own function gave arrays of another number or length.
        """
        definition = self.definition
        inputs = [getattr(bars, name) for name in definition.inputs]
        result = definition.batch(*inputs, **self.parameters)
        columns = result if isinstance(result, tuple) else (result,)
        arrays = [np.asarray(column, dtype=np.float64) for column in columns]
        shapes = [array.shape for array in arrays]
        if shapes != [(len(bars),)] * len(definition.outputs):
            found = f"{len(shapes)} array(s) of shape {', '.join(map(str, shapes))}"
            raise BadIndicatorOutput(definition.name, definition.outputs, found)
        return dict(zip(definition.outputs, map(freeze, arrays), strict=True))

    def stream(self) -> Stream:
        """Start computing bar by bar, from the first bar on.

        Raises:
            NoStreamingTwin: a user's own indicator without one.
        """
        definition = self.definition
        if definition.streaming is None:
            raise NoStreamingTwin(definition.name)
        return Stream(
            definition.name,
            inputs=definition.inputs,
            outputs=definition.outputs,
            twin=definition.streaming(**self.parameters),
        )
