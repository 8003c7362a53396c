import json
import pickle
import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import IntArray, to_ns
from quantloom.market import (
    Calendar,
    Session,
    UnknownCalendar,
    cn_holidays,
    get_calendar,
    trading_days_of,
    us_holidays,
)
from quantloom.market.sessions import local_ns
from tests.library.market.builders import make_bars
from tests.shared_data import SHARED, needs_shared

COLUMNS = ("ts", "open", "high", "low", "close")
GENERAL = ["24x7", "us_stock", "cn_stock", "cn_futures", "cffex"]
OWN = ["SHFE.rb", "SHFE.ag", "SHFE.cu", "DCE.i", "DCE.pg", "CZCE.TA", "INE.sc", "INE.ec"]
NAMES = [*GENERAL, *OWN, "CFFEX.IF", "CFFEX.T", "GFEX.si", "SSE.main", "SZSE.chinext"]
SHANGHAI = ZoneInfo("Asia/Shanghai")

names = st.sampled_from(NAMES)
moments = st.datetimes(
    datetime(1998, 1, 5),  # noqa: DTZ001  Hypothesis adds the zone
    datetime(2035, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
    timezones=st.just(UTC),
)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day_of(calendar: Calendar, moment: datetime) -> date:
    day: date = calendar.trading_day(np.array([to_ns(moment)])).tolist()[0]
    return day


def read_times(stem: str) -> IntArray:
    times = pq.read_table(SHARED / f"data/bars/{stem}.parquet", columns=["ts"])["ts"]
    return times.to_numpy().astype("datetime64[ns]").astype(np.int64)


@given(names, moments)
def test_an_open_moment_lies_in_a_session_of_its_trading_day(name: str, moment: datetime) -> None:
    calendar = get_calendar(name)

    sessions = calendar.sessions(day_of(calendar, moment))

    assert sessions
    inside = any(session.open <= moment < session.close for session in sessions)
    assert calendar.is_open(moment) == inside


@given(names, st.dates(date(1998, 1, 5), date(2035, 1, 1)))
def test_every_moment_of_a_session_belongs_to_its_day(name: str, day: date) -> None:
    calendar = get_calendar(name)

    for session in calendar.sessions(day):
        last = session.close - timedelta(microseconds=1)
        assert day_of(calendar, session.open) == day == day_of(calendar, last)
        assert calendar.is_open(session.open)
        assert calendar.is_open(last)


@given(names, st.dates(date(1998, 1, 5), date(2035, 1, 1)))
def test_days_have_sessions_exactly_when_they_are_trading_days(name: str, day: date) -> None:
    calendar = get_calendar(name)

    assert bool(calendar.sessions(day)) == (calendar.trading_days(day, day) == [day])


@given(names, st.lists(moments, min_size=1, max_size=30))
def test_later_moments_never_belong_to_earlier_days(name: str, some: list[datetime]) -> None:
    ts = np.sort(np.array([to_ns(moment) for moment in some]))

    days = get_calendar(name).trading_day(ts)

    assert (np.diff(days).astype(np.int64) >= 0).all()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2021-03-05T14:59", "2021-03-05"),
        ("2021-03-05T15:00", "2021-03-05"),
        ("2021-03-05T21:00", "2021-03-08"),
        ("2021-03-06T00:30", "2021-03-08"),
        ("2021-03-06T12:00", "2021-03-08"),
        ("2021-03-08T21:00", "2021-03-09"),
        ("2021-03-09T02:29", "2021-03-09"),
        ("2021-09-30T10:00", "2021-09-30"),
        ("2021-09-30T21:00", "2021-10-08"),
        ("2021-10-04T10:00", "2021-10-08"),
    ],
)
def test_a_futures_night_belongs_to_the_next_trading_day(moment: str, day: str) -> None:
    calendar = get_calendar("cn_futures")

    assert day_of(calendar, shanghai(moment)) == date.fromisoformat(day)


def test_a_stock_evening_stays_with_its_own_day() -> None:
    assert day_of(get_calendar("cn_stock"), shanghai("2021-03-05T21:00")) == date(2021, 3, 5)
    assert day_of(get_calendar("cffex"), shanghai("2021-03-06T09:00")) == date(2021, 3, 8)


