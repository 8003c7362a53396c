"""The streaming half of an indicator: one closed bar in, one value per output out."""

from collections.abc import Callable
from math import isfinite, isinf, nan
from operator import attrgetter
from typing import Any, Protocol

from quantloom.errors import Invalid
from quantloom.indicators.sources import mean_of


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

    __slots__ = ("_blank", "_indicator", "_is_fresh", "_outputs", "_read", "_start", "_twin")

    def __init__(
        self,
        indicator: str,
        *,
        columns: tuple[str, ...],
        input_count: int,
        outputs: tuple[str, ...],
        start: Callable[[], StreamingTwin],
    ) -> None:
        self._indicator, self._outputs, self._start = indicator, outputs, start
        self._read = _reader(columns, input_count)
        self._blank = (nan,) * len(outputs)
        self._twin, self._is_fresh = start(), True

    def update(self, bar: BarLike) -> tuple[float, ...]:
        """Take in one closed bar.

        Returns:
            One value per output, in declared order; NaN while warming up and where the bar lacks
            a value that is needed, such as a volume. After such a bar the indicator starts again.
        Raises:
            BadIndicatorOutput: a user's own twin gave another number of values.
        """
        return self.update_values(*self._read(bar))

    def update_values(self, *values: float) -> tuple[float, ...]:
        """Take in the inputs of one closed bar, such as a value of another indicator."""
        if not all(map(isfinite, values)):
            self._start_again()
            return self._blank
        self._is_fresh = False
        result = self._twin.update(*values)
        found = result if isinstance(result, tuple) else (result,)
        if len(found) != len(self._outputs):
            raise BadIndicatorOutput(self._indicator, self._outputs, f"{len(found)} value(s)")
        if any(map(isinf, found)):
            return tuple(nan if isinf(value) else value for value in found)
        return found

    def _start_again(self) -> None:
        # A source without volume has NaN in every bar, and one twin serves for all of them.
        if not self._is_fresh:
            self._twin, self._is_fresh = self._start(), True


def _reader(columns: tuple[str, ...], input_count: int) -> Callable[[BarLike], tuple[float, ...]]:
    read: Callable[[BarLike], Any] = attrgetter(*columns)
    if len(columns) == 1:
        # Asked for one name alone, attrgetter gives a bare value.
        return lambda bar: (read(bar),)
    if input_count == 1:
        return lambda bar: (mean_of(read(bar)),)
    return read
