"""Ticks have a grade: what is planted in clean ones is found, and nothing else."""

from typing import Any

import numpy as np
import pytest

from quantloom.data.quality import RowAccount, check_ticks
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Ticks

SYMBOL = "IF2103.CFFEX"


def times() -> IntArray:
    """Every second of one morning and the next, in UTC."""
    days = np.array(["2021-01-05T01:30", "2021-01-06T01:30"], dtype="datetime64[ns]")
    second = np.arange(7_200, dtype=np.int64) * 10**9
    return np.concatenate([day + second for day in days.astype(np.int64).tolist()])


def columns() -> dict[str, Any]:
    ts = times()
    bid = 5_000 + 0.2 * (np.arange(len(ts)) % 50)
    return {"ts": ts, "bid": bid, "ask": bid + 0.2, "bid_size": np.ones(len(ts)) * 3}


def found(given: dict[str, Any], **more: Any) -> dict[str, int]:
    report = check_ticks(Ticks.of_quotes(SYMBOL, **given), **more)
    return {one.check: one.count for one in report.findings}


def test_clean_ticks_have_grade_a() -> None:
    report = check_ticks(Ticks.of_quotes(SYMBOL, **columns()))

    # The afternoon of the first day is missing, and nothing else.
    assert [one.check for one in report.findings] == ["silences"]
    assert report.findings[0].count == 2 * 3_600 + 1
    assert report.timeframe == "ticks"


def test_a_repeated_quote_is_found() -> None:
    given = columns()
    for name in given:
        given[name][100] = given[name][99]

    assert found(given)["repeated_ticks"] == 1


def test_a_quote_off_the_tick_is_found() -> None:
    given = columns()
    given["bid"][7] -= 0.1

    assert found(given)["ticks_off_tick"] == 1


def test_a_tick_at_lunch_is_outside_hours() -> None:
    given = columns()
    given["ts"][7_199] = np.datetime64("2021-01-05T04:10", "ns").astype(np.int64)

    assert found(given)["ticks_outside_hours"] == 1


def test_a_volume_that_goes_back_within_a_day_is_found() -> None:
    given = columns()
    total: FloatArray = np.tile(np.arange(7_200.0), 2)
    assert "falling_volume" not in found(given, total=total)
    total[500] = 0.0

    assert found(given, total=total)["falling_volume"] == 1


def test_a_trade_beyond_the_limit_is_found() -> None:
    ts = times()
    price = np.full(len(ts), 5_000.0)
    price[8_000] = 6_500.0

    report = check_ticks(Ticks.of_trades(SYMBOL, ts=ts, price=price, size=np.ones(len(ts))))

    assert report.find("outside_limits") is not None


@pytest.mark.parametrize(
    ("problem", "check"),
    [
        ("a bid above the ask", "crossed_quotes"),
        ("a trade without a price above zero", "bad_prices"),
        ("a trade without a size above zero", "bad_volume"),
        ("something else", "unreadable"),
    ],
)
def test_what_a_reader_left_out_counts(problem: str, check: str) -> None:
    raw = RowAccount(read=20_000, dropped=((problem, 12),), unsorted=3)

    assert found(columns(), raw=raw) | {"silences": 0} == {check: 12, "unsorted": 3, "silences": 0}
