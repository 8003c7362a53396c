"""What a strategy wants on every bar at once: entries and exits, or target weights."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from quantloom.errors import Invalid
from quantloom.kit import BoolArray, FloatArray, freeze
from quantloom.trading import AtrDistance, Distance, Trailing

ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8
"""The bits of `Signals.codes`."""

_FLAGS = ("entries", "exits", "short_entries", "short_exits")


class BadSignals(Invalid):
    """Signals that do not fit each other, or the bars that they are for."""

    code = "strategy.bad_signals"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.problem}; docs/reference/signals.md says what signals are made of"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Signals:
    """One row for each bar: what the strategy wants once that bar has closed.

    ```python
    Signals(entries=fast > slow, exits=fast < slow, stop_loss=percent(3))
    Signals(weights=np.where(close > average, 0.5, 0.0))
    ```

    Attributes:
        entries, exits: (n,) bool; when to buy, and when a long position is to be left.
        short_entries, short_exits: (n,) bool; the same of short positions.
        weights: (n,) float64 signed shares of equity to hold; NaN leaves the position as it is.
            Alone, without the others.
        turns: whether an entry turns a position of the other side; it is passed over otherwise.
        stop_loss, take_profit: how far from each entry its way out waits, as `buy` takes them.
    Raises:
        BadSignals: they do not fit each other.
    """

    entries: BoolArray | None = None
    exits: BoolArray | None = None
    short_entries: BoolArray | None = None
    short_exits: BoolArray | None = None
    weights: FloatArray | None = None
    turns: bool = False
    stop_loss: Distance | AtrDistance | Trailing | None = None
    take_profit: Distance | AtrDistance | None = None

    def __post_init__(self) -> None:
        for name in _FLAGS:
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, _read_flags(name, given))
        if self.weights is not None:
            object.__setattr__(self, "weights", _read_weights(self.weights))
        problem = self._misfit_of_columns() or self._misfit_of_terms()
        if problem:
            raise BadSignals(problem)

    def _columns(self) -> Iterator[tuple[str, NDArray[Any]]]:
        for name in (*_FLAGS, "weights"):
            column = getattr(self, name)
            if column is not None:
                yield name, column

    def _misfit_of_columns(self) -> str:
        lengths = {name: len(column) for name, column in self._columns()}
        if not lengths:
            return "there is no signal; give entries, short_entries or weights"
        if "weights" in lengths and len(lengths) > 1:
            return "weights stand alone; give either them or entries and exits"
        if len(set(lengths.values())) > 1:
            told = ", ".join(f"{count} of {name}" for name, count in lengths.items())
            return f"signals differ in length: {told}"
        if not {"entries", "short_entries", "weights"} & set(lengths):
            return "exits without entries close nothing; give entries or short_entries too"
        return ""

    def _misfit_of_terms(self) -> str:
        turns: object = self.turns  # whatever its annotation says
        if not isinstance(turns, bool | np.bool_):
            return f"turns is {turns!r}; it is True or False"
        if self.weights is not None and (self.stop_loss or self.take_profit or self.turns):
            return "weights take no stop_loss, no take_profit and no turns"
        stop: object = self.stop_loss
        if stop is not None and not isinstance(stop, Distance | AtrDistance | Trailing):
            return f"stop_loss={stop!r} is no distance; write percent(3) or trailing(percent(3))"
        target: object = self.take_profit
        if target is not None and not isinstance(target, Distance | AtrDistance):
            return f"take_profit={target!r} is no distance; write percent(6)"
        return ""

    def __len__(self) -> int:
        """How many bars they are for."""
        return len(next(self._columns())[1])

    def codes(self) -> NDArray[np.uint8]:
        """(n,) the four kinds of signals of each bar in one number, bit by bit."""
        found = np.zeros(len(self), dtype=np.uint8)
        for bit, name in zip((ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT), _FLAGS, strict=True):
            column = getattr(self, name)
            if column is not None:
                found |= column.view(np.uint8) * np.uint8(bit)
        return found

    def fit(self, count: int) -> "Signals":
        """These signals, made sure to be for so many bars.

        Raises:
            BadSignals: they are for another number.
        """
        if len(self) != count:
            raise BadSignals(f"there are {len(self)} signals for {count} bars; give one for each")
        return self


def _read_flags(name: str, given: ArrayLike | Sequence[bool]) -> BoolArray:
    column = np.asarray(given)
    if column.dtype != np.bool_:
        raise BadSignals(
            f"{name} are of {column.dtype}; give an array of bool, such as fast > slow"
        )
    return freeze(_one_column(name, column))


def _read_weights(given: ArrayLike) -> FloatArray:
    column = np.asarray(given)
    if column.dtype.kind not in "fiu":
        raise BadSignals(
            f"weights are of {column.dtype}; give an array of float, NaN for no change"
        )
    weights = _one_column("weights", column).astype(np.float64)
    if np.isinf(weights).any():
        raise BadSignals("a weight is infinite; a weight is a share of equity, 0.5 for half of it")
    return freeze(weights)


def _one_column(name: str, column: NDArray[Any]) -> NDArray[Any]:
    if column.ndim != 1:
        raise BadSignals(f"{name} have the shape {column.shape}; give one value for each bar")
    return np.ascontiguousarray(column)
