import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from quantloom.market import Bars, FrameTimesAreNumbers, FrameTimesUnreadable, FrameWithoutColumn
from quantloom.market.frames import plain_frame
from tests.library.market.builders import make_bars, make_columns
from tests.shared_data import SHARED, needs_shared


def make_frame(**changed: object) -> pd.DataFrame:
    columns = make_columns() | changed
    ts = pd.to_datetime(columns.pop("ts"))
    return pd.DataFrame(columns, index=pd.DatetimeIndex(ts))


def test_bars_survive_the_way_through_a_frame() -> None:
    bars = make_bars(extras={"turnover": np.arange(5)})

    back = Bars.from_frame(bars.to_frame(), "X.US", "1m")

    assert back.digest() == bars.digest()


def test_a_frame_is_indexed_by_utc_open_time() -> None:
    frame = make_bars().to_frame()

    assert (frame.index.name, str(frame.index.dtype)) == ("ts", "datetime64[ns, UTC]")
    assert list(frame.columns) == ["open", "high", "low", "close", "volume"]


def test_the_timeframe_is_taken_from_the_rows() -> None:
    assert str(Bars.from_frame(make_frame(), "X.US").timeframe) == "1m"


@pytest.mark.parametrize("name", ["ts", "Time", "datetime", "Date", "timestamp", "trade_date"])
def test_times_may_stand_in_a_column(name: str) -> None:
    frame = make_frame().rename_axis(name).reset_index()

    assert Bars.from_frame(frame, "X.US").digest() == make_bars().digest()


def test_names_may_be_in_any_case_and_volume_short() -> None:
    frame = make_frame().rename(columns={"open": "Open ", "close": "CLOSE", "volume": "Vol"})

    assert Bars.from_frame(frame, "X.US").digest() == make_bars().digest()


def test_times_of_another_zone_become_utc() -> None:
    frame = make_frame().tz_localize("UTC").tz_convert("Asia/Shanghai")

    assert Bars.from_frame(frame, "X.US").digest() == make_bars().digest()


def test_only_numbers_become_extras() -> None:
    frame = make_frame(turnover=np.arange(5), name=list("abcde"))

    assert list(Bars.from_frame(frame, "X.US").extras) == ["turnover"]


def test_a_plain_frame_marks_its_times_as_utc() -> None:
    times = np.array(["2024-01-02T03:04"], dtype="datetime64[ns]")

    frame = plain_frame({"time": times, "price": np.array([1.5])})

    assert frame["time"].iloc[0] == pd.Timestamp("2024-01-02T03:04", tz="UTC")
    assert frame["price"].tolist() == [1.5]


@pytest.mark.parametrize("name", ["open", "high", "low", "close"])
def test_a_missing_price_is_named(name: str) -> None:
    with pytest.raises(FrameWithoutColumn, match=f"no column '{name}' among .*rename one of them"):
        Bars.from_frame(make_frame().drop(columns=name), "X.US")


def test_a_missing_price_is_told_with_all_the_columns() -> None:
    with pytest.raises(FrameWithoutColumn, match="'high' among open, low, close"):
        Bars.from_frame(make_frame().drop(columns="high"), "X.US")


def test_a_missing_time_is_named() -> None:
    with pytest.raises(FrameWithoutColumn, match="no column 'time'"):
        Bars.from_frame(make_frame().reset_index(drop=True), "X.US")


@pytest.mark.parametrize("first", [20_240_102, 1_704_067_200, 1_704_067_200_000])
def test_times_as_numbers_of_another_unit_are_refused(first: int) -> None:
    frame = make_frame().reset_index(drop=True).assign(timestamp=first + np.arange(5))

    with pytest.raises(FrameTimesAreNumbers, match=f"'timestamp' holds numbers such as {first}"):
        Bars.from_frame(frame, "X.US")


DAYS = pd.date_range("2024-03-08", periods=5, freq="D")
WRITTEN = DAYS.strftime("%Y-%m-%d")
OFFSETS = ("+01:00", "+01:00", "+02:00", "+02:00", "+02:00")


@pytest.mark.parametrize(
    "index",
    [
        DAYS.tz_localize("America/New_York"),
        DAYS.tz_localize("Asia/Shanghai"),
        DAYS + pd.Timedelta("15h"),
        DAYS.to_period("D"),
        pd.Index(WRITTEN, dtype=object),
        pd.Index(list(DAYS.date), dtype=object),
        pd.Index([f"{day}T00:00{zone}" for day, zone in zip(WRITTEN, OFFSETS, strict=True)]),
    ],
)
def test_daily_bars_get_the_date_written(index: pd.Index) -> None:
    bars = Bars.from_frame(make_frame().set_index(index), "X.US")

    assert str(bars.timeframe) == "1d"
    assert bars.ts.tolist() == DAYS.as_unit("ns").asi8.tolist()


def test_a_column_of_dates_in_a_zone_gives_the_dates_written() -> None:
    frame = make_frame().reset_index(drop=True).assign(date=DAYS.tz_localize("Asia/Shanghai"))

    assert Bars.from_frame(frame, "X.US").start == pd.Timestamp("2024-03-08", tz="UTC")


@pytest.mark.parametrize("time", ["13/01/2024", "soon", "", "3000-01-01", "1600-01-01"])
def test_a_time_that_cannot_be_read_is_refused(time: str) -> None:
    frame = make_frame().reset_index(drop=True).assign(date=[*WRITTEN[:4], time])

    with pytest.raises(FrameTimesUnreadable, match="the times in 'date' cannot be read: "):
        Bars.from_frame(frame, "X.US")


def test_a_frame_without_its_last_time_is_refused() -> None:
    frame = make_frame().set_index(pd.DatetimeIndex([*DAYS[:4], pd.NaT]))

    with pytest.raises(FrameTimesUnreadable, match="row 4 holds none"):
        Bars.from_frame(frame, "X.US")


def test_nanoseconds_are_read_as_they_stand() -> None:
    frame = make_frame().reset_index(drop=True).assign(ts=make_bars().ts)

    assert Bars.from_frame(frame, "X.US").digest() == make_bars().digest()


@needs_shared
def test_a_parquet_file_read_by_pandas_makes_bars() -> None:
    frame = pd.read_parquet(SHARED / "data/bars/cn_futures/SHFE.rb.HOT.1d.parquet")

    bars = Bars.from_frame(frame, "rb-MAIN.SHFE")

    assert (len(bars), str(bars.timeframe)) == (len(frame), "1d")
    assert (bars.ts % (86_400 * 10**9) == 0).all()


@pytest.mark.untraced
def test_the_market_package_loads_without_pandas() -> None:
    script = "import sys, quantloom.market; sys.exit('pandas' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
