from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.data import demo_catalog
from quantloom.kit import IntArray, to_ns
from quantloom.market import (
    Calendar,
    Session,
    SessionTable,
    UnknownCalendar,
    UnknownSymbol,
    auctions,
    get_calendar,
    product_calendar,
    products,
    resample,
    us_short_days,
)
from quantloom.market.rulebook import rule_book
from tests.library.market.test_calendar import NAMES, SHANGHAI, day_of, read_times, shanghai
from tests.shared_data import needs_shared

NEW_YORK = ZoneInfo("America/New_York")
# The bars of that evening begin with its auction, five minutes before the late opening.
LATE_EVENING = "2019-12-25 22:25"

days = st.dates(date(2013, 1, 4), date(2026, 12, 31))
names = st.sampled_from(NAMES)


def hours_of(name: str, day: str, zone: ZoneInfo = SHANGHAI) -> str:
    """The sessions of a trading day by the local clock, such as `01 21:00-23:00 04 09:00-10:15`."""
    told = []
    for one in get_calendar(name).sessions(date.fromisoformat(day)):
        opens, closes = one.open.astimezone(zone), one.close.astimezone(zone)
        told.append(f"{opens:%d %H:%M}-{closes:%H:%M}")
    return " ".join(told)


def openings(calls: Sequence[Session]) -> list[str]:
    return [f"{call.open.astimezone(SHANGHAI):%d %H:%M}" for call in calls]


def outside(ts: IntArray, calendar: Calendar) -> list[str]:
    """The local times of bars that begin in no session."""
    found = np.unique(calendar.trading_day(ts)).tolist()
    sessions = [one for day in found for one in calendar.sessions(day)]
    opens, closes = np.array([(to_ns(one.open), to_ns(one.close)) for one in sessions]).T
    row = np.searchsorted(opens, ts, side="right") - 1
    zone = ZoneInfo(calendar.timezone)
    is_out = (row < 0) | (ts >= closes[row])
    return [
        f"{datetime.fromtimestamp(at / 1e9, zone):%Y-%m-%d %H:%M}" for at in ts[is_out].tolist()
    ]


# Sessions partition time


@given(names, days)
def test_sessions_follow_one_another_and_never_overlap(name: str, day: date) -> None:
    calendar = get_calendar(name)
    listed = calendar.trading_days(day, day + timedelta(days=20))

    spans = [one for each in listed for one in calendar.sessions(each)]

    assert all(one.open < one.close for one in spans)
    assert all(one.close <= other.open for one, other in pairwise(spans))


@given(names, days)
def test_the_days_of_all_openings_and_closings_rise_with_time(name: str, day: date) -> None:
    calendar = get_calendar(name)
    listed = calendar.trading_days(day, day + timedelta(days=20))
    spans = [(one, each) for each in listed for one in calendar.sessions(each)]

    opens = np.array([to_ns(one.open) for one, _ in spans])
    closes = np.array([to_ns(one.close) for one, _ in spans])

    expected = [each for _, each in spans]
    assert calendar.trading_day(opens).tolist() == expected
    assert calendar.trading_day(closes - 1).tolist() == expected


@given(names, days, st.integers(0, 86_399))
def test_a_moment_is_open_exactly_when_one_session_of_one_day_holds_it(
    name: str, day: date, second: int
) -> None:
    calendar = get_calendar(name)
    moment = datetime.combine(day, time(), UTC) + timedelta(seconds=second)
    near = calendar.trading_days(day - timedelta(days=3), day + timedelta(days=15))

    holders = [
        each for each in near for one in calendar.sessions(each) if one.open <= moment < one.close
    ]

    assert calendar.is_open(moment) == bool(holders)
    assert holders in ([], [day_of(calendar, moment)])


@given(days)
def test_new_york_keeps_its_own_clock_through_the_changes(day: date) -> None:
    for one in get_calendar("us_stock").sessions(day):
        opens, closes = one.open.astimezone(NEW_YORK), one.close.astimezone(NEW_YORK)
        assert (opens.time(), opens.date()) == (time(9, 30), day)
        assert closes.time() == (time(13) if day in us_short_days() else time(16))


