"""Days of Chinese futures: nights, settlement, margin calls, fees of today, worked out by hand."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest

from quantloom.market.rulebook import rule_book
from quantloom.market.rulebook.topics import Grid, Limit
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
RB, IF = "rb2410.SHFE", "IF2403.CFFEX"
# Friday afternoon, Friday night (Monday's trading day), Monday, Tuesday.
WEEKEND: Rows = {
    "2024-03-01 14:00": 3700.0,
    "2024-03-01 21:00": 3700.0,
    "2024-03-01 22:00": 3700.0,
    "2024-03-04 09:00": 3710.0,
    "2024-03-04 14:00": 3600.0,
    "2024-03-05 09:00": 3590.0,
    "2024-03-05 14:00": 3590.0,
}
SETTLEMENT = [3700, 3600, 3600, 3600, 3600, 3590, 3590]


def test_a_weekend_of_rebar() -> None:
    bars = bars_at(RB, WEEKEND, settlement=SETTLEMENT)

    result = trade(bars, {0: buy(RB, 2), 2: sell(RB, 1)}, cash=6_000)

    # Two lots of ten tons at 3,700, fee 0.01 % of 74,000. One is closed at 3,710: 100 made, 3.71
    # paid; it was opened on Friday night, so on the same trading day, at no other fee.
    assert result.fills["commission"].tolist() == [D("7.4"), D("3.71")]
    # Monday settles the other at 3,600, a loss of 1,000; Tuesday at 3,590, of 100 more.
    cash = D(6_000) - D("7.4") + 100 - D("3.71") - 1_000 - 100
    assert result.final_cash == result.final_equity == cash
    assert result.positions["average_price"].tolist() == [3_700]
    assert result.positions["unrealised"].tolist() == [-1_100]


def test_a_margin_call_closes_what_equity_no_longer_covers() -> None:
    bars = bars_at(RB, WEEKEND, settlement=SETTLEMENT)

    result = trade(bars, {0: buy(RB, 2)}, cash=5_400)

    # Margin at the entry is 7 % of 74,000, 5,180. Settled at 3,600 there are 5,400 - 7.4 - 2,000 =
    # 3,392.6 left, and two lots ask for 5,040: one goes at Tuesday's open.
    (_, forced) = result.fills.rows()
    assert (forced["cause"], forced["side"], forced["quantity"]) == ("liquidation", "sell", 1)
    assert forced["price"] == 3_590
    assert result.round_trips["pnl"].tolist() == [-1_100 - D("3.7") - D("3.59")]
    assert result.final_equity == D(5_400) - D("7.4") - 2_200 - D("3.59")


def test_settlement_moves_cash_and_never_equity() -> None:
    bars = bars_at(RB, WEEKEND, settlement=SETTLEMENT)

    ruled = trade(bars, {0: buy(RB, 2), 5: sell(RB)}, cash=50_000)
    terms = {"rules": False, "commission": 0.0001, "margin": 0.07}
    plain = trade(bars, {0: buy(RB, 2), 5: sell(RB)}, cash=50_000, **terms)

    # The close of 3,600 at Monday's end is the settlement, so both are marked alike.
    assert ruled.equity["equity"].tolist() == pytest.approx(plain.equity["equity"], rel=1e-12)
    assert ruled.equity["cash"].tolist() != plain.equity["cash"].tolist()
    assert ruled.final_cash == plain.final_cash


def test_index_futures_pay_ten_times_to_close_today() -> None:
    rows: Rows = {
        "2024-03-04 09:30": 3500.0,
        "2024-03-04 10:30": 3500.0,
        "2024-03-04 13:00": 3500.0,
    }
    bars = bars_at(IF, rows)

    result = trade(bars, {0: short(IF, 1), 1: lambda ctx: ctx.cover(IF)}, cash=1_000_000)

    # 3,500 times 300 is 1,050,000: 0.23 in ten thousand to open, 2.3 to close on the same day.
    assert result.fills["commission"].tolist() == [D("24.15"), D("241.5")]


def test_a_contract_is_not_bought_at_its_limit() -> None:
    # Friday's settlement of 3,700 and 5 % make 3,885: the night trades nowhere else.
    rows: Rows = {
        "2024-03-01 14:00": 3700.0,
        "2024-03-01 21:00": 3885.0,
        "2024-03-04 09:00": 3880.0,
    }
    bars = bars_at(RB, rows, settlement=[3700, 3880, 3880])

    result = trade(bars, {0: buy(RB, 1)})

    assert result.fills["price"].tolist() == [3_880]


def test_prices_beyond_the_usual_limit_tell_that_there_was_another() -> None:
    rows: Rows = {
        "2024-03-01 14:00": 3700.0,
        "2024-03-01 21:00": 3950.0,
        "2024-03-04 09:00": 3950.0,
    }
    bars = bars_at(RB, rows, settlement=[3700, 3950, 3950])

    result = trade(bars, {0: buy(RB, 1)})

    assert result.fills["price"].tolist() == [3_950]
    assert result.rules is not None
    assert result.rules.unlimited == {RB: 1}


def test_without_settlement_prices_they_are_estimated_and_said_to_be() -> None:
    rows: Rows = {
        "2024-03-01 14:00": (3700.0, 3703.0, 3697.0, 3700.0),
        "2024-03-01 21:00": (3700.0, 3720.0, 3690.0, 3705.0),
        "2024-03-04 09:00": (3705.0, 3715.0, 3695.0, 3702.0),
    }
    result = trade(bars_at(RB, rows), {0: buy(RB, 1)})

    # The typical prices of Monday's bars, of one volume: 3,705 and 3,704; their mean on the tick.
    assert result.rules is not None
    assert result.rules.estimated == (RB,)
    assert result.final_cash == 100_000 - D("3.7") + 40


@pytest.mark.parametrize(("lots", "rule"), [(500, "end_of_data"), (501, "above_maximum")])
def test_the_exchange_takes_so_many_lots_at_once(lots: int, rule: str) -> None:
    rows: Rows = {"2024-03-01 14:00": 3700.0, "2024-03-01 21:00": 3700.0}

    result = trade(bars_at(RB, rows), {0: buy(RB, lots, price=3_600)}, cash=10**9)

    assert result.orders["rule"].tolist() == [rule]


def test_a_contract_ends_at_its_last_settlement() -> None:
    # The third Friday of March 2024.
    rows: Rows = {
        "2024-03-14 14:00": 3500.0,
        "2024-03-15 09:30": 3500.0,
        "2024-03-15 14:00": 3520.0,
        "2024-03-18 09:30": 3600.0,
    }
    bars = bars_at(IF, rows, settlement=[3500, 3510, 3510, 3600])
    script = {0: buy(IF, 1), 1: sell(IF, 1, price=4_000)}

    result = trade(bars, script, cash=1_000_000)

    assert result.round_trips["exit"].tolist() == ["expiry"]
    # Bought at 3,500, settled at 3,510: 3,000 for 300 a point, less 24.15 for the entry alone.
    assert result.final_cash == result.final_equity == 1_000_000 + 3_000 - D("24.15")
    assert result.orders["rule"].tolist()[1] == "contract_over"
    assert len(result.positions) == 0


@pytest.mark.parametrize(
    ("days", "status"),
    [(("2024-08-29", "2024-08-30"), "filled"), (("2024-08-30", "2024-09-02"), "rejected")],
)
def test_margin_rises_as_delivery_comes_near(days: tuple[str, str], status: str) -> None:
    before, after = days
    rows: Rows = {f"{before} 14:00": 3000.0, f"{after} 09:00": 3000.0}

    # One lot is worth 30,000: 7 % are 2,100, and 10 % from the first trading day of September on.
    result = trade(bars_at(RB, rows), {0: buy(RB, 1)}, cash=2_500)

    assert result.orders["status"].tolist() == [status]


def test_a_market_order_in_shanghai_is_a_limit_order_at_the_days_limit() -> None:
    grid, limit = (rule_book().need(topic, RB, date(2024, 3, 4)) for topic in (Grid, Limit))
    assert isinstance(grid, Grid)
    assert isinstance(limit, Limit)
    assert not grid.has_market_orders
    assert limit.ratio is not None
    bars = bars_at(RB, WEEKEND, settlement=SETTLEMENT)
    # Friday settled at 3,700; the highest price of Monday, to the yuan.
    at_limit = (3_700 * (1 + limit.ratio)).quantize(D(1), ROUND_HALF_UP)

    market = trade(bars, {2: buy(RB, 1)})
    limited = trade(bars, {2: buy(RB, 1, price=at_limit)})

    assert market.fills["price"].tolist() == limited.fills["price"].tolist() == [3_710]
    assert market.final_cash == limited.final_cash
