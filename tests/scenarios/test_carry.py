"""What a weekend of cash earns, and of borrowed shares costs, worked out by hand."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.trading import BadRate
from tests.scenarios.market import Rows, bars_at, buy, short, trade

D = Decimal
SHARE = "AAPL.NASDAQ"
# Thursday, Friday and the Monday after.
ROWS: Rows = {"2024-03-07": 100.0, "2024-03-08": 100.0, "2024-03-11": 100.0}


def run(script: Any, **terms: Any) -> Any:
    return trade(bars_at(SHARE, ROWS, timeframe="1d"), script, rules=False, **terms)


def test_cash_earns_for_each_day_of_the_calendar() -> None:
    result = run({}, cash=36_500, interest=0.02)

    # 2 % of 36,500 are 730 a year, 2 a day; the weekend has three, on what Friday left.
    amounts = [D(2), D(36_502) * 2 / 100 * 3 / 365]
    assert result.payments["amount"].tolist() == [amounts[0], round(amounts[1] - D("5e-9"), 8)]
    assert result.final_cash == 36_500 + sum(result.payments["amount"])
    assert result.equity["cash"].tolist()[0] == 36_500
    assert result.equity["cash"].tolist()[1] == 36_502


def test_shares_sold_short_cost_to_borrow() -> None:
    result = run({0: short(SHARE, 365)}, cash=100_000, borrow=0.1)

    # 36,500 sold on Friday's open: 10 a day at 10 %, three days to Monday.
    rows = [(row["kind"], row["symbol"], row["amount"]) for row in result.payments.rows()]
    assert rows == [("borrow", SHARE, D(-30))]
    assert result.final_equity == 100_000 - 30


def test_cash_below_zero_is_borrowed() -> None:
    result = run({0: buy(SHARE, 365)}, cash=18_250, margin=0.5, borrow=0.1, interest=0.02)

    # 36,500 bought with 18,250 on Friday, after a day that earned 1 on them: 18,249 are owed for
    # three days at 10 %, 14.99917808 cut to 1e-8.
    assert result.payments["kind"].tolist() == ["interest", "borrow"]
    assert result.payments["amount"].tolist() == [D(1), -D("14.99917808")]


def test_a_rate_in_percent_is_refused() -> None:
    with pytest.raises(BadRate, match=r"0\.02 is 2 % a year"):
        run({}, interest=2)


def test_without_rates_nothing_is_paid() -> None:
    assert len(run({}).payments) == 0
