"""Days of crypto: makers, takers, funding, liquidation, worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BadRunSetting, backtest
from quantloom.kit import to_ns
from quantloom.market.rulebook import RuleBook, rule_book
from quantloom.strategy import Context
from quantloom.trading import FundingRates
from tests.library.backtest.builders import scripted
from tests.scenarios.market import Rows, bars_at, buy, sell, short, trade

D = Decimal
BTC, ETH = "BTC-USDT-PERP.BINANCE", "ETH-USDT-PERP.BINANCE"


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


def test_fees_in_the_venues_coin_have_their_discount() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, 60_000), zone="UTC")

    full, less = (trade(bars, {0: buy(BTC, 1)}, fee_discount=off) for off in (0, "0.1"))

    # Takers pay 0.05 % of 60,000, which is 30, and a tenth less in the venue's coin.
    assert full.fills["commission"].tolist() == [D(30)]
    assert less.fills["commission"].tolist() == [D(27)]
    assert less.final_equity - full.final_equity == 3


@pytest.mark.parametrize("terms", [{"rules": False}, {"commission": 0.001}, {"fee_discount": 1}])
def test_a_discount_is_of_the_rules_fees_and_less_than_all(terms: dict[str, Any]) -> None:
    bars = bars_at(BTC, hours(60_000), zone="UTC")

    with pytest.raises(BadRunSetting, match="fee_discount is"):
        trade(bars, {}, **({"fee_discount": "0.1"} | terms))


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


# Liquidation

CRASH = (60_000.0, 60_500.0, 54_000.0, 60_200.0)


def test_a_crash_that_comes_back_by_the_close_has_ended_the_position() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, CRASH, 60_200), zone="UTC")

    # Half a coin for 30,000 at ten times leverage, and all cash behind it.
    result = trade(bars, {0: buy(BTC, 0.5)}, cash=3_015, margin=0.1)

    # 15 go for the fee, 3,000 are left. Maintenance is 0.4 % of the value v where v is under
    # 50,000: 3,000 + v - 30,000 <= 0.004 v, so v = 27,000 / 0.996 = 27,108.43, 54,216.87 a coin,
    # 54,216 on the tick of 1 that these prices tell.
    (_, forced) = result.fills.rows()
    assert (forced["cause"], forced["side"]) == ("liquidation", "sell")
    assert (forced["quantity"], forced["price"]) == (D("0.5"), 54_216)
    # It has lost 2,892; the fee of 1.25 % of 27,108 would be 338.85 and takes what is left.
    assert forced["commission"] == 3_000 - 2_892
    assert result.final_cash == result.final_equity == 0
    assert result.round_trips["exit"].tolist() == ["liquidation"]


def test_a_squeeze_ends_a_short_position() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, (60_000, 66_100, 59_900, 60_100), 60_100), zone="UTC")

    result = trade(bars, {0: short(BTC, 0.5)}, cash=3_015, margin=0.1)

    # 3,000 + 30,000 - v <= 0.004 v: v = 33,000 / 1.004 = 32,868.53, 65,737.05 a coin, up to the
    # tick of 1.
    (_, forced) = result.fills.rows()
    assert (forced["side"], forced["price"]) == ("buy", 65_738)
    assert result.final_cash == 0


def test_the_mark_price_decides_and_not_the_last() -> None:
    calm = hours(60_000, 60_000, (60_000, 60_500, 59_000, 60_200), 60_200)
    wild = hours(60_000, 60_000, CRASH, 60_200)
    terms: dict[str, Any] = {"cash": 3_015, "margin": 0.1}
    long = {0: buy(BTC, 0.5)}

    quiet, loud = bars_at(BTC, calm, zone="UTC"), bars_at(BTC, wild, zone="UTC")
    only_last = trade(loud, long, marks=quiet, **terms)
    only_mark = trade(quiet, long, marks=loud, **terms)

    assert only_last.fills["cause"].tolist() == ["market"]
    assert only_mark.fills["cause"].tolist() == ["market", "liquidation"]


def test_a_gap_takes_no_more_than_there_is() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, 50_000, 60_000), zone="UTC")

    result = trade(bars, {0: buy(BTC, 0.5)}, cash=3_015, margin=0.1)

    # At the open of 50,000 the position has lost 5,000 and had 3,000: the fund pays 2,000.
    (_, forced) = result.fills.rows()
    assert (forced["price"], forced["commission"]) == (50_000, 0)
    rows = [(row["kind"], row["symbol"], row["amount"]) for row in result.payments.rows()]
    assert rows == [("insurance", BTC, 2_000)]
    assert result.final_cash == 0


def test_isolated_margin_is_all_that_is_lost_and_cross_margin_lasts_longer() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, CRASH, 60_200, 50_000, 60_000), zone="UTC")
    terms: dict[str, Any] = {"cash": 10_015, "margin": 0.1}

    isolated = trade(bars, {0: buy(BTC, 0.5)}, margin_mode="isolated", **terms)
    cross = trade(bars, {0: buy(BTC, 0.5)}, **terms)

    # Its own 3,000 are gone at 54,216, as above; the other 7,000 stay.
    assert isolated.fills["price"].tolist() == [60_000, 54_216]
    assert isolated.final_cash == 7_000
    # Behind all of the 10,000 the position stands until 40,000 and less.
    assert cross.fills["cause"].tolist() == ["market"]
    assert cross.final_equity == 10_000


def test_funding_eats_isolated_margin() -> None:
    rows = a_day(h00=60_000.0)
    rows["2024-03-01 09:00"] = CRASH
    bars = bars_at(BTC, rows, zone="UTC")

    result = trade(
        bars,
        {0: buy(BTC, 0.5)},
        cash=10_015,
        margin=0.1,
        margin_mode="isolated",
        funding=funding(h08=0.01, h16=0.0),
    )

    # 300 of the 3,000 are paid away: v = 27,300 / 0.996 = 27,409.64, 54,819.28 a coin.
    assert result.fills["price"].tolist() == [60_000, 54_819]
    assert result.final_cash == 7_000


@pytest.mark.parametrize(("stop", "cause"), [(55_000, "stop_loss"), (54_100, "liquidation")])
def test_the_nearer_of_stop_and_liquidation_wins(stop: float, cause: str) -> None:
    bars = bars_at(BTC, hours(60_000, 60_000, CRASH, 60_200), zone="UTC")

    result = trade(bars, {0: buy(BTC, 0.5, stop_loss=stop)}, cash=3_015, margin=0.1)

    # The liquidation price is 54,216: the price passes 55,000 before it and 54,100 after it.
    assert result.fills["cause"].tolist() == ["market", cause]
    assert result.orders["status"].tolist()[0] == "filled"
    if cause == "liquidation":
        assert "liquidated" in result.orders["rule"].tolist()


def test_more_leverage_than_the_tier_allows_is_refused() -> None:
    bars = bars_at(BTC, hours(60_000, 60_000), zone="UTC")

    result = trade(bars, {0: buy(BTC, 5)}, cash=100_000, margin=0.008)

    # 125 times is for positions under 50,000; this one is of 300,000.
    assert result.orders["rule"].tolist() == ["leverage_too_high"]


def test_large_positions_are_liquidated_tier_by_tier() -> None:
    rows = hours(60_000, 60_000, (60_000, 60_000, 55_363, 60_000), 60_000)

    def three_hundred(ctx: Context) -> None:
        for part in (120, 120, 60):
            ctx.buy(BTC, part)

    result = trade(bars_at(BTC, rows, zone="UTC"), {0: three_hundred}, cash=1_809_000, margin=0.1)

    # 18 million for 9,000 of fees, in the tier of 5 % less 421,300 from 15 million on. With
    # 1,800,000 it fails where v = (16,200,000 - 421,300) / 0.95 = 16,609,157.89: at 55,363.
    # 15 million at that price are 270.939 coins; 2.5 % of their 14,999,995.86 less 46,300 are
    # 328,699.90. The 29.061 others cost 1.25 % of 1,608,904.143, and 388,788.70 are left: enough.
    (*_, forced) = result.fills.rows()
    assert (forced["quantity"], forced["price"]) == (D("29.061"), 55_363)
    assert forced["commission"] == D("1608904.143") * D("0.0125")
    assert result.positions["quantity"].tolist() == [D("270.939")]


def test_a_shared_wallet_fails_by_the_sum_of_its_positions() -> None:
    fall = (60_000, 60_000, 55_500, 60_000)
    slide = (3_000, 3_000, 2_775, 3_000)
    data = {
        BTC: bars_at(BTC, hours(60_000, 60_000, fall, 60_000), zone="UTC"),
        ETH: bars_at(ETH, hours(3_000, 3_000, slide, 3_000), zone="UTC"),
    }

    terms: dict[str, Any] = {"margin": 0.05, "cash": 4_030}
    alone = trade(data[BTC], {0: buy(BTC, 0.5)}, **terms)
    shared = backtest(scripted({0: buy(BTC, 0.5), 1: buy(ETH, 10)}), data, rules=True, **terms)

    # Each loses 7.5 % of 30,000, 2,250; both together more than the 4,000.
    assert alone.fills["cause"].tolist() == ["market"]
    assert sorted(shared.fills["cause"].tolist()) == ["liquidation"] * 2 + ["market"] * 2
    assert shared.final_cash == 0
