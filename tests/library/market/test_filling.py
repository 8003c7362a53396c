"""Missing bars made up where somebody asks for it, and told from the others."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.kit import to_ns
from quantloom.market import (
    FILLED,
    Bars,
    GapsOfLongBars,
    expected_starts,
    fill_missing,
    find_gaps,
    get_calendar,
    resample,
)
from tests.library.market.builders import MINUTE_NS, START_NS, make_bars
from tests.library.market.test_calendar import shanghai
from tests.library.market.test_gaps import NAMES
from tests.library.market.test_resample import bars_at, session_bars

DAY_NS = 1_440 * MINUTE_NS
ALWAYS = get_calendar("24x7")


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["5m", "15m"]),
    st.sampled_from(["2015-06-01", "2019-12-20", "2020-04-30"]),
    st.data(),
)
@settings(max_examples=40)
def test_what_is_taken_away_comes_back(
    name: str, timeframe: str, start: str, data: st.DataObject
) -> None:
    first = date.fromisoformat(start)
    whole = session_bars(name, timeframe, start, (first + timedelta(days=6)).isoformat())
    inner = st.integers(1, len(whole) - 2)
    absent = sorted(data.draw(st.sets(inner, max_size=30)))
    calendar = get_calendar(name)
    left = bars_at(np.delete(whole.ts, absent), timeframe)

    filled = fill_missing(left, calendar)

    assert expected_starts(whole, calendar).tolist() == whole.ts.tolist()
    assert filled.ts.tolist() == whole.ts.tolist()
    assert np.flatnonzero(filled.extras[FILLED]).tolist() == absent
    assert find_gaps(filled, calendar).missing == ()


@pytest.mark.parametrize("name", ["SHFE.rb", "cn_stock"])
def test_bigger_bars_are_filled_where_resample_would_begin_them(name: str) -> None:
    calendar = get_calendar(name)
    whole = resample(session_bars(name, "5m", "2020-01-06", "2020-01-09"), "30m", calendar)
    absent = [2, 3, 9]

    filled = fill_missing(bars_at(np.delete(whole.ts, absent), "30m"), calendar)

    assert np.flatnonzero(filled.extras[FILLED]).tolist() == absent
    assert filled.ts.tolist() == whole.ts.tolist()


def test_bars_cut_by_another_clock_are_not_filled_where_they_are_whole() -> None:
    hours = ["09:00", "09:30", "10:00", "10:30", "11:00", "13:30", "14:00", "14:30"]
    ts = [to_ns(shanghai(f"2015-01-05 {hour}")) for hour in hours]
    bars = bars_at(np.array(ts), "30m")

    assert fill_missing(bars, get_calendar("SHFE.rb")).ts.tolist() == ts


@given(st.sets(st.integers(1, 28), max_size=20), st.integers(1, 30))
def test_no_later_bar_has_a_say(absent: set[int], upto: int) -> None:
    whole = make_bars(30)
    bars = rows_of(whole, [row for row in range(30) if row not in absent])
    known = bars[: max(upto, 1)]

    filled, early = fill_missing(bars, ALWAYS), fill_missing(known, ALWAYS)

    for name in ("ts", "open", "high", "low", "close", "volume"):
        seen = getattr(filled, name)[: len(early)]
        assert seen.tolist() == getattr(early, name).tolist()


def rows_of(bars: Bars, rows: list[int]) -> Bars:
    columns = {name: getattr(bars, name)[rows] for name in ("open", "high", "low", "close")}
    return Bars.of(
        bars.symbol, bars.timeframe, ts=bars.ts[rows], volume=bars.volume[rows], **columns
    )


def test_made_up_bars_are_flat_and_traded_nothing() -> None:
    bars = make_bars(
        3,
        ts=START_NS + np.array([0, 1, 4]) * MINUTE_NS,
        extras={"turnover": [5.0, 6.0, np.nan], "open_interest": [7.0, 8.0, 9.0]},
    )

    filled = fill_missing(bars, ALWAYS)

    assert filled.close.tolist() == [10, 11, 11, 11, 12]
    assert filled.open[2:4].tolist() == filled.high[2:4].tolist() == [11, 11]
    assert filled.volume.tolist() == [100, 100, 0, 0, 100]
    assert filled.extras["turnover"][2:4].tolist() == [0, 0]
    assert filled.extras["open_interest"][2:4].tolist() == [8, 8]
    assert filled.extras[FILLED].tolist() == [0, 0, 1, 1, 0]


def test_what_is_not_known_stays_so() -> None:
    bars = make_bars(2, ts=START_NS + np.array([0, 2]) * MINUTE_NS, volume=None)

    assert np.isnan(fill_missing(bars, ALWAYS).volume).all()


def test_a_hole_longer_than_was_said_is_left_open() -> None:
    bars = make_bars(3, ts=START_NS + np.array([0, 2, 6]) * MINUTE_NS)

    filled = fill_missing(bars, ALWAYS, most=2)

    assert ((filled.ts - START_NS) // MINUTE_NS).tolist() == [0, 1, 2, 6]


def test_filling_twice_changes_nothing() -> None:
    once = fill_missing(make_bars(2, ts=START_NS + np.array([0, 3]) * MINUTE_NS), ALWAYS)

    assert fill_missing(once, ALWAYS).digest() == once.digest()


def test_days_are_filled_by_the_calendar() -> None:
    monday = np.datetime64("2024-01-08", "ns").astype(np.int64)
    days = bars_at(monday + np.array([0, 2, 7]) * DAY_NS, "1d")

    filled = fill_missing(days, get_calendar("cn_stock"))

    assert ((filled.ts - monday) // DAY_NS).tolist() == [0, 1, 2, 3, 4, 7]
    with pytest.raises(GapsOfLongBars):
        fill_missing(bars_at(days.ts, "1w"), ALWAYS)
