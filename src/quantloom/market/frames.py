"""pandas frames in and out; the one place below the report where pandas appears, loaded late."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from quantloom.errors import Invalid, Unavailable
from quantloom.kit import FloatArray, IntArray

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_TIME_NAMES = ("ts", "time", "datetime", "date", "timestamp", "trade_date")
_VOLUME_NAMES = ("volume", "vol")
# In 1973. As seconds, ms or us since 1970, or as yyyymmdd, no time of this century is so large.
_LEAST_NS = 100_000_000_000_000_000


class FrameWithoutColumn(Invalid):
    """A frame that lacks a column every bar needs."""

    code = "market.frame_without_column"

    def __init__(self, column: str, found: tuple[str, ...]) -> None:
        super().__init__(column, found)
        self.column, self.found = column, found

    def __str__(self) -> str:
        return f"no column {self.column!r} among {', '.join(self.found)}; rename one of them"


class FrameTimesAreNumbers(Invalid):
    """Times of a frame written as numbers that are no nanoseconds since 1970."""

    code = "market.frame_times_are_numbers"

    def __init__(self, column: str, sample: float) -> None:
        super().__init__(column, sample)
        self.column, self.sample = column, sample

    def __str__(self) -> str:
        return (
            f"column {self.column!r} holds numbers such as {self.sample} for times; convert them, "
            "as by pd.to_datetime(column, unit='ms') or pd.to_datetime(column, format='%Y%m%d')"
        )


class FramesExtraMissing(Unavailable):
    """A frame was given or asked for where pandas is not installed."""

    code = "market.frames_extra_missing"

    def __str__(self) -> str:
        return "data frames need pandas; install it: pip install 'quantloom[frames]'"


class FrameColumns(TypedDict):
    """What `Bars.of` takes, read from a frame."""

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray | None
    extras: dict[str, FloatArray]


def columns_of_frame(frame: "DataFrame") -> FrameColumns:
    """Read the columns of a pandas frame of bars.

    Args:
        frame: columns open, high, low, close, and volume or vol if there is one, in any case; open
            times in a DatetimeIndex or in a column named ts, time, datetime, date, timestamp or
            trade_date. Times without a zone are read as UTC, numbers as nanoseconds since 1970.
            Other numeric columns become extras.
    Raises:
        FrameWithoutColumn: a needed column is missing.
        FrameTimesAreNumbers: times are numbers too small for nanoseconds.
    """
    columns = {str(name).strip().lower(): frame[name] for name in frame.columns}
    ts = _open_times(frame, columns)
    volume = next((columns.pop(name) for name in _VOLUME_NAMES if name in columns), None)
    return {
        "ts": ts,
        "open": _take(columns, "open"),
        "high": _take(columns, "high"),
        "low": _take(columns, "low"),
        "close": _take(columns, "close"),
        "volume": None if volume is None else volume.to_numpy(np.float64),
        "extras": {
            name: column.to_numpy(np.float64)
            for name, column in columns.items()
            if column.dtype.kind in "fiu"
        },
    }


def frame_of_columns(ts: IntArray, columns: Mapping[str, NDArray[Any]]) -> "DataFrame":
    """Give a pandas frame of the columns, indexed by the UTC time `ts`.

    Raises:
        FramesExtraMissing: pandas is not installed.
    """
    _demand_pandas()
    import pandas as pd  # noqa: PLC0415  pandas loads late

    index = pd.DatetimeIndex(ts.view("datetime64[ns]"), name="ts").tz_localize("UTC")
    return pd.DataFrame(dict(columns), index=index)


def plain_frame(columns: Mapping[str, NDArray[Any]]) -> "DataFrame":
    """Give a pandas frame of the columns as they are; times are marked as UTC.

    Raises:
        FramesExtraMissing: pandas is not installed.
    """
    _demand_pandas()
    import pandas as pd  # noqa: PLC0415  pandas loads late

    frame = pd.DataFrame(dict(columns))
    for name in frame.select_dtypes("datetime").columns:
        frame[name] = frame[name].dt.tz_localize("UTC")
    return frame


def _open_times(frame: "DataFrame", columns: dict[str, "Series[Any]"]) -> IntArray:
    import pandas as pd  # noqa: PLC0415  pandas loads late

    if isinstance(frame.index, pd.DatetimeIndex):
        times = frame.index
    else:
        name = next((name for name in _TIME_NAMES if name in columns), None)
        if name is None:
            raise FrameWithoutColumn("time", tuple(columns))
        column = columns.pop(name)
        if column.dtype.kind in "fiu" and len(column) and not column.min() >= _LEAST_NS:
            raise FrameTimesAreNumbers(name, column.min())
        times = pd.DatetimeIndex(pd.to_datetime(column, utc=True))
    return times.to_numpy("datetime64[ns]").view(np.int64)


def _demand_pandas() -> None:
    try:
        import pandas  # noqa: F401, PLC0415, ICN001  pandas loads late
    except ImportError as error:
        raise FramesExtraMissing from error


def _take(columns: dict[str, "Series[Any]"], name: str) -> FloatArray:
    if name not in columns:
        raise FrameWithoutColumn(name, tuple(columns))
    return columns.pop(name).to_numpy(np.float64)
