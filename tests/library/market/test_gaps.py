import pickle
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.data import demo_catalog, read_bars
from quantloom.kit import to_ns
from quantloom.market import (
    Bars,
    GapsOfLongBars,
    MissingSpan,
    Pause,
    find_gaps,
    get_calendar,
    resample,
)
from tests.library.market.test_calendar import shanghai
from tests.library.market.test_resample import bars_at, daily_bars, local_bars, session_bars
from tests.shared_data import SHARED, needs_shared

NAMES = ["24x7", "us_stock", "cn_stock", "SHFE.rb", "SHFE.ag", "SHFE.cu", "DCE.i", "CFFEX.IF"]


def without(bars: Bars, *texts: str) -> Bars:
    """The bars but for those that open at these times in Shanghai."""
    absent = [to_ns(shanghai(text)) for text in texts]
    return bars_at(bars.ts[~np.isin(bars.ts, absent)], str(bars.timeframe))


def read(file: str, symbol: str, timeframe: str) -> Bars:
    return read_bars(SHARED / f"data/bars/{file}.parquet", symbol=symbol, timeframe=timeframe).bars


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["5m", "15m"]),
    st.sampled_from(["2015-06-01", "2019-12-20", "2020-01-20", "2020-04-30", "2020-11-23"]),
    st.data(),
)
def test_what_is_taken_away_is_what_is_missing(
    name: str, timeframe: str, start: str, data: st.DataObject
) -> None:
    first = date.fromisoformat(start)
    whole = session_bars(name, timeframe, start, (first + timedelta(days=10)).isoformat())
    inner = st.integers(1, len(whole) - 2)
    absent = sorted(data.draw(st.sets(inner, max_size=40)))
    calendar = get_calendar(name)

    found = find_gaps(bars_at(np.delete(whole.ts, absent), timeframe), calendar)

    days, counts = np.unique(calendar.trading_day(whole.ts[absent]), return_counts=True)
    assert found.missing_by_day == dict(zip(days.tolist(), counts.tolist(), strict=True))
    assert found.pauses == find_gaps(whole, calendar).pauses
    assert found.outside == 0
    for span in found.missing:
        assert to_ns(span.start) in whole.ts[absent]
        assert to_ns(span.end) - whole.timeframe.ns in whole.ts[absent]


@given(st.sampled_from(NAMES), st.sampled_from(["15m", "1h", "2h", "4h", "1d"]))
def test_bigger_bars_of_whole_ones_are_whole(name: str, timeframe: str) -> None:
    calendar = get_calendar(name)
    bars = session_bars(name, "5m", "2020-01-13", "2020-02-07")

    assert find_gaps(resample(bars, timeframe, calendar), calendar).missing == ()


def test_a_week_of_rebar_with_its_pauses_and_one_hole() -> None:
    # Friday's session, its night, Monday and its night, Tuesday of the week after 2024-03-01.
    whole = session_bars("SHFE.rb", "15m", "2024-03-04", "2024-03-05")
    bars = without(whole, "2024-03-04T11:15", "2024-03-04T13:30")

    found = find_gaps(bars, get_calendar("SHFE.rb"))

    # Each day has a break at 10:15 and lunch. Nights: Monday 15:00 to 21:00, 23:00 to Tuesday.
    # From Friday 23:00 to Monday 09:00 it is a weekend.
    assert found.pauses == {
        Pause.BREAK: 2,
        Pause.LUNCH: 2,
        Pause.NIGHT: 2,
        Pause.WEEKEND: 1,
        Pause.HOLIDAY: 0,
    }
    hole = MissingSpan(
        date(2024, 3, 4),
        shanghai("2024-03-04T11:15").astimezone(UTC),
        shanghai("2024-03-04T13:45").astimezone(UTC),
        2,
    )
    assert found.missing == (hole,)


def test_the_eve_of_a_holiday_without_a_night_is_no_gap() -> None:
    bars = session_bars("SHFE.rb", "15m", "2024-04-03", "2024-04-08")

    found = find_gaps(bars, get_calendar("SHFE.rb"))

    assert found.missing == ()
    assert found.pauses[Pause.HOLIDAY] == 1
    assert found.pauses[Pause.WEEKEND] == 0


def test_a_whole_missing_day_is_one_span_of_all_its_bars() -> None:
    whole = session_bars("SHFE.rb", "15m", "2024-03-04", "2024-03-06")
    calendar = get_calendar("SHFE.rb")
    is_tuesday = calendar.trading_day(whole.ts) == np.datetime64("2024-03-05")

    [span] = find_gaps(bars_at(whole.ts[~is_tuesday], "15m"), calendar).missing

    # Two hours at night, 75 minutes, an hour and 90 minutes in the day.
    assert (span.day, span.bars) == (date(2024, 3, 5), 8 + 5 + 4 + 6)
    assert span.start == shanghai("2024-03-04T21:00")
    assert span.end == shanghai("2024-03-05T15:00")