# Days told by hand


def test_friday_night_of_rebar_belongs_to_monday() -> None:
    calendar = get_calendar("SHFE.rb")

    assert day_of(calendar, shanghai("2024-03-01T14:59")) == date(2024, 3, 1)
    assert day_of(calendar, shanghai("2024-03-01T21:00")) == date(2024, 3, 4)
    assert hours_of("SHFE.rb", "2024-03-04") == (
        "01 21:00-23:00 04 09:00-10:15 04 10:30-11:30 04 13:30-15:00"
    )


def test_there_is_no_night_on_the_eve_of_qingming() -> None:
    # 2024-04-04 and 05 are holidays, so nobody trades on the evening of Wednesday the 3rd.
    calendar = get_calendar("SHFE.rb")

    assert not calendar.is_open(shanghai("2024-04-03T21:30"))
    assert calendar.is_open(shanghai("2024-04-02T21:30"))
    assert hours_of("SHFE.rb", "2024-04-08") == "08 09:00-10:15 08 10:30-11:30 08 13:30-15:00"


def test_the_night_of_silver_reaches_past_midnight_into_saturday() -> None:
    calendar = get_calendar("SHFE.ag")

    assert calendar.is_open(shanghai("2024-03-02T02:29"))
    assert not calendar.is_open(shanghai("2024-03-02T02:30"))
    assert day_of(calendar, shanghai("2024-03-02T02:29")) == date(2024, 3, 4)
    assert hours_of("SHFE.ag", "2024-03-04").startswith("01 21:00-02:30 04 09:00")


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("CFFEX.IF", "2015-12-31", "31 09:15-11:30 31 13:00-15:15"),
        ("CFFEX.IF", "2016-01-04", "04 09:30-11:30 04 13:00-15:00"),
        ("CFFEX.T", "2020-07-17", "17 09:15-11:30 17 13:00-15:15"),
        ("CFFEX.T", "2020-07-20", "20 09:30-11:30 20 13:00-15:15"),
        ("INE.ec", "2024-03-04", "04 09:00-10:15 04 10:30-11:30 04 13:30-15:00"),
    ],
)
def test_a_day_has_the_hours_in_force_on_it(name: str, day: str, hours: str) -> None:
    assert hours_of(name, day) == hours


@pytest.mark.parametrize(
    ("name", "day", "night"),
    [
        ("SHFE.rb", "2014-12-26", None),
        ("SHFE.rb", "2014-12-29", "26 21:00-01:00"),
        ("SHFE.rb", "2016-05-03", None),
        ("SHFE.rb", "2016-05-05", "04 21:00-23:00"),
        ("DCE.i", "2018-06-05", "04 21:00-23:30"),
        ("DCE.i", "2019-04-02", "01 21:00-23:00"),
        ("CZCE.TA", "2019-12-11", "10 21:00-23:30"),
        ("CZCE.TA", "2019-12-12", "11 21:00-23:00"),
        ("SHFE.cu", "2024-03-05", "04 21:00-01:00"),
        ("SHFE.rb", "2020-01-23", "22 21:00-23:00"),
        ("SHFE.rb", "2020-02-03", None),
        ("SHFE.rb", "2020-05-06", None),
        ("SHFE.rb", "2020-05-07", "06 21:00-23:00"),
        ("DCE.pg", "2020-03-31", None),
        ("DCE.pg", "2020-05-08", "07 21:00-23:00"),
        ("SHFE.rb", "2019-12-26", "25 22:30-23:00"),
        ("SHFE.ag", "2019-12-26", "25 22:30-02:30"),
        ("INE.sc", "2018-03-26", None),
        ("INE.sc", "2018-03-27", "26 21:00-02:30"),
    ],
)
def test_nights_begin_change_and_are_left_out_on_their_dates(
    name: str, day: str, night: str | None
) -> None:
    hours = hours_of(name, day)

    if night is None:
        assert hours.startswith(f"{day[-2:]} 09:00")
    else:
        assert hours.startswith(f"{night} {day[-2:]} 09:00")


