"""A week of Shanghai shares: turnaround, limits, fees and duties, worked out by hand."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from quantloom.backtest import backtest
from quantloom.market import Bar
from quantloom.strategy import Context, Strategy
from tests.scenarios.market import Row, Rows, bars_at, buy, sell, trade

D = Decimal
SHARE, STAR = "600519.SSE", "688001.SSE"
# Hourly bars of a Monday and the Tuesday after it.
TWO_DAYS: Rows = {
    "2024-03-04 09:30": 10.0,
    "2024-03-04 10:30": 10.0,
    "2024-03-04 13:00": 10.1,
    "2024-03-04 14:00": 10.1,
    "2024-03-05 09:30": 10.2,
    "2024-03-05 10:30": 10.2,
}


def test_what_was_bought_today_is_sold_tomorrow() -> None:
    bars = bars_at(SHARE, TWO_DAYS)

    result = trade(bars, {0: buy(SHARE, 1_000), 1: sell(SHARE), 3: sell(SHARE)})

    assert result.orders["status"].tolist() == ["filled", "rejected", "filled"]
    assert result.orders["rule"].tolist() == ["", "bought_today", ""]
    assert result.fills["price"].tolist() == [10, D("10.2")]


@pytest.mark.parametrize(("offset", "sold"), [("close_today", 0), ("close_yesterday", 300)])
def test_no_order_sells_what_was_bought_today(offset: str, sold: int) -> None:
    bars = bars_at(SHARE, TWO_DAYS)
    script = {0: buy(SHARE, 300), 3: buy(SHARE, 200), 4: sell(SHARE, 500, offset=offset)}

    result = trade(bars, script)

    assert sum(result.fills["quantity"][2:]) == sold
    assert "bought_today" in result.orders["rule"].tolist()


def test_an_order_for_the_open_that_comes_after_it_is_for_the_next_day() -> None:
    result = trade(bars_at(SHARE, TWO_DAYS), {1: buy(SHARE, 100, tif="OPEN")})

    assert result.fills["price"].tolist() == [D("10.2")]


def test_what_has_no_more_bars_is_held_at_its_last_price() -> None:
    days: Rows = {"2024-03-04": 10.0, "2024-03-05": 10.0, "2024-03-06": 10.5, "2024-03-07": 11.0}
    whole, halted = bars_at(STAR, days, timeframe="1d"), bars_at(SHARE, days, timeframe="1d")[:2]

    class Both(Strategy):
        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            for symbol in bars if ctx.portfolio[SHARE].is_flat else ():
                ctx.buy(symbol, 200)

    result = backtest(Both, {SHARE: halted, STAR: whole}, rules=True)

    # 2,000 each and 5.02 of fees on both; the one gains 200, the other cannot be sold.
    assert result.final_equity == 100_000 + 200 - 2 * D("5.02")


def test_fees_and_duty_are_those_of_the_day_and_of_the_order() -> None:
    bars = bars_at(SHARE, TWO_DAYS)

    result = trade(bars, {0: buy(SHARE, 1_000), 3: sell(SHARE)})

    # 10,000 bought: 0.03 % are 3, less than the least of 5; 0.001 % transfer fee is 0.1.
    # 10,200 sold: 3.06, so 5; duty of 0.05 % is 5.1, transfer fee 0.102.
    assert result.fills["commission"].tolist() == [D("5.1"), D("10.202")]
    assert result.final_cash == 100_000 + 200 - D("5.1") - D("10.202")


@pytest.mark.parametrize(("day", "duty"), [("2023-08-25", D("0.001")), ("2023-08-28", D("0.0005"))])
def test_the_stamp_duty_was_halved_in_august_2023(day: str, duty: Decimal) -> None:
    rows = {"2023-08-23": 10.0, "2023-08-24": 10.0, day: 10.0}
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 10_000), 1: sell(SHARE)}, cash=1_000_000)

    # 100,000 either way: commission 30, transfer 1; the duty on the sale alone.
    assert result.fills["commission"].tolist() == [31, 31 + 100_000 * duty]


def test_a_sealed_board_sells_nothing_to_those_who_buy() -> None:
    # From 10.00 the limit is 11.00: the second day never leaves it.
    rows: Rows = {
        "2024-03-04": 10.0,
        "2024-03-05": 11.0,
        "2024-03-06": (11.5, 12.0, 11.4, 11.8),
    }
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100)})

    assert result.fills["price"].tolist() == [D("11.5")]
    assert result.fills["ts_ns"].tolist() == [bars.ts[2]]


def test_a_sealed_board_buys_from_those_who_sell() -> None:
    rows = {"2024-03-01": 10.0, "2024-03-04": 10.0, "2024-03-05": 11.0}
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100), 1: sell(SHARE)})

    assert result.fills["price"].tolist() == [10, 11]


@pytest.mark.parametrize(
    ("day", "prices"), [((11.0, 11.0, 10.8, 11.0), [11]), ((11.0, 11.0, 11.0, 11.0), [])]
)
def test_a_limit_order_at_the_limit_has_its_turn_when_the_board_opens(
    day: Row, prices: list[int]
) -> None:
    bars = bars_at(SHARE, {"2024-03-04": 10.0, "2024-03-05": day}, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100, price=11)})

    assert result.fills["price"].tolist() == prices


def test_slippage_stops_at_the_limit() -> None:
    rows: Rows = {"2024-03-04": 10.0, "2024-03-05": (10.99, 11.0, 10.9, 11.0)}
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100)}, slippage=5)

    assert result.fills["price"].tolist() == [11]


@pytest.mark.parametrize(
    ("close", "limit"),
    # Half up to the cent: 11.055 is 11.06; 20 % on the STAR board.
    [((SHARE, 10.05), 11.06), ((SHARE, 10.04), 11.04), ((STAR, 10.05), 12.06)],
)
def test_limits_are_rounded_half_up(close: tuple[str, float], limit: float) -> None:
    symbol, before = close
    below = round(limit - 0.01, 2)
    rows: Rows = {
        "2024-03-04": before,
        "2024-03-05": (limit, limit, below, below),
    }
    bars = bars_at(symbol, rows, timeframe="1d")

    # The open is at the limit, so a market order waits; below it a limit order has its turn.
    bought = trade(bars, {0: buy(symbol, 200)})
    resting = trade(bars, {0: buy(symbol, 200, price=limit)})

    assert len(bought.fills) == 0
    assert resting.fills["price"].tolist() == [D(str(limit))]


@pytest.mark.parametrize(
    ("quantity", "status"), [(100, "rejected"), (200, "filled"), (201, "filled")]
)
def test_the_star_board_takes_two_hundred_and_up_by_one(quantity: int, status: str) -> None:
    bars = bars_at(STAR, {"2024-03-04": 10.0, "2024-03-05": 10.0}, timeframe="1d")

    result = trade(bars, {0: buy(STAR, quantity)})

    assert result.orders["status"].tolist() == [status]


def test_no_board_takes_a_purchase_cut_below_its_least() -> None:
    bars = bars_at(STAR, {"2024-03-04": 10.0, "2024-03-05": 11.0}, timeframe="1d")

    # At 10.00 the account pays for 209 shares, at the open of 11.00 for no more than 190.
    result = trade(bars, {0: lambda ctx: ctx.target_weight(STAR, 1)}, cash=2_100)

    assert result.orders["rule"].tolist() == ["insufficient_funds"]
    assert len(result.fills) == 0


def test_what_is_assumed_is_told_with_the_result() -> None:
    result = trade(bars_at(SHARE, TWO_DAYS), {})

    assert result.rules is not None
    assert result.rules.assumed == (f"fee of {SHARE}",)
    assert result.rules.version == result.hashes.rules


def test_a_fee_of_ones_own_goes_before_the_books_and_duties_with_it() -> None:
    bars = bars_at(SHARE, TWO_DAYS)

    result = trade(bars, {0: buy(SHARE, 1_000), 3: sell(SHARE)}, commission=0.001)

    assert result.fills["commission"].tolist() == [10, D("10.2")]
