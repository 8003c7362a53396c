"""Last trading days of real contracts, and the days of margin steps before them."""

from datetime import date

import pyarrow.parquet as pq
import pytest

from quantloom.market import get_calendar
from quantloom.market.rulebook.delivery import (
    UnknownDayName,
    day_near_delivery,
    last_trading_day,
)
from tests.shared_data import SHARED, needs_shared

FUTURES = get_calendar("cn_futures")


@pytest.mark.parametrize(
    ("rule", "month", "expected"),
    [
        pytest.param("third_friday", (2024, 3), (2024, 3, 15), id="IF2403"),
        # Spring festival closed Friday the 16th; trading went on on Monday.
        pytest.param("third_friday", (2024, 2), (2024, 2, 19), id="IF2402"),
        pytest.param("third_friday", (2018, 2), (2018, 2, 22), id="IF1802"),
        pytest.param("second_friday", (2018, 6), (2018, 6, 8), id="T1806"),
        pytest.param("15th", (2024, 5), (2024, 5, 15), id="rb2405"),
        pytest.param("15th", (2019, 12), (2019, 12, 16), id="bu1912, a Sunday"),
        pytest.param("10th_trading_day", (2020, 5), (2020, 5, 19), id="m2005"),
        pytest.param("10th_trading_day", (2024, 10), (2024, 10, 21), id="i2410, after a week off"),
        pytest.param("4th_last_trading_day", (2019, 9), (2019, 9, 25), id="jd1909"),
        pytest.param("last_trading_day_of_previous_month", (2023, 5), (2023, 4, 28), id="sc2305"),
        pytest.param("last_monday", (2024, 4), (2024, 4, 29), id="ec2404"),
    ],
)
def test_a_contract_ends_on_its_known_day(
    rule: str, month: tuple[int, int], expected: tuple[int, int, int]
) -> None:
    last = last_trading_day(rule, date(*month, 1), FUTURES)

    assert last == date(*expected)


@needs_shared
@pytest.mark.parametrize(
    ("file", "rule", "month"),
    [
        ("DCE.m2005.1m", "10th_trading_day", date(2020, 5, 1)),
        ("DCE.jd1909.1m", "4th_last_trading_day", date(2019, 9, 1)),
        ("SHFE.au1912.1m", "15th", date(2019, 12, 1)),
        ("SHFE.bu1912.1m", "15th", date(2019, 12, 1)),
        ("SHFE.cu2001.1m", "15th", date(2020, 1, 1)),
        ("SHFE.rb2002.1m", "15th", date(2020, 2, 1)),
    ],
)
def test_the_last_day_is_that_of_the_last_bar(file: str, rule: str, month: date) -> None:
    bars = pq.read_table(SHARED / f"data/bars/cn_futures/{file}.parquet")

    last_bar = bars["ts"].to_numpy()[-1].astype("datetime64[D]").item()
    assert last_trading_day(rule, month, FUTURES) == last_bar


def test_any_day_of_the_delivery_month_names_it() -> None:
    assert last_trading_day("15th", date(2024, 5, 31), FUTURES) == date(2024, 5, 15)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("2nd_before_last", date(2024, 5, 13)),
        ("3rd_before_last", date(2024, 5, 10)),
        ("1st_trading_day", date(2024, 5, 6)),
        ("1st_trading_day_of_previous_month", date(2024, 4, 1)),
        ("15th_trading_day_of_previous_month", date(2024, 4, 23)),
        ("2nd_last_trading_day_of_previous_month", date(2024, 4, 29)),
    ],
)
def test_days_near_delivery_are_counted_in_trading_days(rule: str, expected: date) -> None:
    day = day_near_delivery(rule, last=date(2024, 5, 15), month=date(2024, 5, 1), calendar=FUTURES)

    assert day == expected


@pytest.mark.parametrize(
    ("last", "flat_by"),
    [(date(2023, 11, 15), date(2023, 11, 8)), (date(2023, 10, 31), date(2023, 10, 24))],
)
def test_five_days_before_the_last_of_cu2311_and_fu2311_are_as_announced(
    last: date, flat_by: date
) -> None:
    month = date(2023, 11, 1)
    day = day_near_delivery("5th_before_last", last=last, month=month, calendar=FUTURES)

    assert day == flat_by


def test_days_before_the_last_are_counted_across_a_holiday() -> None:
    day = day_near_delivery(
        "3rd_before_last", last=date(2024, 10, 9), month=date(2024, 10, 1), calendar=FUTURES
    )

    assert day == date(2024, 9, 27)


@pytest.mark.parametrize("rule", ["", "someday", "fifth_friday", "10th_trading_day_of_next_month"])
def test_a_rule_outside_the_vocabulary_is_refused(rule: str) -> None:
    with pytest.raises(UnknownDayName, match="10th_trading_day"):
        last_trading_day(rule, date(2024, 5, 1), FUTURES)