@pytest.mark.parametrize(
    ("day", "closes"),
    [
        ("2024-07-03", "13:00"),
        ("2024-11-29", "13:00"),
        ("2024-12-24", "13:00"),
        ("2012-07-03", "13:00"),
        ("2013-07-03", "13:00"),
        ("2002-07-05", "13:00"),
        ("2002-07-03", "16:00"),
        ("2009-07-02", "16:00"),
        ("2010-12-23", "16:00"),
        ("2003-12-26", "13:00"),
        ("2008-12-26", "16:00"),
    ],
)
def test_new_york_closes_early_before_some_holidays(day: str, closes: str) -> None:
    assert hours_of("us_stock", day, NEW_YORK) == f"{day[-2:]} 09:30-{closes}"


# Auctions


def test_shanghai_closes_by_auction_since_august_2018() -> None:
    before, since = (auctions("600000.SSE", date(2018, 8, day)) for day in (17, 20))

    assert openings(before) == ["17 09:15"]
    assert openings(since) == ["20 09:15", "20 14:57"]
    assert since[1].close == shanghai("2018-08-20T15:00")


@pytest.mark.parametrize(
    ("symbol", "day", "opens"),
    [
        ("rb2410.SHFE", "2024-03-04", ["01 20:55"]),
        ("rb2410.SHFE", "2024-04-08", ["08 08:55"]),
        ("rb2005.SHFE", "2019-12-26", ["25 22:25"]),
        ("IF1501.CFFEX", "2015-01-05", ["05 09:10"]),
        ("rb2410.SHFE", "2024-04-04", []),
        ("AAPL.US", "2024-03-04", []),
        ("BTC-USDT.BINANCE", "2024-03-04", []),
    ],
)
def test_the_opening_auction_comes_before_the_first_session(
    symbol: str, day: str, opens: list[str]
) -> None:
    assert openings(auctions(symbol, date.fromisoformat(day))) == opens


# Names, and the book behind them


@pytest.mark.parametrize("code", sorted(products()))
def test_every_product_has_a_calendar_of_its_own(code: str) -> None:
    product = products()[code]
    name = f"{product.venue}.{product.code}"

    calendar = get_calendar(name)

    assert calendar.name == name
    assert calendar.covers(date(2026, 6, 30))
    assert calendar is get_calendar(name)


def test_the_calendar_of_an_instrument_is_that_of_its_product_or_venue() -> None:
    symbols = ("rb2410.SHFE", "300750.SZSE", "430047.BSE", "AAPL.US", "BTC-USDT.BINANCE")

    found = [product_calendar(symbol).name for symbol in symbols]

    assert found == ["SHFE.rb", "SZSE.chinext", "BSE.stock", "us_stock", "24x7"]


def test_options_are_traded_in_the_hours_of_what_they_are_on() -> None:
    symbols = ("m2409-C-3000", "IO2406-C-3500", "10002533.SSE", "SPY240119C00450000")

    found = [product_calendar(symbol).name for symbol in symbols]

    assert found == ["DCE.m", "CFFEX.IF", "cn_stock", "us_stock"]


@pytest.mark.parametrize("name", ["SHFE.RB", "SHFE.IF", "SHFE.zz", "SSE", "SSE.moon", "CME.ES", ""])
def test_other_names_are_unknown(name: str) -> None:
    with pytest.raises(UnknownCalendar):
        get_calendar(name)


def test_what_has_neither_hours_nor_a_general_calendar_is_told() -> None:
    with pytest.raises(UnknownCalendar, match="CME"):
        product_calendar("ESH4.CME")
    with pytest.raises(UnknownSymbol):
        product_calendar("my-data")


def test_days_before_the_first_known_hours_are_not_covered() -> None:
    calendar = get_calendar("INE.sc")

    assert not calendar.covers(date(2018, 3, 25))
    assert calendar.covers(date(2018, 3, 26))
    # What is first known is taken for earlier days, so that no trading day is without hours.
    assert calendar.sessions(date(2018, 3, 23))


