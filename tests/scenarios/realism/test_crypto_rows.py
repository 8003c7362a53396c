"""Crypto, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.kit import to_ns
from quantloom.market import Bars
from quantloom.market.rulebook import rule_book
from quantloom.trading import FundingRates
from tests.library.backtest.builders import Script
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
COIN, SWAP = "BTC-USDT.BINANCE", "BTC-USDT-PERP.BINANCE"
INVERSE = "BTC-USD-PERP.BINANCE"
REBATE = """
venues = ["BINANCE"]
currency = "USDT"
[[maker_taker]]
of = ["BINANCE.perpetual"]
from = 2024-01-01
source = "default"
maker = -0.00005
taker = 0.0005
"""


@pytest.mark.parametrize(
    ("month", "fees"),
    # Two coins at 50,000 or so: makers 0.02 %; takers 0.05 %, and 0.04 % before 2024.
    [("2024-03", ["19.6", "50"]), ("2023-12", ["19.6", "40"])],
)
def test_maker_and_taker_by_date(month: str, fees: list[str]) -> None:
    rows: Rows = {
        f"{month}-04 00:00": 50_000.0,
        f"{month}-04 01:00": (50_000.0, 50_000.0, 48_000.0, 50_000.0),
        f"{month}-04 02:00": 50_000.0,
    }
    script = {0: buy(SWAP, 2, price=49_000), 1: sell(SWAP, 2)}

    result = trade(bars_at(SWAP, rows, zone="UTC"), script)

    assert result.fills["commission"].tolist() == [D(fee) for fee in fees]


def test_a_rebate_is_paid_to_the_maker() -> None:
    rows: Rows = {
        "2024-03-04 00:00": 50_000.0,
        "2024-03-04 01:00": (50_000.0, 50_000.0, 48_000.0, 50_000.0),
    }
    book = rule_book().overlay("rebate.toml", REBATE)

    result = trade(bars_at(SWAP, rows, zone="UTC"), {0: buy(SWAP, 1, price=49_000)}, rules=book)

    # 0.005 % of 49,000 come in.
    assert result.final_cash == 100_000 + D("2.45")


@pytest.mark.parametrize(
    ("quantity", "price", "rule"),
    [
        # A step of 0.00001, a tick of 0.01, five dollars at the least.
        (0.00012, 40_000.0, "below_notional"),
        (0.00013, 40_000.0, ""),
        (0.000125, 40_000.0, "off_lot"),
        (0.00013, 40_000.005, "off_tick"),
    ],
)
def test_grid_and_least_money_of_the_pair(quantity: float, price: float, rule: str) -> None:
    rows: Rows = {"2024-03-04 00:00": 41_000.01, "2024-03-04 01:00": 40_000.0}
    bars = bars_at(COIN, rows, zone="UTC")

    result = trade(bars, {0: buy(COIN, quantity, price=price)})

    assert result.orders["rule"].tolist() == [rule]


def test_crypto_never_closes_and_its_days_are_of_utc() -> None:
    # Friday to Sunday, and an hour before midnight in London, which is morning in Shanghai.
    rows: Rows = {
        "2024-03-08 23:00": 100.01,
        "2024-03-09 00:00": 110.0,
        "2024-03-09 23:00": 110.0,
        "2024-03-10 00:00": 99.0,
    }

    result = trade(bars_at(COIN, rows, zone="UTC"), {})

    days = [date(2024, 3, 8), date(2024, 3, 9), date(2024, 3, 9), date(2024, 3, 10)]
    assert result.days.tolist() == days
    assert result.calendar.periods_per_year == 365


def test_post_only_never_takes_and_reduce_only_never_opens() -> None:
    rows: Rows = {
        "2024-03-04 00:00": 100.5,
        "2024-03-04 01:00": (100.0, 100.0, 98.0, 99.0),
        "2024-03-04 02:00": 99.0,
    }
    bars = bars_at(SWAP, rows, zone="UTC")
    # The open of 100 has reached 101, not 99.
    taking, resting = (buy(SWAP, 1, price=price, post_only=True) for price in (101, 99))
    script: Script = {0: [taking, resting], 1: sell(SWAP, 3, price=98, reduce_only=True)}

    result = trade(bars, script)

    assert result.orders["rule"].tolist()[0] == "would_take"
    assert [(row["side"], row["quantity"]) for row in result.fills.rows()] == [
        ("buy", 1),
        ("sell", 1),
    ]


def held_for_a_day(symbol: str, price: float, dip: float) -> Bars:
    """Bars of a day of hours at one price, with a low at noon that is gone by the close."""
    rows: Rows = {f"2024-03-04 {hour:02d}:00": price for hour in range(24)}
    rows["2024-03-04 12:00"] = (price, price, dip, price)
    return bars_at(symbol, rows, zone="UTC")


def rates(**by_hour: float) -> FundingRates:
    """Funding rates of 2024-03-04 by hour, given as h08=0.0001."""
    times = [to_ns(datetime(2024, 3, 4, int(hour[1:]), tzinfo=UTC)) for hour in by_hour]
    return FundingRates(np.array(times), np.array([*by_hour.values()]))


def test_funding_by_the_venues_hours_on_the_mark() -> None:
    bars = held_for_a_day(SWAP, 50_000, 50_000)
    marks = held_for_a_day(SWAP, 49_000, 49_000)
    given = {"funding": rates(h08=0.0002, h16=-0.0001), "marks": marks}

    long = trade(bars, {0: buy(SWAP, 1)}, **given)
    opposite = trade(bars, {0: short(SWAP, 1)}, **given)

    # 0.02 % of 49,000 at 08:00 UTC; at 16:00 the rate is below zero, and shorts pay.
    assert long.payments["amount"].tolist() == [D("-9.8"), D("4.9")]
    assert opposite.payments["amount"].tolist() == [D("9.8"), D("-4.9")]


def test_a_missing_rate_is_told() -> None:
    result = trade(
        held_for_a_day(SWAP, 50_000, 50_000), {0: buy(SWAP, 1)}, funding=rates(h08=0.0002)
    )

    # That of 16:00 is not known, and not taken for zero.
    assert result.rules is not None
    assert (dict(result.rules.unfunded), result.rules.grade) == ({SWAP: 1}, "D")


def test_liquidation_is_within_the_bar_and_on_the_mark() -> None:
    calm, wild = held_for_a_day(SWAP, 50_000, 50_000), held_for_a_day(SWAP, 50_000, 45_000)
    terms: dict[str, Any] = {"cash": 5_025, "margin": 0.1}

    by_mark = trade(calm, {0: buy(SWAP, 1)}, marks=wild, **terms)
    by_last = trade(wild, {0: buy(SWAP, 1)}, marks=calm, **terms)

    # 25 for the fee leave 5,000 behind one coin. The tier from 50,000 asks for 0.5 % less 50, the
    # one under it for 0.4 %: 5,000 + p - 50,000 <= 0.004 p, p = 45,000 / 0.996 = 45,180.7.
    assert by_mark.fills["cause"].tolist() == ["market", "liquidation"]
    assert by_mark.fills["price"].tolist() == [50_000, 45_180]
    assert by_last.fills["cause"].tolist() == ["market"]


@pytest.mark.parametrize(("enter", "change"), [(buy, "-0.05"), (short, "0.05")])
def test_an_inverse_contract_gains_and_loses_coin(enter: Callable[..., Any], change: str) -> None:
    rows: Rows = {"2024-03-04 00:00": 50_000.0, "2024-03-04 01:00": 50_000.0}
    rows["2024-03-04 02:00"] = 40_000.0

    result = trade(bars_at(INVERSE, rows, zone="UTC"), {0: enter(INVERSE, 100)}, cash=1)

    # 100 contracts of 100 USD: 10,000 / 40,000 - 10,000 / 50,000 BTC; fees are 0.05 % of 0.2 BTC.
    assert result.final_equity == 1 + D(change) - D("0.0001")
    assert result.spec.currency == "BTC"


def test_an_inverse_position_is_funded_and_liquidated_in_coin() -> None:
    result = trade(
        held_for_a_day(INVERSE, 50_000, 25_000),
        {0: buy(INVERSE, 1_000)},
        cash=2.001,
        margin=1,
        funding=rates(h08=0.01, h16=0.0001),
    )

    # 1,000 contracts are 2 BTC, paid in full; 0.001 for the fee, and 1 % of 2 BTC at 08:00.
    assert result.payments["amount"].tolist() == [D("-0.02")]
    # 1.98 + 2 - v <= 0.01 v: v = 3.98 / 1.01, a price of 100,000 x 1.01 / 3.98 = 25,376.88.
    assert result.fills["price"].tolist() == [50_000, 25_376]
    assert result.fills["cause"].tolist() == ["market", "liquidation"]
