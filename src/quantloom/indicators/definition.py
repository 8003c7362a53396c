"""What an indicator is: its names, parameters and warm-up, and its two ways to be computed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.indicators.gaps import compute_between_gaps
from quantloom.indicators.parameters import IndicatorParameter, Number, describe, settle
from quantloom.indicators.sources import columns_of, mean_of
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


class BadIndicatorInput(Invalid):
    """An indicator was given something else than the columns it reads."""

    code = "indicator.bad_input"

    def __init__(self, indicator: str, inputs: tuple[str, ...], found: str) -> None:
        super().__init__(indicator, inputs, found)
        self.indicator, self.inputs, self.found = indicator, inputs, found

    def __str__(self) -> str:
        return (
            f"{self.indicator} reads {', '.join(self.inputs)} and was given {self.found}; "
            "give it bars, a frame with these columns, or one array of numbers for each, all of "
            "one length"
        )


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorDefinition:
    """One entry of the catalog.

    Attributes:
        group: overlap, momentum, volume, volatility, price, statistic, cycle, pattern, or a user's
            own word.
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

    def bind(self, *args: Number, source: str | None = None, **kwargs: Number) -> "BoundIndicator":
        """Choose parameters, by position or by name; what is left out takes its default.

        Args:
            source: what an indicator of one column reads instead of it: open, high, low, close,
                volume, hl2, hlc3 or ohlc4 (means of the prices named by their letters).
        Raises:
            BadIndicatorParameter: unknown, given twice, of the wrong type or out of bounds.
            BadIndicatorSource: no such source, or an indicator of several columns.
        """
        values = settle(self.name, self.parameters, args, kwargs)
        return BoundIndicator(self, values, columns_of(self.name, self.inputs, source), source)

    def __str__(self) -> str:
        return f"{self.name}: {describe(self.parameters)}"


@dataclass(frozen=True, slots=True)
class BoundIndicator:
    """An indicator with its parameters chosen, ready to compute. `label` names it: SMA(10).

    Attributes:
        columns: the columns of the bars that it reads.
        source: what it reads instead of its own column, None where it reads that.
    """

    definition: IndicatorDefinition
    parameters: dict[str, Number] = field(hash=False)
    columns: tuple[str, ...]
    source: str | None = None

    @property
    def warm_up(self) -> int:
        """The number of leading bars without a value."""
        return self.definition.warm_up(**self.parameters)

    @property
    def label(self) -> str:
        """Name and parameters in declared order; equal labels are equal indicators."""
        values = [str(value) for value in self.parameters.values()]
        if self.source is not None:
            values.append(f"source={self.source}")
        return f"{self.definition.name}({', '.join(values)})"

    def compute(self, bars: Bars) -> dict[str, FloatArray]:
        """Compute every output over whole columns.

        Returns:
            Output name to a read-only (n,) array. The first `warm_up` values are NaN; all of them
            where there are no more bars than that. Never infinite.
        Raises:
            BadIndicatorOutput: a user's own function gave arrays of another number or length.
        """
        columns = [getattr(bars, name) for name in self.columns]
        return self.compute_arrays(*(columns if self.source is None else [mean_of(columns)]))

    def compute_arrays(self, *inputs: ArrayLike) -> dict[str, FloatArray]:
        """Compute over arrays that belong to no bars, such as the output of another indicator.

        Args:
            inputs: (n,) numbers, oldest first, one array for each of the definition's inputs. At
                a NaN or an infinity there is no value, and the indicator starts again after it.
        Returns:
            As `compute` does.
        Raises:
            BadIndicatorInput: another number of arrays, or arrays that differ in length.
            BadIndicatorOutput: a user's own function gave arrays of another number or length.
        """
        arrays = self._checked(inputs)
        outputs = compute_between_gaps(self._compute_run, arrays, len(self.definition.outputs))
        return dict(zip(self.definition.outputs, map(freeze, outputs), strict=True))

    def _checked(self, inputs: Sequence[ArrayLike]) -> list[FloatArray]:
        definition = self.definition
        try:
            arrays = [np.asarray(values, dtype=np.float64) for values in inputs]
        except (TypeError, ValueError) as error:
            raise BadIndicatorInput(definition.name, definition.inputs, str(error)) from error
        shapes = [array.shape for array in arrays]
        if len(shapes) != len(definition.inputs) or set(shapes) != {(arrays[0].size,)}:
            found = f"{len(shapes)} array(s) of shape {', '.join(map(str, shapes))}"
            raise BadIndicatorInput(definition.name, definition.inputs, found)
        return arrays

    def _compute_run(self, inputs: Sequence[FloatArray]) -> list[FloatArray]:
        definition = self.definition
        result = definition.batch(*inputs, **self.parameters)
        columns = result if isinstance(result, tuple) else (result,)
        arrays = [np.asarray(column, dtype=np.float64) for column in columns]
        shapes = [array.shape for array in arrays]
        if shapes != [inputs[0].shape] * len(definition.outputs):
            found = f"{len(shapes)} array(s) of shape {', '.join(map(str, shapes))}"
            raise BadIndicatorOutput(definition.name, definition.outputs, found)
        return arrays

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
            columns=self.columns,
            input_count=len(definition.inputs),
            outputs=definition.outputs,
            start=partial(definition.streaming, **self.parameters),
        )