def test_a_futures_day_begins_on_the_evening_before() -> None:
    sessions = get_calendar("cn_futures").sessions(date(2021, 3, 8))

    assert [session.open for session in sessions] == [
        shanghai("2021-03-05T21:00"),
        shanghai("2021-03-08T09:00"),
        shanghai("2021-03-08T10:30"),
        shanghai("2021-03-08T13:30"),
    ]
    assert sessions[0].close == shanghai("2021-03-06T02:30")
    assert sessions[0].open.tzinfo is UTC


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2021-10-08", "National Day week lies before"),
        ("2021-06-15", "Dragon Boat Monday lies before"),
        ("2020-03-02", "no nights in the epidemic"),
        ("2020-05-06", "no nights in the epidemic"),
        ("2013-07-05", "the first night was that evening"),
    ],
)
def test_days_without_a_night_session_begin_in_the_morning(day: str, why: str) -> None:
    first = get_calendar("cn_futures").sessions(date.fromisoformat(day))[0]

    assert first.open == shanghai(f"{day}T09:00"), why


@pytest.mark.parametrize("day", ["2013-07-08", "2020-05-07", "2021-06-16"])
def test_nights_come_back_with_the_next_ordinary_day(day: str) -> None:
    assert len(get_calendar("cn_futures").sessions(date.fromisoformat(day))) == 4


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2021-03-08T10:14", True),
        ("2021-03-08T10:15", False),
        ("2021-03-08T12:00", False),
        ("2021-03-08T22:00", True),
        ("2021-03-06T01:00", True),
        ("2021-03-06T03:00", False),
        ("2021-10-01T10:00", False),
    ],
)
def test_futures_are_closed_in_breaks_and_holidays(moment: str, is_open: bool) -> None:
    assert get_calendar("cn_futures").is_open(shanghai(moment)) is is_open


@pytest.mark.parametrize(
    ("day", "opens_at"), [("2024-03-08", 14), ("2024-03-11", 13), ("2024-11-04", 14)]
)
def test_new_york_opens_by_its_own_clock_in_summer_and_winter(day: str, opens_at: int) -> None:
    [session] = get_calendar("us_stock").sessions(date.fromisoformat(day))

    assert (session.open.hour, session.open.minute) == (opens_at, 30)
    assert session.close - session.open == timedelta(hours=6.5)


@given(
    st.sampled_from(["America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kolkata"]),
    st.lists(moments, min_size=1, max_size=20),
)
def test_local_time_is_what_zoneinfo_says(name: str, some: list[datetime]) -> None:
    zone = ZoneInfo(name)

    local = local_ns(np.array([to_ns(moment) for moment in some]), zone)

    walls = [moment.astimezone(zone).replace(tzinfo=UTC) for moment in some]
    assert local.tolist() == [to_ns(wall) for wall in walls]


@pytest.mark.parametrize(
    "day",
    [
        *("1998-01-19", "2001-09-11", "2004-06-11", "2012-10-29", "2018-12-05", "2025-01-09"),
        *("2010-12-24", "2011-07-04", "2020-07-03", "2021-12-24", "2022-06-20", "2023-01-02"),
        *("2024-03-29", "2024-05-27", "2024-09-02", "2024-11-28"),
    ],
)
def test_new_york_is_closed_on_holidays(day: str) -> None:
    assert get_calendar("us_stock").sessions(date.fromisoformat(day)) == ()


@pytest.mark.parametrize("day", ["2010-12-31", "2021-06-18", "2021-12-31", "2024-07-03"])
def test_new_york_trades_where_a_holiday_is_not_made_up_for(day: str) -> None:
    assert get_calendar("us_stock").sessions(date.fromisoformat(day))


@pytest.mark.parametrize(("year", "count"), [(2001, 248), (2012, 250), (2023, 250), (2024, 252)])
def test_new_york_has_as_many_trading_days_as_counted(year: int, count: int) -> None:
    days = get_calendar("us_stock").trading_days(date(year, 1, 1), date(year, 12, 31))

    assert len(days) == count


def test_the_clock_around_calendar_never_closes() -> None:
    calendar = get_calendar("24x7")
    new_year = date(2024, 1, 1)

    assert calendar.trading_days(new_year, date(2024, 1, 3)) == [
        new_year,
        date(2024, 1, 2),
        date(2024, 1, 3),
    ]
    opens = datetime(2024, 1, 1, tzinfo=UTC)
    assert calendar.sessions(new_year) == (Session(opens, opens + timedelta(days=1)),)
    assert calendar.is_open(opens)


def test_a_calendar_says_where_its_holidays_end() -> None:
    chinese, american = get_calendar("cn_futures"), get_calendar("us_stock")

    assert chinese.covers(cn_holidays().first)
    assert chinese.covers(cn_holidays().last)
    assert not chinese.covers(cn_holidays().last + timedelta(days=1))
    assert not chinese.covers(date(1990, 1, 1))
    assert american.covers(date(2025, 12, 31))
    assert not american.covers(us_holidays().last + timedelta(days=1))
    assert get_calendar("24x7").covers(date(2100, 1, 1))


