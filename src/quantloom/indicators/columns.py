"""Indicators in one call, for research: from bars, frames, or plain arrays."""

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from quantloom.indicators.catalog import get_indicator
from quantloom.indicators.definition import BadIndicatorInput, BoundIndicator
from quantloom.indicators.parameters import Number
from quantloom.indicators.sources import mean_of
from quantloom.kit import FloatArray
from quantloom.market import Bars


class Frame(Protocol):
    """A frame as of pandas or polars, without either of them."""

    @property
    def columns(self) -> Any: ...
    def __getitem__(self, name: Any, /) -> Any: ...


Columns: TypeAlias = Bars | Frame | Mapping[str, ArrayLike] | ArrayLike
"""What an indicator can be computed from."""


def compute(
    name: str, data: Columns, *args: Number, source: str | None = None, **kwargs: Number
) -> dict[str, FloatArray]:
    """Compute an indicator of the catalog in one call: `compute("RSI", close, 14)["value"]`.

    Args:
        data: bars, or a frame or mapping with columns such as `close`, in upper or lower case; or
            one (n,) array, for an indicator that reads one column. Oldest first.
        args, kwargs: the indicator's own parameters.
        source: what it reads instead of its own column, such as open or hl2.
    Returns:
        Output name to a read-only (n,) array; NaN while warming up, and again after a missing
        value. A frame takes them with `frame.assign(**compute(...))`.
    Raises:
        IndicatorNotFound: no such name.
        BadIndicatorParameter: a value out of bounds.
        BadIndicatorSource: no such source, or an indicator of several columns.
        BadIndicatorInput: a column that is needed is not there.
    """
    chosen = get_indicator(name).bind(*args, source=source, **kwargs)
    if isinstance(data, Bars):
        return chosen.compute(data)
    if isinstance(data, Mapping) or hasattr(data, "columns"):
        return chosen.compute_arrays(*_pick(chosen, data))
    if source is not None:
        raise _misfit(chosen, "one array")
    return chosen.compute_arrays(data)


def _pick(chosen: BoundIndicator, frame: Any) -> list[Any]:
    names = getattr(frame, "columns", frame)
    known = {str(name).casefold(): name for name in names}
    if not set(chosen.columns) <= set(known):
        raise _misfit(chosen, f"columns {', '.join(map(str, names))}")
    columns = [np.asarray(frame[known[column]]) for column in chosen.columns]
    return columns if chosen.source is None else [mean_of(columns)]


def _misfit(chosen: BoundIndicator, found: str) -> BadIndicatorInput:
    return BadIndicatorInput(chosen.definition.name, chosen.columns, found)
