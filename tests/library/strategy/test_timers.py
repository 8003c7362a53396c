"""At which bars a timer rings, where the clocks go back too."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from quantloom.kit import IntArray
from quantloom.strategy.timers import make_timer

NEW_YORK = ZoneInfo("America/New_York")
# Half hours from 00:30 to 04:00 by the clock on 2024-11-03, where 01:00 to 02:00 comes twice.
NIGHT: IntArray = np.datetime64("2024-11-03T04:30", "ns").astype(np.int64) + np.arange(10) * (
    1_800 * 10**9
)
CLOCK = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30", "04:00"]


def rung(**times: str) -> list[str]:
    timer = make_timer("t", every=times.get("every"), at=times.get("at"), once=None)
    return [CLOCK[row] for row in np.flatnonzero(timer.due(NIGHT, NEW_YORK))]


def test_an_hour_that_comes_twice_rings_twice() -> None:
    assert rung(every="1h") == ["01:00", "01:00", "02:00", "03:00", "04:00"]
    assert rung(every="4h") == ["04:00"]


@pytest.mark.parametrize(("at", "rings"), [("01:30", ["01:30"]), ("01:15", ["01:30"])])
def test_a_time_of_the_day_that_comes_twice_rings_once(at: str, rings: list[str]) -> None:
    assert rung(at=at) == rings


def test_a_time_that_no_bar_of_its_day_reaches_is_left_out() -> None:
    assert rung(at="04:01") == []
