import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import (
    ManualClock,
    NaiveTime,
    SystemClock,
    from_day,
    from_ns,
    to_day,
    to_ns,
)

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)

moments = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
)


@given(moments)
def test_a_moment_survives_the_way_to_nanoseconds_and_back(moment: datetime) -> None:
    assert from_ns(to_ns(moment)) == moment


@given(st.integers(-(2**62), 2**62))
def test_nanoseconds_lose_only_what_is_below_a_microsecond(ns: int) -> None:
    assert 0 <= ns - to_ns(from_ns(ns)) < 1_000


def test_a_moment_in_another_zone_is_the_same_instant() -> None:
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))

    assert to_ns(shanghai) == to_ns(NOON)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveTime, match="no time zone"):
        to_ns(datetime(2024, 3, 1))  # noqa: DTZ001  the point of the test


def test_a_manual_clock_stands_still_until_moved() -> None:
    clock = ManualClock(NOON)

    clock.advance(timedelta(seconds=1.5))

    assert clock.now() == NOON + timedelta(seconds=1.5)
    assert clock.now_ns() == to_ns(NOON) + 1_500_000_000


def test_a_manual_clock_starts_at_nanoseconds_too() -> None:
    assert ManualClock(7).now_ns() == 7


def test_a_manual_clock_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        ManualClock(NOON).advance(timedelta(seconds=-1))


def test_the_system_clock_tells_the_systems_time_in_utc() -> None:
    before = time.time_ns()

    now = SystemClock().now()

    assert from_ns(before) <= now <= from_ns(time.time_ns())
    assert now.tzinfo is UTC


def test_a_day_is_counted_from_1970_and_comes_back() -> None:
    assert to_day(date(1970, 1, 1)) == 0
    assert to_day(date(2024, 3, 1)) == 19_783
    assert from_day(-1) == date(1969, 12, 31)
