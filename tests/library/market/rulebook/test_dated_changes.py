"""Each dated change of the markets on both sides of its day, as an instrument meets it."""

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from quantloom.market import auctions, product_calendar
from quantloom.market.rulebook import rule_book

SHANGHAI = ZoneInfo("Asia/Shanghai")
MAIN, DEEP, GROWTH, STAR, BEIJING = (
    "600000.SSE",
    "000001.SZSE",
    "300001.SZSE",
    "688001.SSE",
    "430047.BSE",
)
GOLD, IRON, PTA, INDEX = "au2406.SHFE", "i2005.DCE", "TA2005.CZCE", "IF1601.CFFEX"

# Instrument, field of a rule, last day before the change, what held, first day of it, what holds.
CHANGES = [
    # Stamp duty: both sides until 2008-09-18, halved on 2023-08-28.
    (MAIN, "tax.buy", "2008-09-18", "0.001", "2008-09-19", "0"),
    (MAIN, "tax.sell", "2008-09-18", "0.001", "2008-09-19", "0.001"),
    (DEEP, "tax.sell", "2023-08-27", "0.001", "2023-08-28", "0.0005"),
    # Transfer fee: by face value and at Shanghai alone, then by money, then half of that.
    (MAIN, "transfer.face", "2015-07-31", "0.0006", "2015-08-01", "0"),
    (MAIN, "transfer.money", "2015-07-31", "0", "2015-08-01", "0.00002"),
    (DEEP, "transfer.money", "2015-07-31", "0", "2015-08-01", "0.00002"),
    (DEEP, "transfer.money", "2022-04-28", "0.00002", "2022-04-29", "0.00001"),
    # Price limits by board.
    (MAIN, "limit.ratio", "1996-12-15", None, "1996-12-16", "0.1"),
    (GROWTH, "limit.ratio", "2020-08-23", "0.1", "2020-08-24", "0.2"),
    (STAR, "limit.ratio", "2019-07-21", "no rule", "2019-07-22", "0.2"),
    (BEIJING, "limit.ratio", "2021-11-14", "no rule", "2021-11-15", "0.3"),
    # Special treatment.
    (MAIN, "limit.risk_ratio", "1998-04-21", None, "1998-04-22", "0.05"),
    (DEEP, "limit.risk_ratio", "2026-07-05", "0.05", "2026-07-06", "0.1"),
    (GROWTH, "limit.risk_ratio", "2020-08-23", None, "2020-08-24", "0.2"),
    # First days: 44 % of the issue price, then five days without a limit.
    (MAIN, "limit.first_day_up", "2013-12-12", None, "2013-12-13", "0.44"),
    (MAIN, "limit.free_days", "2023-04-09", "0", "2023-04-10", "5"),
    (GROWTH, "limit.free_days", "2020-08-23", "0", "2020-08-24", "5"),
    # Price cage.
    (MAIN, "cage.ratio", "2023-04-09", "no rule", "2023-04-10", "0.02"),
    (DEEP, "cage.ticks", "2023-04-09", "no rule", "2023-04-10", "10"),
    (BEIJING, "cage.ratio", "2021-11-14", "no rule", "2021-11-15", "0.05"),
    # Lots and ticks.
    (STAR, "grid.minimum", "2019-07-21", "no rule", "2019-07-22", "200"),
    (BEIJING, "grid.minimum", "2021-11-14", "no rule", "2021-11-15", "100"),
    ("510050.SSE", "grid.tick", "2003-03-02", "0.01", "2003-03-03", "0.001"),
    # Settlement of United States shares: T+3, T+2, T+1.
    ("AAPL.NASDAQ", "turnaround.cash_after", "2017-09-04", "3", "2017-09-05", "2"),
    ("AAPL.NASDAQ", "turnaround.cash_after", "2024-05-27", "2", "2024-05-28", "1"),
    # Index futures: closing today, margin, in the year of the crash and after it.
    (INDEX, "fee.close_today.money", "2015-09-06", "0.000115", "2015-09-07", "0.0023"),
    (INDEX, "margin.long", "2015-09-06", "0.3", "2015-09-07", "0.4"),
    # Which lots a plain close takes.
    ("m2605.DCE", "closing.consumes", "2025-09-09", "today", "2025-09-10", "oldest"),
]


