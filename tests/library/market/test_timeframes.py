import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import BadTimeframe, Timeframe, usual_timeframe

DAY_NS = 86_400 * 10**9


@given(st.integers(1, 10_000), st.sampled_from("smhdwM"))
def test_a_timeframe_reads_back_what_it_writes(count: int, unit: str) -> None:
    timeframe = Timeframe(count, unit)

    assert Timeframe.parse(str(timeframe)) == timeframe
    assert Timeframe.parse(timeframe) == timeframe


@pytest.mark.parametrize("text", ["", "5", "m", "0m", "5 m", "-1d", "1y", "5min", "1D"])
def test_other_spellings_are_refused_with_the_right_one_shown(text: str) -> None:
    with pytest.raises(BadTimeframe, match="like 5m or 1d"):
        Timeframe.parse(text)


def test_minutes_are_told_from_months() -> None:
    assert Timeframe.parse("1m").seconds == 60
    assert Timeframe.parse("1M").seconds == 30 * 86_400
    assert Timeframe.parse("1m").ns == 60 * 10**9


@pytest.mark.parametrize(
    ("text", "is_intraday"), [("30s", True), ("4h", True), ("1d", False), ("1w", False)]
)
def test_only_seconds_minutes_and_hours_are_intraday(text: str, is_intraday: bool) -> None:
    assert Timeframe.parse(text).is_intraday == is_intraday


@given(st.sampled_from(["1s", "5s", "1m", "3m", "15m", "1h", "4h", "1d", "1w"]))
def test_even_steps_name_their_timeframe(text: str) -> None:
    step = Timeframe.parse(text).ns

    assert str(usual_timeframe(np.arange(5) * step)) == text


def test_the_most_frequent_step_wins_over_gaps() -> None:
    weekdays = np.array([0, 1, 2, 3, 4, 7, 8, 9, 10, 11]) * DAY_NS

    assert str(usual_timeframe(weekdays)) == "1d"


def test_calendar_months_are_one_month() -> None:
    months = np.arange("2023-01", "2024-01", dtype="datetime64[M]").astype("datetime64[ns]")

    assert str(usual_timeframe(months.astype(np.int64))) == "1M"


def test_a_single_row_counts_as_daily() -> None:
    assert str(usual_timeframe(np.array([5]))) == "1d"