def test_a_hole_over_two_days_is_told_for_each() -> None:
    calendar = get_calendar("cn_stock")
    bars = local_bars("cn_stock", "30m", "2021-03-08 14:00", "2021-03-09 10:30")

    found = find_gaps(bars, calendar)

    assert found.missing_by_day == {date(2021, 3, 8): 1, date(2021, 3, 9): 2}


def test_an_auctions_bar_does_not_stand_for_the_first_minute() -> None:
    bars = local_bars("SHFE.rb", "1m", "2024-03-04 20:59", "2024-03-04 21:01")

    [span] = find_gaps(bars, get_calendar("SHFE.rb")).missing

    assert (span.start, span.bars) == (shanghai("2024-03-04T21:00"), 1)


def test_the_last_minute_of_the_morning_may_stand_in_the_break() -> None:
    bars = local_bars("cn_stock", "1m", "2021-03-08 11:28", "2021-03-08 12:59", "2021-03-08 13:00")

    assert find_gaps(bars, get_calendar("cn_stock")).missing == ()


def test_bars_at_times_without_trading_are_counted_apart() -> None:
    evening = local_bars("us_stock", "1h", "2021-01-04 15:30", "2021-01-04 18:00")
    early = local_bars("us_stock", "1h", "2021-01-04 04:00", "2021-01-04 05:00")
    calendar = get_calendar("us_stock")

    assert find_gaps(early, calendar).outside == 2
    assert find_gaps(early, calendar).missing == ()
    assert find_gaps(evening, calendar).pauses[Pause.NIGHT] == 0


def test_daily_bars_miss_trading_days_alone() -> None:
    # Good Friday, 2021-04-02, is a holiday; 2021-04-06 is missing; the 10th is a Saturday.
    days = ("2021-03-31", "2021-04-01", "2021-04-05", "2021-04-07", "2021-04-10", "2021-04-12")

    found = find_gaps(daily_bars(*days), get_calendar("us_stock"))

    midnight = datetime.combine(date(2021, 4, 6), time(), UTC)
    assert found.missing[0] == MissingSpan(
        date(2021, 4, 6), midnight, midnight + timedelta(days=1), 1
    )
    assert found.missing_by_day == {date(2021, 4, day): 1 for day in (6, 8, 9)}
    assert (found.pauses[Pause.HOLIDAY], found.pauses[Pause.WEEKEND]) == (1, 1)
    assert found.outside == 1


def test_a_market_that_never_closes_has_no_pauses() -> None:
    calendar = get_calendar("24x7")

    for timeframe in ("1h", "1d"):
        found = find_gaps(demo_catalog().read("BTC-USD.COINBASE", timeframe), calendar)
        assert set(found.pauses.values()) == {0}


def test_longer_bars_are_refused() -> None:
    weeks = resample(
        session_bars("cn_stock", "30m", "2021-03-01", "2021-03-31"), "1w", get_calendar("cn_stock")
    )

    with pytest.raises(GapsOfLongBars, match="1w") as caught:
        find_gaps(weeks, get_calendar("cn_stock"))

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("symbol", "timeframe", "name"),
    [
        ("rb-MAIN.SHFE", "5m", "SHFE.rb"),
        ("rb-MAIN.SHFE", "1d", "SHFE.rb"),
        ("m-MAIN.DCE", "1d", "DCE.m"),
        ("TA-MAIN.CZCE", "1d", "CZCE.TA"),
        ("SPY.ARCA", "1h", "us_stock"),
        ("SPY.ARCA", "1d", "us_stock"),
    ],
)
def test_packaged_bars_are_whole(symbol: str, timeframe: str, name: str) -> None:
    found = find_gaps(demo_catalog().read(symbol, timeframe), get_calendar(name))

    assert (found.missing, found.outside) == ((), 0)


@needs_shared
def test_the_halt_of_january_2016_is_a_gap_of_that_day() -> None:
    # The market stood still from 09:42 and again from 09:59 until the close.
    bars = read("cn_futures/CFFEX.IF.HOT.5m", "IF-MAIN.CFFEX", "5m")

    found = find_gaps(bars, get_calendar("CFFEX.IF"))

    of_day = [span for span in found.missing if span.day == date(2016, 1, 7)]
    assert [(span.start, span.bars) for span in of_day] == [
        (shanghai("2016-01-07T09:45"), 2),
        (shanghai("2016-01-07T10:00"), 18 + 24),
    ]
    assert of_day[-1].end == shanghai("2016-01-07T15:00")


@needs_shared
def test_spy_lacks_the_morning_of_one_day_in_twenty_three_years() -> None:
    # New York opened late on the first anniversary of 2001-09-11.
    found = find_gaps(read("us_stock/SPY.1h", "SPY.ARCA", "1h"), get_calendar("us_stock"))

    assert list(found.missing_by_day) == [date(2002, 9, 11)]
    assert found.missing[0].end.hour == 11 + 4
