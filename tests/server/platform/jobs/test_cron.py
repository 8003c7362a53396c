"""When schedules are due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom_server.platform.jobs.cron import Cron
from quantloom_server.platform.jobs.errors import BadCron, UnknownTimezone

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def due_after(cron: str, moment: str, timezone: str = "UTC") -> str | None:
    """Both moments on the clocks of the zone."""
    zone = ZoneInfo(timezone)
    start = datetime.fromisoformat(moment).replace(tzinfo=zone)
    due = Cron.parse(cron, timezone).next_after(start)
    return None if due is None else due.astimezone(zone).isoformat(" ", "minutes")


@pytest.mark.parametrize(
    ("cron", "moment", "due"),
    [
        ("* * * * *", "2026-01-01 00:00", "2026-01-01 00:01"),
        ("*/15 * * * *", "2026-01-01 00:16", "2026-01-01 00:30"),
        ("5/20 * * * *", "2026-01-01 00:26", "2026-01-01 00:45"),
        ("30 16 * * mon-fri", "2026-01-02 16:30", "2026-01-05 16:30"),
        ("0 9-11,14 * * *", "2026-01-01 11:00", "2026-01-01 14:00"),
        ("0 0 1 jan *", "2026-01-01 00:00", "2027-01-01 00:00"),
        ("0 0 29 2 *", "2096-02-29 00:00", "2104-02-29 00:00"),
        ("0 0 * * 7", "2026-01-01 00:00", "2026-01-04 00:00"),
        ("0 0 13 * fri", "2026-02-01 00:00", "2026-02-06 00:00"),
        ("59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59"),
    ],
)
def test_the_next_time_is_found(cron: str, moment: str, due: str) -> None:
    assert due_after(cron, moment) == f"{due}+00:00"


@pytest.mark.parametrize(
    ("cron", "moment", "due"),
    [
        # Leapt over: due as much later as the clocks leap, once.
        ("30 2 * * *", "2026-03-07 12:00", "2026-03-08 03:30-04:00"),
        ("30 2 * * *", "2026-03-08 03:30", "2026-03-09 02:30-04:00"),
        # Shown twice: due the first time, unless every hour is.
        ("30 1 * * *", "2026-10-31 12:00", "2026-11-01 01:30-04:00"),
        ("30 1 * * *", "2026-11-01 01:30", "2026-11-02 01:30-05:00"),
        ("30 * * * *", "2026-11-01 01:30", "2026-11-01 01:30-05:00"),
    ],
)
def test_clocks_that_are_put_forward_and_back(cron: str, moment: str, due: str) -> None:
    assert due_after(cron, moment, NEW_YORK) == due


def test_times_are_those_of_the_zone() -> None:
    due = Cron.parse("0 15 * * *", SHANGHAI).next_after(datetime(2026, 1, 1, tzinfo=UTC))

    assert due == datetime(2026, 1, 1, 7, tzinfo=UTC)


def test_a_day_that_never_comes_is_never_due() -> None:
    assert due_after("0 0 30 2 *", "2026-01-01 00:00") is None


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "a * * * *",
        "*/0 * * * *",
        "5-1 * * * *",
        "1- * * * *",
        "-1 * * * *",
        ", * * * *",
        "١ * * * *",
    ],
)
def test_what_cron_does_not_know_is_refused(cron: str) -> None:
    with pytest.raises(BadCron, match="is not understood"):
        Cron.parse(cron, "UTC")


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../etc/passwd", "/etc/localtime"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(UnknownTimezone):
        Cron.parse("* * * * *", zone)


@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
    minutes_on=st.integers(0, 2 * 365 * 24 * 60),
)
@settings(max_examples=30)
def test_the_next_time_is_the_first_that_fits(
    minute: int, hour: int, weekday: int, minutes_on: int
) -> None:
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes_on)

    due = Cron.parse(f"{minute} {hour} * * {weekday}", "UTC").next_after(moment)

    days = (moment.date() + timedelta(days=ahead) for ahead in range(9))
    fitting = (
        datetime.combine(day, time(hour, minute), UTC)
        for day in days
        if date.isoweekday(day) % 7 == weekday
    )
    assert due == next(found for found in fitting if found > moment)
