"""pandas frames in and out; the one place below the report where pandas appears, loaded late."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from quantloom.errors import Invalid, Unavailable
from quantloom.kit import FloatArray, IntArray
from quantloom.market.timeframes import Timeframe, usual_timeframe

if TYPE_CHECKING:
    from pandas import DataFrame, DatetimeIndex, Index, Series

_TIME_NAMES = ("ts", "time", "datetime", "date", "timestamp", "trade_date")
_PRICE_NAMES = ("open", "high", "low", "close")
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


class FrameTimesUnreadable(Invalid):
    """Times of a frame that are missing, no ISO 8601 text or past what nanoseconds can hold."""

    code = "market.frame_times_unreadable"

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(column, problem)
        self.column, self.problem = column, problem

    def __str__(self) -> str:
        return (
            f"the times in {self.column!r} cannot be read: {self.problem}; make them times with "
            "pd.to_datetime(column, format=...) and leave empty rows out"
        )


class FrameColumns(TypedDict):
    """What `Bars.of` takes, read from a frame."""

    ts: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray | None
    extras: dict[str, FloatArray]


def columns_of_frame(frame: "DataFrame", timeframe: Timeframe | str | None = None) -> FrameColumns:
    """Read the columns of a pandas frame of bars.

    Args:
        frame: columns open, high, low, close, and volume or vol if there is one, in any case; open
            times in a DatetimeIndex, in a column named ts, time, datetime, date, timestamp or
            trade_date, or as text or dates in the index. Text is ISO 8601, numbers are nanoseconds
            since 1970; times without a zone are read as UTC. Other numeric columns become extras.
        timeframe: the usual distance of the rows where not given. Bars of a day or longer get the
            date written in the frame's own zone, at 00:00 UTC.
    Raises:
        FrameWithoutColumn: a needed column is missing.
        FrameTimesAreNumbers: times are numbers too small for nanoseconds.
        FrameTimesUnreadable: times are missing or written in another way.
    """
    columns = {str(name).strip().lower(): frame[name] for name in frame.columns}
    missing = next((name for name in _PRICE_NAMES if name not in columns), None)
    if missing is not None:
        raise FrameWithoutColumn(missing, tuple(columns))
    ts = _open_times(frame, columns, timeframe)
    volume = next((columns.pop(name) for name in _VOLUME_NAMES if name in columns), None)
    return {
        "ts": ts,
        "open": columns.pop("open").to_numpy(np.float64),
        "high": columns.pop("high").to_numpy(np.float64),
        "low": columns.pop("low").to_numpy(np.float64),
        "close": columns.pop("close").to_numpy(np.float64),
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


def _open_times(
    frame: "DataFrame", columns: dict[str, "Series[Any]"], timeframe: Timeframe | str | None
) -> IntArray:
    name, written = _written_times(frame, columns)
    try:
        times = _parse(written)
        ns = _nanoseconds(times)
        length = Timeframe.parse(timeframe) if timeframe else usual_timeframe(ns)
        return ns if length.is_intraday else _nanoseconds(_session_dates(times, written))
    except (ValueError, TypeError, OverflowError) as error:
        raise FrameTimesUnreadable(name, str(error).partition("\n")[0]) from error


def _written_times(
    frame: "DataFrame", columns: dict[str, "Series[Any]"]
) -> tuple[str, "Series[Any]"]:
    import pandas as pd  # noqa: PLC0415  pandas loads late

    index = frame.index
    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    name = next((name for name in _TIME_NAMES if name in columns), None)
    if isinstance(index, pd.DatetimeIndex) or (name is None and _holds_text(index)):
        return "index" if index.name is None else str(index.name), index.to_series()
    if name is None:
        raise FrameWithoutColumn("time", tuple(columns))
    column = columns.pop(name)
    if column.dtype.kind in "fiu" and len(column) and not column.min() >= _LEAST_NS:
        raise FrameTimesAreNumbers(name, column.min())
    return name, column


def _holds_text(index: "Index[Any]") -> bool:
    """Whether an index may hold times as text or dates, as `pd.read_csv(index_col=0)` leaves it."""
    return index.nlevels == 1 and index.dtype.kind not in "fiub"


def _parse(written: "Series[Any]") -> "DatetimeIndex":
    """Read times; in UTC where they name several zones, as offsets do across a change of clocks."""
    import pandas as pd  # noqa: PLC0415  pandas loads late

    way = None if written.dtype.kind in "fiuM" else "ISO8601"
    try:
        return pd.DatetimeIndex(pd.to_datetime(written, format=way))
    except ValueError:
        return pd.DatetimeIndex(pd.to_datetime(written, format=way, utc=True))


def _session_dates(times: "DatetimeIndex", written: "Series[Any]") -> "DatetimeIndex":
    """The dates as written: midnight in Shanghai is the day before in UTC."""
    import pandas as pd  # noqa: PLC0415  pandas loads late

    if written.dtype.kind not in "fiuM" and times.tz is not None:
        return pd.DatetimeIndex(pd.to_datetime(written.astype(str).str.slice(0, 10)))
    return times.tz_localize(None).normalize()


def _nanoseconds(times: "DatetimeIndex") -> IntArray:
    """UTC nanoseconds.

    Raises:
        ValueError: a time is missing or before 1677 or after 2262.
    """
    missing = np.flatnonzero(times.isna())
    if len(missing):
        message = f"row {missing[0]} holds none"
        raise ValueError(message)
    return times.as_unit("ns").to_numpy("datetime64[ns]").view(np.int64)


def _demand_pandas() -> None:
    try:
        import pandas  # noqa: F401, PLC0415, ICN001  pandas loads late
    except ImportError as error:
        raise FramesExtraMissing from error
