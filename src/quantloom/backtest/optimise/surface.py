"""How a measure lies over two parameters, as a grid of values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from quantloom.backtest.optimise.spaces import BadSpace
from quantloom.backtest.optimise.trial import Objective, Trial
from quantloom.kit import FloatArray
from quantloom.strategy import Value

Others = Literal["best", "at_best", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """A measure over two parameters.

    Attributes:
        x, y: the parameters' names.
        x_values, y_values: those that were tried, in order.
        metric: the measure.
        values: (len(y_values), len(x_values)); NaN where nothing was tried or it has no value.
        others: how the other parameters were chosen.
    """

    x: str
    y: str
    x_values: tuple[Value, ...]
    y_values: tuple[Value, ...]
    metric: str
    values: FloatArray
    others: Others


def surface_of(
    trials: Sequence[Trial],
    objective: Objective,
    *,
    x: str,
    y: str,
    others: Others = "best",
    best: Trial | None = None,
) -> Surface:
    """Lay a measure out over two parameters.

    Args:
        trials: those that are done.
        others: of the trials with equal x and y take the `best` value, the `mean`, or only those
            whose other parameters are those of the best trial (`at_best`).
        best: the best trial, for `at_best`.
    Raises:
        BadSpace: x or y is no parameter that was searched.
    """
    known = [one for one in trials if one.metrics.get(objective.metric) is not None]
    for name in (x, y):
        if any(name not in one.parameters for one in known):
            raise BadSpace(name, "was not searched")
    if others == "at_best" and best is not None:
        known = [one for one in known if _is_beside(one, best, {x, y})]
    x_values, y_values = _values(known, x), _values(known, y)
    cells: dict[tuple[int, int], list[float]] = {}
    places = ({value: at for at, value in enumerate(values)} for values in (y_values, x_values))
    rows, columns = places
    for one in known:
        cell = rows[one.parameters[y]], columns[one.parameters[x]]
        cells.setdefault(cell, []).append(float(one.metrics[objective.metric] or 0.0))
    return Surface(
        x=x,
        y=y,
        x_values=x_values,
        y_values=y_values,
        metric=objective.metric,
        values=_filled(cells, (len(y_values), len(x_values)), _chosen(others, objective)),
        others=others,
    )


def _chosen(others: Others, objective: Objective) -> Callable[[Sequence[float]], float]:
    if others == "mean":
        return lambda values: float(np.mean(values))
    return max if objective.is_maximised else min


def _filled(
    cells: Mapping[tuple[int, int], list[float]],
    shape: tuple[int, int],
    chosen: Callable[[Sequence[float]], float],
) -> FloatArray:
    values = np.full(shape, np.nan)
    for cell, found in cells.items():
        values[cell] = chosen(found)
    return values


def _is_beside(one: Trial, best: Trial, free: set[str]) -> bool:
    return all(
        value == best.parameters[name] for name, value in one.parameters.items() if name not in free
    )


def _values(trials: Sequence[Trial], name: str) -> tuple[Value, ...]:
    found = {one.parameters[name] for one in trials}
    numbers = [value for value in found if not isinstance(value, str)]
    texts = [value for value in found if isinstance(value, str)]
    return (*sorted(numbers), *sorted(texts))
