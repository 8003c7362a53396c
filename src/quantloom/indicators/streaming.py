"""The streaming half of an indicator: one closed bar in, one value per output out."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Protocol

from quantloom.errors import Invalid


class BadIndicatorOutput(Invalid):
    """An indicator gave other outputs than it declares."""

    code = "indicator.bad_output"

    def __init__(self, indicator: str, outputs: tuple[str, ...], found: str) -> None:
        super().__init__(indicator, outputs, found)
        self.indicator, self.outputs, self.found = indicator, outputs, found

    def __str__(self) -> str:
        return (
            f"{self.indicator} gave {self.found}; for its outputs {', '.join(self.outputs)} "
            "return one array as long as the inputs each, or one number each while streaming"
        )


class BarLike(Protocol):
    """What a stream reads: any object with the prices and the volume of one bar."""

    @property
    def open(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def close(self) -> float: ...
    @property
    def volume(self) -> float: ...


class StreamingTwin(Protocol):
    """Computes one bar at a time what a batch function computes over arrays.

    `update` takes the inputs of one closed bar in the order the indicator declares them and
    returns its output, or a tuple of outputs; NaN while warming up.
    """

    def update(self, *args: Any, **kwargs: Any) -> Any: ...


class Stream:
    """A running indicator. Feed it every closed bar once, oldest first; one thread at a time."""

    __slots__ = ("_indicator", "_outputs", "_read", "_twin")

    def __init__(
        self,
        indicator: str,
        *,
        inputs: tuple[str, ...],
        outputs: tuple[str, ...],
        twin: StreamingTwin,
    ) -> None:
        self._indicator, self._outputs, self._twin = indicator, outputs, twin
        self._read = _reader(inputs)

    def update(self, bar: BarLike) -> tuple[float, ...]:
        """Take in one closed bar.

        Returns:
            One value per output, in declared order; NaN while warming up.
        Raises:
            BadIndicatorOutput: a user's own twin gave another number of values.
        """
        result = self._twin.update(*self._read(bar))
        values = result if isinstance(result, tuple) else (result,)
        if len(values) != len(self._outputs):
            raise BadIndicatorOutput(self._indicator, self._outputs, f"{len(values)} value(s)")
        return values


def _reader(inputs: tuple[str, ...]) -> Callable[[BarLike], tuple[float, ...]]:
    if len(inputs) > 1:
        return attrgetter(*inputs)
    # Asked for one name alone, attrgetter gives a bare value.
    read = attrgetter(inputs[0])
    return lambda bar: (read(bar),)
