"""All markets, row by row of `docs/reference/realism.md`; figures are worked out by hand."""

import math
from decimal import Decimal
from itertools import pairwise
from statistics import mean, stdev

import pytest

from quantloom.market.rulebook import rule_book
from quantloom.simulation import Slippage
from tests.library.backtest.builders import Script
from tests.scenarios.market import Rows, bars_at, buy, sell, trade

D = Decimal
COIN, SHARE, FUND, REBAR = "XRP-USDT.BINANCE", "600000.SSE", "510300.SSE", "rb2405.SHFE"
HOURS = ("2024-03-04 09:30", "2024-03-04 10:30", "2024-03-04 13:00", "2024-03-04 14:00")


def test_money_is_exact_to_the_last_digit() -> None:
    # In floats 3.3 times 0.1 is 0.33000000000000002; and the taker pays a thousandth of it.
    rows = dict.fromkeys(("2024-03-04 00:00", "2024-03-04 01:00"), 3.3)
    bars = bars_at(COIN, rows, zone="UTC")

    result = trade(bars, {0: [buy(COIN, 10), buy(COIN, 20)]}, cash="100.1")

    assert result.final_cash == D("100.1") - 33 - D("0.033") - 66 - D("0.066")


def test_order_snapped_against_the_trader() -> None:
    bars = bars_at(SHARE, dict.fromkeys((*HOURS, "2024-03-05 09:30"), 10.0))
    script: Script = {0: [buy(SHARE, 100), buy(SHARE, 100, price=10.005)], 3: sell(SHARE, 100)}

    result = trade(bars, script, slippage=Slippage.of(ratio=0.0001))

    # Moved by a basis point, 10.001 is bought for 10.01 and 9.999 sold for 9.99.
    assert result.fills["price"].tolist() == [D("10.01"), D("9.99")]
    assert result.orders["rule"].tolist() == ["", "off_tick", ""]


def test_events_come_in_one_order() -> None:
    # The order sent first takes the volume first, whatever comes of it.
    bars = bars_at(SHARE, dict.fromkeys(HOURS, 10.0))
    script = {0: [buy(SHARE, 300, tag="first"), buy(SHARE, 300, tag="second")]}

    runs = [trade(bars, script, participation=400 / 1e9) for _ in range(2)]

    told = [(row["tag"], row["quantity"]) for row in runs[0].fills.rows()]
    assert told == [("first", 300), ("second", 100), ("second", 200)]
    assert runs[0].hashes.result == runs[1].hashes.result


def test_fills_use_no_data_older_than_the_order() -> None:
    # Sent on the close of 09:30's bar; the bar of 10:30 is the first that may fill it.
    rows: Rows = {HOURS[0]: (10.0, 10.0, 9.5, 10.0), HOURS[1]: 10.2, HOURS[2]: 9.5}
    bars = bars_at(SHARE, rows)

    result = trade(bars, {0: [buy(SHARE, 100), buy(SHARE, 100, price=9.6)]})

    told = [(row["ts_ns"], row["price"]) for row in result.fills.rows()]
    assert told == [(bars.ts[1], D("10.2")), (bars.ts[2], D("9.5"))]


def test_market_order_meets_the_next_open_and_moc_the_close() -> None:
    rows: Rows = {"2024-03-04": 10.0, "2024-03-05": (10.3, 10.6, 10.2, 10.5)}
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: [buy(SHARE, 100), buy(SHARE, 100, tif="CLOSE")]})

    assert result.fills["price"].tolist() == [D("10.3"), D("10.5")]


def test_the_stop_comes_before_the_target() -> None:
    rows: Rows = {
        "2024-03-04": 20.0,
        "2024-03-05": 20.0,
        "2024-03-06": (20.0, 21.5, 18.5, 20.0),
    }
    bars = bars_at(SHARE, rows, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 100, stop_loss=19, take_profit=21)})

    assert result.round_trips["exit"].tolist() == ["stop_loss"]
    assert result.round_trips["gross"].tolist() == [-100]


def test_volume_cap_is_shared() -> None:
    # A bar gives 500 to all orders on it together, though each asks for no more than that.
    bars = bars_at(SHARE, dict.fromkeys(HOURS[:2], 10.0))

    result = trade(
        bars, {0: [buy(SHARE, 400), buy(SHARE, 300, price=10.2)]}, participation=500 / 1e9
    )

    assert result.fills["quantity"].tolist() == [400, 100]


def test_cash_is_asked_for_again_at_the_fill() -> None:
    # 1,000 shares for 10,000 and costs are there at the close, and not at an open of 10.50.
    bars = bars_at(SHARE, {"2024-03-04": 10.0, "2024-03-05": 10.5}, timeframe="1d")

    result = trade(bars, {0: buy(SHARE, 1_000)}, cash=10_010)

    assert result.orders["rule"].tolist() == ["insufficient_funds"]


def test_an_open_position_counts_at_the_end() -> None:
    rows = {"2024-03-04": 10.0, "2024-03-05": 10.0, "2024-03-06": 10.8}

    result = trade(bars_at(SHARE, rows, timeframe="1d"), {0: buy(SHARE, 1_000)})

    assert result.final_equity == 100_000 + 800 - D("5.1")
    assert result.metrics.net_profit == pytest.approx(794.9)


@pytest.mark.parametrize(
    ("symbol", "year"), [(SHARE, 243), ("AAPL.NASDAQ", 252), ("XRP-USDT.BINANCE", 365)]
)
def test_figures_are_of_daily_equity_and_the_markets_year(symbol: str, year: int) -> None:
    closes = [10.0, 10.0, 10.5, 10.2, 10.6]
    rows: Rows = {f"2024-03-{4 + day:02}": close for day, close in enumerate(closes)}

    result = trade(
        bars_at(symbol, rows, timeframe="1d"), {0: buy(symbol, 9_000)}, commission=0, rules=False
    )

    # 9,000 of 100,000 cash: equity by the close of each day, the first return from the start.
    equity = [100_000, *(10_000 + 9_000 * close for close in closes)]
    returns = [after / before - 1 for before, after in pairwise(equity)]
    assert result.metrics.sharpe_ratio == pytest.approx(
        mean(returns) / stdev(returns) * math.sqrt(year)
    )


def test_a_result_names_data_code_rules_and_seed() -> None:
    bars = bars_at(SHARE, dict.fromkeys(HOURS, 10.0))

    result = trade(bars, {}, seed=7)

    other = trade(bars_at(SHARE, dict.fromkeys(HOURS, 10.1)), {}, seed=7)
    assert (result.hashes.rules, result.hashes.seed) == (rule_book().version, 7)
    assert result.hashes.data == bars.digest() != other.hashes.data
    assert result.hashes.code == other.hashes.code
    assert len(result.hashes.code) == len(result.hashes.spec) == 64
