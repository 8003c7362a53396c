"""Zone and label by the edges of sessions, and local clocks through changes of the hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from quantloom.data.readers.hours import Reading, read_hours, to_utc
from quantloom.kit import IntArray
from quantloom.market import get_calendar

MINUTE = 60 * 10**9
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def walled(
    calendar: str, zone: str, *, first: str, days: int = 8, label: str = "open", length: int = 1
) -> IntArray:
    """Times of a market's bars as a clock of some zone shows their start or end."""
    market = get_calendar(calendar)
    start = datetime.fromisoformat(first).date()
    shown = []
    for day in market.trading_days(start, start + timedelta(days=2 * days))[:days]:
        for session in market.sessions(day):
            moment = session.open
            while moment < session.close:
                named = moment if label == "open" else moment + timedelta(minutes=length)
                local = named.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
                shown.append((local - EPOCH) // timedelta(microseconds=1) * 1_000)
                moment += timedelta(minutes=length)
    return np.unique(np.array(shown, dtype=np.int64))


def told(found: Reading) -> tuple[str, str]:
    return found.zone.value, found.label.value


@pytest.mark.parametrize("label", ["open", "close"])
@pytest.mark.parametrize(
    ("calendar", "zone", "first"),
    [
        ("cn_stock", "Asia/Shanghai", "2023-03-01"),
        ("cn_stock", "UTC", "2023-03-01"),
        ("SHFE.rb", "Asia/Shanghai", "2023-03-01"),
        ("SHFE.au", "Asia/Shanghai", "2023-03-01"),
        ("SHFE.au", "UTC", "2023-03-01"),
        ("us_stock", "America/New_York", "2023-03-01"),
        ("us_stock", "UTC", "2023-06-01"),
        ("us_stock", "Asia/Shanghai", "2023-11-01"),
    ],
)
def test_sessions_tell_the_clock_and_the_label(
    calendar: str, zone: str, first: str, label: str
) -> None:
    wall = walled(calendar, zone, first=first, label=label)

    found = read_hours(wall, MINUTE)

    assert told(found) == (zone, label)
    assert found.label.confidence > 0.6


@pytest.mark.parametrize("length", [5, 15, 30])
def test_longer_bars_tell_it_too(length: int) -> None:
    wall = walled("cn_stock", "Asia/Shanghai", first="2023-03-01", label="close", length=length)

    found = read_hours(wall, length * MINUTE, venue="SSE", code="600000")

    assert told(found) == ("Asia/Shanghai", "close")


def test_a_market_that_never_closes_tells_nothing() -> None:
    wall = np.arange(5 * 1_440, dtype=np.int64) * MINUTE

    found = read_hours(wall, MINUTE)

    assert told(found) == ("UTC", "open")
    assert found.label.confidence < 0.7


def test_a_known_zone_is_not_worked_out_again() -> None:
    wall = walled("cn_stock", "UTC", first="2023-03-01", label="close")

    found = read_hours(wall, MINUTE, zone="UTC")

    assert told(found) == ("UTC", "close")
    assert found.zone.confidence == 1


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Asia/Shanghai"])
def test_local_times_become_the_instants_that_showed_them(zone: str) -> None:
    """Every half hour of a year with both changes of the clock, against the standard library."""
    first = datetime(2023, 1, 1, tzinfo=UTC)
    moments = [first + timedelta(minutes=30 * step) for step in range(365 * 48)]
    wall = np.array(
        [(one - EPOCH) // timedelta(microseconds=1) * 1_000 for one in moments], dtype=np.int64
    )

    found = to_utc(wall, zone)

    place = ZoneInfo(zone)
    wanted = [one.replace(tzinfo=place).astimezone(UTC) for one in moments]
    assert [EPOCH + timedelta(microseconds=int(ns) // 1_000) for ns in found] == wanted