def test_an_overlay_changes_the_hours_from_its_day_on() -> None:
    text = """
venues = ["SHFE"]
currency = "CNY"

[[hours]]
of = ["rb"]
from = 2024-06-03
day = ["09:00-15:00"]
source = "default"

[[no_nights]]
of = ["rb"]
from = 2024-05-07
to = 2024-05-07
source = "default"
"""
    calendar = product_calendar("rb2410.SHFE", rule_book().overlay("mine", text))
    known = get_calendar("SHFE.rb")

    counts = [len(calendar.sessions(date(2024, *day))) for day in ((5, 7), (5, 31), (6, 3))]
    assert counts == [3, 4, 1]
    assert len(known.sessions(date(2024, 6, 3))) == 4


def test_hours_of_a_calendar_made_by_hand_change_too() -> None:
    known = get_calendar("CFFEX.IF")
    assert isinstance(known, SessionTable)

    assert len(known.hours_of(date(2015, 12, 31))) == 2
    assert known.hours_of(date(2015, 12, 31)) != known.hours_of(date(2016, 1, 4))


# Real bars

FIVE_MINUTES = [
    *("SHFE.rb", "SHFE.ag", "SHFE.cu", "INE.sc", "CZCE.SR", "CZCE.TA", "DCE.i", "DCE.m"),
    *("CFFEX.IF", "CFFEX.IC", "CFFEX.T"),
]


@needs_shared
@pytest.mark.parametrize("name", FIVE_MINUTES)
def test_real_bars_lie_in_the_sessions_of_their_product(name: str) -> None:
    ts = read_times(f"cn_futures/{name}.HOT.5m")

    found = outside(ts, get_calendar(name))

    assert found in ([], [LATE_EVENING])


@needs_shared
@pytest.mark.parametrize(
    ("name", "since"),
    [
        ("SHFE.rb", date(2016, 5, 5)),
        ("SHFE.cu", date(2019, 1, 3)),
        ("CZCE.TA", date(2019, 12, 12)),
        ("DCE.i", date(2019, 4, 1)),
        ("CFFEX.T", date(2019, 1, 2)),
    ],
)
def test_real_sessions_are_traded_until_their_close(name: str, since: date) -> None:
    # Earlier nights of these files are cut to the hours of later years.
    calendar, ts = get_calendar(name), read_times(f"cn_futures/{name}.HOT.5m")
    last = calendar.trading_day(ts[-1:]).tolist()[0]
    closes = [
        to_ns(one.close)
        for day in calendar.trading_days(since, last)
        for one in calendar.sessions(day)
    ]

    assert np.isin(np.array(closes) - 300 * 10**9, ts).all()


@needs_shared
def test_spy_stops_early_on_exactly_the_short_days() -> None:
    ts = read_times("us_stock/SPY.1h")
    # Before 2009 the file goes on into the evening on some of them.
    late = ts[ts >= to_ns(datetime(2009, 1, 1, tzinfo=UTC))]
    found = get_calendar("us_stock").trading_day(late)
    firsts = np.flatnonzero(found[1:] != found[:-1])
    ends = {found[row].item() for row in firsts if clock(late[row]) == time(12)}

    assert ends == {day for day in us_short_days() if 2009 <= day.year <= 2020}


@pytest.mark.parametrize(
    ("symbol", "name", "general"),
    [("rb-MAIN.SHFE", "SHFE.rb", "cn_futures"), ("IF-MAIN.CFFEX", "CFFEX.IF", "cffex")],
)
def test_packaged_bars_lie_in_sessions_and_make_the_same_days(
    symbol: str, name: str, general: str
) -> None:
    bars, calendar = demo_catalog().read(symbol, "5m"), get_calendar(name)

    own, wide = (resample(bars, "1d", one) for one in (calendar, get_calendar(general)))

    assert outside(bars.ts, calendar) == []
    assert own.digest() == wide.digest()


def clock(at: np.int64) -> time:
    return datetime.fromtimestamp(int(at) / 1e9, NEW_YORK).time()