def told(symbol: str, path: str, day: str) -> str | None:
    topic, *fields = path.split(".")
    rule = rule_book().rule(topic, symbol, date.fromisoformat(day))
    if rule is None:
        return "no rule"
    value: object = rule.entry
    for field in fields:
        value = getattr(value, field)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


@pytest.mark.parametrize(("symbol", "path", "before", "old", "since", "new"), CHANGES)
def test_a_rule_changes_on_its_day(
    symbol: str, path: str, before: str, old: str | None, since: str, new: str | None
) -> None:
    assert [told(symbol, path, day) for day in (before, since)] == [old, new]


@pytest.mark.parametrize(
    ("symbol", "before", "old", "since", "new"),
    [
        # DCE and CZCE closed their nights at 23:30 until 2019.
        (IRON, "2019-03-29", ("21:00", "23:30"), "2019-04-01", ("21:00", "23:00")),
        (PTA, "2019-12-11", ("21:00", "23:30"), "2019-12-12", ("21:00", "23:00")),
        # No nights from 2020-02-03 on; the next one came on the evening of 2020-05-06.
        (GOLD, "2020-01-23", ("21:00", "02:30"), "2020-02-03", ("09:00", "10:15")),
        (GOLD, "2020-05-06", ("09:00", "10:15"), "2020-05-07", ("21:00", "02:30")),
        (IRON, "2020-05-06", ("09:00", "10:15"), "2020-05-07", ("21:00", "23:00")),
        (PTA, "2020-05-06", ("09:00", "10:15"), "2020-05-07", ("21:00", "23:00")),
        # The first nights of all.
        (GOLD, "2013-07-05", ("09:00", "10:15"), "2013-07-08", ("21:00", "02:30")),
        # Index futures began at 09:15 until 2016, and have no break at 10:15.
        (INDEX, "2015-12-31", ("09:15", "11:30"), "2016-01-04", ("09:30", "11:30")),
    ],
)
def test_the_first_session_changes_on_its_day(
    symbol: str, before: str, old: tuple[str, str], since: str, new: tuple[str, str]
) -> None:
    assert [first_session(symbol, day) for day in (before, since)] == [old, new]


@pytest.mark.parametrize(
    ("day", "closes"), [("2015-12-31", time(15, 15)), ("2016-01-04", time(15))]
)
def test_index_futures_closed_a_quarter_later_until_2016(day: str, closes: time) -> None:
    last = product_calendar(INDEX).sessions(date.fromisoformat(day))[-1]

    assert local(last.close) == closes


@pytest.mark.parametrize(
    ("symbol", "day", "calls"),
    [
        (MAIN, "2018-08-17", ["09:15"]),
        (MAIN, "2018-08-20", ["09:15", "14:57"]),
        (DEEP, "2006-06-30", ["09:15"]),
        (DEEP, "2006-07-03", ["09:15", "14:57"]),
    ],
)
def test_the_closing_call_begins_on_its_day(symbol: str, day: str, calls: list[str]) -> None:
    found = auctions(symbol, date.fromisoformat(day))

    assert [f"{local(one.open):%H:%M}" for one in found] == calls


@pytest.mark.parametrize(
    ("symbol", "day", "times"),
    [
        # Every eight hours, but for a symbol that was moved to four on its day.
        ("HIFI-USDT-PERP.BINANCE", "2023-09-16", 3),
        ("HIFI-USDT-PERP.BINANCE", "2023-09-17", 6),
        ("BTC-USDT-PERP.BINANCE", "2023-09-17", 3),
        ("BTC-USDT-PERP.BINANCE", "2016-05-12", None),
    ],
)
def test_funding_times_are_a_symbols_and_a_days(symbol: str, day: str, times: int | None) -> None:
    found = told(symbol, "funding.times", day)

    assert (None if found == "no rule" else found and found.count(":")) == times


def first_session(symbol: str, day: str) -> tuple[str, str]:
    first = product_calendar(symbol).sessions(date.fromisoformat(day))[0]
    return f"{local(first.open):%H:%M}", f"{local(first.close):%H:%M}"


def local(moment: datetime) -> time:
    return moment.astimezone(SHANGHAI).time()
