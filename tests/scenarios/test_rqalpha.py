"""A small case of shares by the figures that RQAlpha publishes, beside ours.

Source: RQAlpha 6.4.2. Of rqalpha/mod/rqalpha_mod_sys_transaction_cost/deciders.py: commission is
0.08 % on both sides and 5 yuan at least for each order, however many trades it takes; stamp duty is
0.05 % of a sale, and with `pit_tax` 0.1 % before 2023-08-28; nothing else is charged. Of
rqalpha_mod_sys_accounts/position_validator.py: what was bought today is not closable today, and
an order that asks for it is refused. Its licence allows no commercial use without leave, so that
nothing here runs it; the figures are worked out by hand.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult
from quantloom.market.rulebook import rule_book
from tests.library.market.rulebook.rule_texts import entry, rule_text
from tests.scenarios.market import Action, Rows, bars_at, buy, sell, trade

D = Decimal
SHARE = "600519.SSE"
RATE = "{ money = 0.0008 }"
# RQAlpha's commission, and no transfer fee; turnaround and stamp duty stay those of the rule book.
BOOK = rule_book().overlay(
    "rqalpha.toml",
    rule_text(
        entry(
            "fee",
            f"open = {RATE}",
            f"close = {RATE}",
            "minimum = 5",
            of=f'["{SHARE}"]',
            since="2010-01-01",
        ),
        entry("transfer", of=f'["{SHARE}"]', since="2010-01-01"),
    ),
)


def as_rqalpha(rows: Rows, script: Mapping[int, Action], **settings: Any) -> BacktestResult:
    timeframe = "1d" if len(next(iter(rows))) == 10 else "1h"
    bars = bars_at(SHARE, rows, timeframe=timeframe)
    return trade(bars, script, **({"rules": BOOK, "cash": 1_000_000} | settings))


@pytest.mark.parametrize(
    ("quantity", "commission"),
    # 0.08 % of 1,000 are 0.8, of 6,000 are 4.8: both less than 5. Of 10,000 they are 8.
    [(100, D(5)), (600, D(5)), (1_000, D(8))],
)
def test_an_order_pays_five_at_least(quantity: int, commission: Decimal) -> None:
    result = as_rqalpha({"2024-03-04": 10.0, "2024-03-05": 10.0}, {0: buy(SHARE, quantity)})

    assert result.fills["commission"].tolist() == [commission]


def test_the_least_of_an_order_is_paid_once_for_all_its_trades() -> None:
    rows: Rows = {f"2024-03-0{day}": 10.0 for day in (4, 5, 6, 7)}

    # A share of each bar's volume of 1e9 that comes to 300: for 3,000, and 2.4 of commission.
    result = as_rqalpha(rows, {0: buy(SHARE, 900)}, participation=D("3e-7"))

    # 2.4 are lifted to 5; 4.8 are still less; of 7.2 in all 2.2 are left to pay.
    assert result.fills["commission"].tolist() == [5, 0, D("2.2")]


@pytest.mark.parametrize(
    ("days", "duty"),
    [
        (("2023-08-23", "2023-08-24", "2023-08-25"), D("0.001")),
        (("2023-08-24", "2023-08-25", "2023-08-28"), D("0.0005")),
    ],
)
def test_a_sale_pays_the_stamp_duty_of_its_day(days: tuple[str, ...], duty: Decimal) -> None:
    result = as_rqalpha(dict.fromkeys(days, 10.0), {0: buy(SHARE, 1_000), 1: sell(SHARE)})

    # 8 of commission on 10,000 either way; duty on the sale alone.
    assert result.fills["commission"].tolist() == [8, 8 + 10_000 * duty]


def test_a_sale_of_what_was_bought_today_is_refused() -> None:
    rows: Rows = {
        "2024-03-04 09:30": 10.0,
        "2024-03-04 10:30": 10.0,
        "2024-03-04 13:00": 10.5,
        "2024-03-05 09:30": 10.5,
    }
    result = as_rqalpha(rows, {0: buy(SHARE, 1_000), 1: sell(SHARE), 2: sell(SHARE)})

    assert result.orders["status"].tolist() == ["filled", "rejected", "filled"]
    # 500 made; 8 and 8.4 of commission, 5.25 of duty.
    assert result.final_cash == 1_000_000 + 500 - D(8) - D("8.4") - D("5.25")
