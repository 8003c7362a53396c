"""Crypto, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.market import Rows, bars_at, buy, sell, trade

D = Decimal
COIN, SWAP = "BTC-USDT.BINANCE", "BTC-USDT-PERP.BINANCE"


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
    taking, resting = (
        buy(SWAP, 1, price=101, post_only=True),
        buy(SWAP, 1, price=99, post_only=True),
    )
    script = {0: [taking, resting], 1: sell(SWAP, 3, price=98, reduce_only=True)}

    result = trade(bars, script)

    assert result.orders["rule"].tolist()[0] == "would_take"
    assert [(row["side"], row["quantity"]) for row in result.fills.rows()] == [
        ("buy", 1),
        ("sell", 1),
    ]