def test_beyond_the_list_weekdays_are_assumed_to_trade() -> None:
    assert get_calendar("cn_stock").trading_days(date(2030, 10, 1), date(2030, 10, 7)) == [
        date(2030, 10, day) for day in (1, 2, 3, 4, 7)
    ]


@pytest.mark.parametrize(("name", "days"), [*zip(GENERAL, [365, 252, 243, 243, 243], strict=True)])
def test_a_year_has_its_markets_days(name: str, days: int) -> None:
    assert get_calendar(name).periods_per_year == days
    assert get_calendar(name).name == name
    assert ZoneInfo(get_calendar(name).timezone).key == get_calendar(name).timezone


def test_a_calendar_nobody_knows_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownCalendar, match="'moon'; there are 24x7, us_stock") as caught:
        get_calendar("moon")

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_daily_bars_carry_their_trading_day_already() -> None:
    saturday = np.array(["2024-03-02"], dtype="datetime64[D]")
    bars = make_bars(1, ts=saturday)
    daily = type(bars).of("X.US", "1d", **{name: getattr(bars, name) for name in COLUMNS})
    calendar = get_calendar("cn_futures")

    assert trading_days_of(daily, calendar).tolist() == [date(2024, 3, 2)]
    assert trading_days_of(bars, calendar).tolist() == [date(2024, 3, 4)]


@pytest.mark.parametrize("name", NAMES)
def test_no_times_have_no_days(name: str) -> None:
    days = get_calendar(name).trading_day(np.empty(0, dtype=np.int64))

    assert (days.shape, days.dtype) == ((0,), np.dtype("datetime64[D]"))


@pytest.mark.parametrize("name", ["us_stock", "cn_futures", "SHFE.rb"])
def test_a_million_bars_are_dated_in_a_fifth_of_a_second(name: str) -> None:
    ts = to_ns(datetime(2000, 1, 3, tzinfo=UTC)) + np.arange(1_000_000) * 300 * 10**9
    calendar = get_calendar(name)
    took_s = []

    for _ in range(3):
        start = time.process_time()
        calendar.trading_day(ts)
        took_s.append(time.process_time() - start)

    assert min(took_s) < 0.2


@needs_shared
@pytest.mark.parametrize(
    "stem", ["SHFE.rb.HOT", "INE.sc.HOT", "DCE.i.HOT", "CZCE.TA.HOT", "DCE.m.HOT"]
)
def test_night_bars_fall_on_the_days_of_the_daily_file(stem: str) -> None:
    calendar = get_calendar("cn_futures")
    found = np.unique(calendar.trading_day(read_times(f"cn_futures/{stem}.5m")))
    daily = read_times(f"cn_futures/{stem}.1d").astype("datetime64[ns]").astype("datetime64[D]")

    shared = daily[(daily >= found[0]) & (daily <= found[-1])]

    assert found.tolist() == shared.tolist()
    first, last = found[[0, -1]].tolist()
    assert calendar.trading_days(first, last) == found.tolist()


@needs_shared
def test_night_sessions_are_exactly_the_evenings_rebar_traded() -> None:
    calendar, ts = get_calendar("cn_futures"), read_times("cn_futures/SHFE.rb.HOT.5m")
    days = np.unique(calendar.trading_day(ts)).tolist()
    expected = {one.open.date() for day in days for one in calendar.sessions(day)[:-3]}
    minutes = ts // (60 * 10**9) % 1440

    # That evening opened at 22:30.
    late = {date(2019, 12, 25)}
    traded = set(ts[minutes == 13 * 60].astype("datetime64[ns]").astype("datetime64[D]").tolist())

    assert expected - traded == late
    assert traded - expected == set()


@needs_shared
def test_the_packaged_holidays_equal_both_sources() -> None:
    stocks = json.loads((SHARED / "data/reference/cn_stock_trading_calendar.json").read_text())
    futures = json.loads((SHARED / "data/reference/cn_futures_holidays.json").read_text("gb18030"))
    holidays = cn_holidays()

    trading = {date.fromisoformat(day) for day in stocks}
    closed = {date.fromisoformat(day) for day in futures["CHINA"]}

    assert get_calendar("cn_stock").trading_days(holidays.first, holidays.last) == sorted(trading)
    assert closed == {day for day in holidays.days if date(2008, 1, 1) <= day <= date(2022, 10, 7)}


@needs_shared
@pytest.mark.parametrize("stem", ["us_stock/AAPL.1d", "us_stock/SPY.1d"])
def test_new_york_trades_on_every_day_of_a_real_file(stem: str) -> None:
    days = read_times(stem).astype("datetime64[ns]").astype("datetime64[D]").tolist()
    calendar = get_calendar("us_stock")

    assert set(days) <= set(calendar.trading_days(days[0], days[-1]))
