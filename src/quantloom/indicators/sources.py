"""What an indicator of one column may read instead: another column, or a mean of prices."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from quantloom.errors import Invalid
from quantloom.kit import FloatArray

Values = TypeVar("Values", float, FloatArray)

# Each is the plain mean of its columns, added in this order both in batch and in the stream.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close",),
    "volume": ("volume",),
    "hl2": ("high", "low"),
    "hlc3": ("high", "low", "close"),
    "ohlc4": ("open", "high", "low", "close"),
}


class BadIndicatorSource(Invalid):
    """An indicator was told to read a column that there is not, or reads several anyway."""

    code = "indicator.bad_source"

    def __init__(self, indicator: str, source: str, inputs: tuple[str, ...]) -> None:
        super().__init__(indicator, source, inputs)
        self.indicator, self.source, self.inputs = indicator, source, inputs

    def __str__(self) -> str:
        if len(self.inputs) > 1:
            return (
                f"{self.indicator} reads {', '.join(self.inputs)}, so it takes no source; "
                "a source is for indicators of one column"
            )
        return (
            f"{self.indicator} cannot read {self.source!r}; source is one of {', '.join(SOURCES)}"
        )


def columns_of(indicator: str, inputs: tuple[str, ...], source: str | None) -> tuple[str, ...]:
    """Name the columns of a bar that an indicator reads.

    Raises:
        BadIndicatorSource: no such source, or the indicator reads several columns.
    """
    if source is None:
        return inputs
    if len(inputs) > 1 or source not in SOURCES:
        raise BadIndicatorSource(indicator, source, inputs)
    return SOURCES[source]


def mean_of(columns: Sequence[Values]) -> Values:
    """Average columns, or the numbers of one bar, with the same rounding for both."""
    total = columns[0]
    for column in columns[1:]:
        total = total + column
    return total / len(columns) if len(columns) > 1 else total
