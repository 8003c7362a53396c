"""Days of crypto: makers, takers, funding, liquidation, contracts in coin, worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BadRunSetting
from quantloom.kit import to_ns
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.strategy import Context
from quantloom.trading import FundingRates
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
BTC = "BTC-USDT-PERP.BINANCE"


def hours(*closes: float | tuple[float, float, float, float], start: int = 0) -> Rows:
    """One bar an hour from midnight of 2024-03-01 on, UTC."""
    return {f"2024-03-01 {start + hour:02d}:00": row for hour, row in enumerate(closes)}


def with_rebate() -> RuleBook:
    """The book with a venue that pays makers 0.01 %."""
    return rule_book().overlay(
        "mine",
        f"""
        venues = ["BINANCE"]
        currency = "USDT"
        [[maker_taker]]
        of = ["{BTC}"]
        from = 2024-01-01
        source = "default"
        maker = -0.0001
        taker = 0.0005
        """,
    )


# Makers and takers


def test_a_maker_is_paid_its_rebate() -> None:
    bars = bars_at(BTC, hours(60_000, (60_000, 60_100, 59_900, 60_000), 60_000), zone="UTC")

    result = trade(bars, {0: buy(BTC, 1, price=59_950)}, cash=100_000, rules=with_rebate())

    # The limit lay under the open and the market came to it: 0.01 % of 59,950 is paid to it.
    assert result.fills["commission"].tolist() == [D("-5.995")]
    assert result.final_cash == 100_000 + D("5.995")


def test_a_limit_order_that_the_open_reaches_takes_unless_it_has_rested() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, 60_000, 59_000), zone="UTC")

    def script(ctx: Context) -> None:
        ctx.buy(BTC, 1, price=60_500)
        ctx.buy(BTC, 1, price=59_500)

    result = trade(bars, {0: script}, cash=200_000)

    # The first crosses as it arrives: 0.05 % of 60,000. The second has rested for two bars when
    # the open falls to 59,000: 0.02 % of that.
    assert result.fills["commission"].tolist() == [D(30), D("11.8")]


def test_traded_money_of_thirty_days_opens_a_better_tier() -> None:
    days = ["01 00", "01 01", "01 02", "02 00", "02 01", "31 00", "31 01"]
    rows: Rows = {f"2024-03-{day}:00": 60_000.0 for day in days}
    rows["2024-04-01 00:00"] = 60_000.0

    def twice(ctx: Context) -> None:
        ctx.buy(BTC, 66)
        ctx.sell(BTC, 66)

    def on_each_day(ctx: Context) -> None:
        ctx.buy(BTC, 1)

    script = {0: twice, 1: twice, 2: on_each_day, 5: on_each_day, 6: on_each_day}
    result = trade(bars_at(BTC, rows, zone="UTC"), script, cash=10_000_000)

    # Four times 66 coins at 60,000 are 15.84 million on the first, above the 15 million of tier 1,
    # which asks takers for 0.04 % in place of 0.05 %: not on that day, and not 31 days later.
    fees = result.fills["commission"].tolist()
    assert fees[:4] == [D(1_980)] * 4
    assert fees[4:] == [D(24), D(24), D(30)]
    assert result.rules is not None
    assert f"maker_taker of {BTC}" in result.rules.assumed


# Funding


def funding(**rates: float) -> FundingRates:
    """Rates by hour of 2024-03-01, given as h08=0.0001."""
    times = [datetime(2024, 3, 1, int(hour[1:]), tzinfo=UTC) for hour in rates]
    return FundingRates(np.array([to_ns(one) for one in times]), np.array([*rates.values()]))


def a_day(**prices: float) -> Rows:
    """A bar an hour over 24 hours, at the price last named."""
    named = {int(hour[1:]): price for hour, price in prices.items()}
    closes = [named[max(one for one in named if one <= hour)] for hour in range(24)]
    return hours(*closes)


def test_longs_pay_and_receive_funding_and_what_is_missing_is_counted() -> None:
    rows = a_day(h00=60_000.0, h07=62_000.0, h15=61_000.0)
    rows["2024-03-02 00:00"] = 61_000.0
    bars = bars_at(BTC, rows, zone="UTC")

    # Half a coin at ten times leverage, bought at 01:00.
    result = trade(
        bars, {0: buy(BTC, 0.5)}, margin=0.1, cash=10_000, funding=funding(h08=0.0001, h16=-0.0002)
    )

    # At 08:00 longs pay 0.01 % of 31,000; at 16:00 shorts pay 0.02 % of 30,500; at midnight nobody
    # knows.
    assert result.payments["amount"].tolist() == [D("-3.1"), D("6.1")]
    assert set(result.payments["kind"]) == {"funding"}
    assert result.rules is not None
    assert dict(result.rules.unfunded) == {BTC: 1}
    assert result.rules.grade == "D"
    # A taker's 0.05 % of 30,000, and 500 made.
    assert result.final_cash == 10_000 - 15 - D("3.1") + D("6.1")
    assert result.final_equity == result.final_cash + 500


def test_who_holds_nothing_at_the_moment_pays_nothing() -> None:
    bars = bars_at(BTC, a_day(h00=60_000.0), zone="UTC")

    # Bought at the open of 08:00, after the payment, and sold at the open of 16:00, after it again.
    result = trade(bars, {7: buy(BTC, 1), 15: sell(BTC, 1)}, funding=funding(h08=0.01, h16=0.0001))

    assert result.payments["amount"].tolist() == [-6]
    assert result.rules is not None
    assert not result.rules.unfunded


def test_without_funding_rates_a_perpetual_says_so() -> None:
    bars = bars_at(BTC, a_day(h00=60_000.0), zone="UTC")

    result = trade(bars, {0: buy(BTC, 1)})

    assert len(result.payments) == 0
    assert result.rules is not None
    assert dict(result.rules.unfunded) == {BTC: 2}


def test_funding_is_of_the_mark_price() -> None:
    bars = bars_at(BTC, a_day(h00=60_000.0), zone="UTC")
    marks = bars_at(BTC, a_day(h00=60_000.0, h08=59_000.0), zone="UTC")

    rates = funding(h08=0.0001, h16=0.0)
    marked = trade(bars, {0: short(BTC, 1)}, funding=rates, marks=marks)
    plain = trade(bars, {0: short(BTC, 1)}, funding=rates)

    # The mark bar of 08:00 opens at 59,000; without it the last close of 60,000 stands in.
    assert marked.payments["amount"].tolist() == [D("5.9")]
    assert plain.payments["amount"].tolist() == [D(6)]
    assert marked.rules is not None
    assert plain.rules is not None
    assert marked.rules.unmarked == ()
    assert plain.rules.unmarked == (BTC,)


def test_daily_bars_pay_three_times_a_day() -> None:
    days: Rows = {"2024-03-01": 60_000.0, "2024-03-02": 60_000.0, "2024-03-03": 60_000.0}
    bars = bars_at(BTC, days, timeframe="1d")
    start = to_ns(datetime(2024, 3, 1, tzinfo=UTC))
    times = start + np.arange(0, 72, 8) * 3_600 * 10**9
    rates = FundingRates(times, np.full(9, 0.0001))

    result = trade(bars, {0: buy(BTC, 1)}, funding=rates)

    # Bought at midnight of the second day, after the payment of that moment, for a fee of 30. Five
    # more come: at 08:00, 16:00 and midnight before the third bar, two within it.
    assert result.payments["amount"].tolist() == [-6] * 5
    assert result.equity["cash"].tolist() == [100_000, 99_970, 99_970 - 30]


def test_funding_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "funding.csv"
    file.write_text(
        "calc_time,funding_interval_hours,last_funding_rate\n"
        "1709280000004,8,0.00010000\n1709308800001,8,\n"
    )
    bars = bars_at(BTC, a_day(h00=60_000.0), zone="UTC")

    result = trade(bars, {0: buy(BTC, 1)}, funding=file)

    # 2024-03-01 08:00:00.004; the rate of 16:00 is empty, so it is not known.
    assert result.payments["amount"].tolist() == [-6]
    assert result.rules is not None
    assert dict(result.rules.unfunded) == {BTC: 1}


@pytest.mark.parametrize("given", [{"funding": {"AAPL.NASDAQ": "x.csv"}}, {"marks": {}}])
def test_what_is_told_of_swaps_is_checked(given: dict[str, Any]) -> None:
    bars = bars_at(BTC, hours(60_000), zone="UTC")

    with pytest.raises(BadRunSetting, match=r"perpetual|rules=True"):
        trade(bars, {}, rules="funding" in given, **given)
