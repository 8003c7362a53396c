"""Crypto, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from quantloom.market.rulebook import rule_book
from tests.library.backtest.builders import Script
from tests.scenarios.market import Rows, bars_at, buy, sell, trade

D = Decimal
COIN, SWAP = "BTC-USDT.BINANCE", "BTC-USDT-PERP.BINANCE"
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
