"""Swaps settled in coin: contracts of 100 USD, profit by 1 / price, worked out by hand in BTC."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult, BadRunSetting, backtest
from quantloom.backtest.analysis import notionals
from quantloom.market import Kind, default_instrument
from quantloom.strategy import Context, RiskPerTrade
from quantloom.trading import Commission, Rate
from tests.library.backtest.builders import Script, scripted
from tests.scenarios.market import Row, bars_at, buy, sell, short, trade
from tests.scenarios.test_crypto import a_day, funding, hours

D = Decimal
BTC = "BTC-USD-PERP.BINANCE"
QUANTUM = D("0.00000001")


def run(*prices: float | Row, script: Script, **terms: Any) -> BacktestResult:
    """A day of hourly bars in an account of one coin, at five times leverage."""
    bars = bars_at(BTC, hours(*prices), zone="UTC")
    return trade(bars, script, **({"cash": 1, "margin": 0.2} | terms))


# Profit


@pytest.mark.parametrize(("entry", "gross"), [(buy, "-0.05"), (short, "0.05")])
def test_a_hundred_contracts_from_fifty_to_forty_thousand(entry: Any, gross: str) -> None:
    def leave(ctx: Context) -> None:
        ctx.close(BTC)

    result = run(50_000, 50_000, 40_000, 40_000, script={0: entry(BTC, 100), 2: leave})

    # 10,000 USD x (1 / 40,000 - 1 / 50,000) = 0.25 - 0.2 BTC.
    assert result.round_trips["gross"].tolist() == [D(gross)]
    # A taker's 0.05 % of 0.2 and of 0.25.
    assert result.fills["commission"].tolist() == [D("0.0001"), D("0.000125")]
    assert result.final_cash == 1 + D(gross) - D("0.000225")
    between = 1 + float(gross) - 0.0001
    assert result.equity["equity"].tolist() == pytest.approx([1, 0.9999, between, between - 125e-6])
    assert result.spec.currency == "BTC"


def test_an_open_position_counts_in_coin() -> None:
    twice = {0: buy(BTC, 100), 1: buy(BTC, 100)}

    result = run(50_000, 50_000, 40_000, 40_000, 50_000, script=twice)

    # 20,000 USD for 0.2 + 0.25 BTC; at 50,000 they are worth 0.4.
    (held,) = result.positions.rows()
    assert held["average_price"] == pytest.approx(20_000 / 0.45)
    assert held["unrealised"] == D("0.05")
    assert result.final_equity == result.final_cash + D("0.05") == 1 + D("0.05") - D("0.000225")
    assert result.equity["exposure"].tolist() == pytest.approx([0, 0.2, 0.5, 0.5, 0.4])
    assert result.equity["equity"][-1] == pytest.approx(1.049775)


def test_a_quotient_is_cut_once_for_each_fill_and_against_the_trader() -> None:
    by_halves = {0: buy(BTC, 2), 1: sell(BTC, 1), 2: sell(BTC, 1)}

    result = run(30_000, 30_000, 30_000, 30_000, script=by_halves, commission=0)

    # 200 / 30,000 = 0.00666666|6 BTC are sold for the two contracts, and bought back at twice
    # 0.00333333|3, each cut up: 0.00333334.
    assert result.final_cash == 1 + D("0.00666666") - 2 * D("0.00333334")
    assert sum(result.round_trips["gross"]) == -2 * QUANTUM


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(-40, 40).filter(bool), min_size=1, max_size=6),
    st.lists(st.integers(20_000, 80_000), min_size=8, max_size=8),
)
def test_cash_is_the_sum_of_what_was_booked_and_never_better_than_exact(
    steps: list[int], prices: list[int]
) -> None:
    def move(lots: int) -> Any:
        return lambda ctx: ctx.target_quantity(BTC, ctx.position_of(BTC).quantity + lots)

    script = {bar: move(lots) for bar, lots in enumerate(steps)}
    result = run(*prices, script=script, cash=10, rules=False, commission=0.0005)

    trips, fills = result.round_trips, result.fills
    assert result.final_cash == 10 + sum(trips["gross"]) - sum(fills["commission"])
    # Bought contracts are 100 USD / price of coin sold each; what is open counts at the last close.
    signs = [1 if side == "buy" else -1 for side in fills["side"]]
    lots = [sign * quantity for sign, quantity in zip(signs, fills["quantity"], strict=True)]
    flows = [count * 100 / price for count, price in zip(lots, fills["price"], strict=True)]
    exact = 10 + sum(flows) - sum(lots) * D(100) / prices[-1] - sum(fills["commission"])
    assert exact - (len(lots) + 1) * QUANTUM <= result.final_equity <= exact + D("1e-20")
    assert result.equity["equity"][-1] == pytest.approx(float(result.final_equity), abs=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 100), st.integers(20_000, 80_000), st.integers(20_000, 80_000))
def test_profit_in_coin_is_the_linear_profit_of_the_same_value_at_the_exit_price(
    lots: int, entry: int, left: int
) -> None:
    script = {0: buy(BTC, lots), 1: sell(BTC, lots)}
    result = run(entry, entry, left, script=script, cash=10, rules=False)

    # As many coins as the contracts were worth at entry gain coins x (exit - entry) dollars.
    linear = D(100) * lots / entry * (left - entry)
    (gross,) = result.round_trips["gross"]
    assert abs(gross * left - linear) <= 2 * QUANTUM * left


# Costs, margin, sizes


def test_a_makers_rebate_is_cut_against_the_trader() -> None:
    scheme = Commission(maker=Rate(D("-0.0001")))
    bars = (30_000.0, (30_000.0, 30_100.0, 29_900.0, 30_000.0))

    result = run(*bars, script={0: buy(BTC, 1, price=29_950)}, commission=scheme)

    # 0.01 % of 100 / 29,950 = 0.0000003338... BTC.
    assert result.final_cash == 1 + D("0.00000033")


def test_slippage_is_told_in_coin() -> None:
    result = run(50_000, 40_000, script={0: buy(BTC, 100)}, slippage=1_000)

    # Bought at 41,000 in place of 40,000: 0.25 - 10,000 / 41,000, which is 0.2439024|4.
    assert result.fills["price"].tolist() == [41_000]
    assert result.fills["slippage"].tolist() == [D("0.25") - D("0.24390244")]


def test_what_the_account_cannot_carry_is_refused() -> None:
    # 2,500 contracts of 100 USD at 50,000 are 5 BTC, and a fifth of them all of the coin.
    result = run(50_000, 50_000, script={0: [buy(BTC, 2_501), buy(BTC, 2_500)]}, commission=0)

    assert result.orders["rule"].tolist() == ["insufficient_funds", ""]


def test_shares_of_equity_and_risk_are_sized_in_coin() -> None:
    sized = {
        0: lambda ctx: ctx.log(str(ctx.size())),
        1: lambda ctx: ctx.target_value(BTC, 0.3),
        2: lambda ctx: ctx.target_weight(BTC, 0.2, of="margin"),
    }
    risked = {0: lambda ctx: ctx.buy(BTC, stop_loss=40_000)}

    shares = run(*[50_000] * 4, script=sized, weight=0.5, commission=0)
    risk = run(50_000, 50_000, script=risked, sizing=RiskPerTrade.of(0.01))

    # Half a coin is 25,000 USD, 0.3 of one 15,000. A fifth as margin of a fifth is all of it.
    assert shares.log[0][1] == "250"
    assert shares.fills["quantity"].tolist() == [150, 350]
    # A contract loses 100 x (1 / 40,000 - 1 / 50,000) = 0.0005 BTC at its stop: 20 lose 0.01.
    assert risk.fills["quantity"].tolist() == [20]


def test_excursions_and_traded_value_are_of_coin() -> None:
    dip = (50_000.0, 62_500.0, 40_000.0, 50_000.0)

    result = run(50_000, dip, 50_000, 50_000, script={0: buy(BTC, 100), 2: sell(BTC, 100)})

    # 0.2 BTC would have been 0.25 at the low and 0.16 at the high.
    found = result.excursions
    assert (found.adverse[0], found.favourable[0]) == pytest.approx((-0.05, 0.04))
    assert (found.adverse_ratio[0], found.favourable_ratio[0]) == pytest.approx((-0.25, 0.2))
    assert notionals(result.fills, result.spec.instruments).tolist() == pytest.approx([0.2, 0.2])


# Funding and liquidation


def test_funding_is_paid_in_coin() -> None:
    bars = bars_at(BTC, a_day(h00=50_000.0, h16=40_000.0), zone="UTC")

    result = trade(
        bars, {0: buy(BTC, 100)}, cash=1, margin=0.2, funding=funding(h08=0.0001, h16=-0.0002)
    )

    # 0.01 % of 0.2 BTC is paid, and 0.02 % of 0.2 comes back: 50,000 was the last price known.
    assert result.payments["amount"].tolist() == [D("-0.00002"), D("0.00004")]
    assert result.final_cash == 1 - D("0.0001") + D("0.00002")


def test_a_long_position_is_liquidated_as_coin_grows_dear_to_owe() -> None:
    crash = (50_000.0, 50_500.0, 45_000.0, 50_000.0)

    result = run(50_000, 50_000, crash, script={0: buy(BTC, 1_000)}, cash=0.201, margin=0.1)

    # 100,000 USD are 2 BTC at entry; 0.001 goes for the fee and 0.2 is left. It fails where
    # 0.2 + 2 - v <= 0.01 v: v = 2.2 / 1.01, a price of 100,000 x 1.01 / 2.2 = 45,909.09.
    (_, forced) = result.fills.rows()
    assert (forced["cause"], forced["side"], forced["price"]) == ("liquidation", "sell", 45_909)
    # 100,000 / 45,909 is 2.1782221|..., up to 2.17822214 owed; 1.5 % of it is more than is left.
    assert result.round_trips["gross"].tolist() == [2 - D("2.17822214")]
    assert forced["commission"] == D("0.2") - D("0.17822214")
    assert result.final_cash == result.final_equity == 0


def test_a_short_position_is_liquidated_as_its_coin_melts() -> None:
    squeeze = (50_000.0, 56_000.0, 49_900.0, 50_000.0)

    result = run(50_000, 50_000, squeeze, script={0: short(BTC, 1_000)}, cash=0.201, margin=0.1)

    # 0.2 + v - 2 <= 0.01 v: v = 1.8 / 0.99, a price of 100,000 x 0.99 / 1.8 = 55,000.
    (_, forced) = result.fills.rows()
    assert (forced["cause"], forced["side"], forced["price"]) == ("liquidation", "buy", 55_000)
    # 1.81818181 BTC are bought back with, cut down; 0.01818181 is left and goes to the fund.
    assert result.round_trips["gross"].tolist() == [D("1.81818181") - 2]
    assert forced["commission"] == D("0.01818181")
    assert result.final_cash == 0


def test_several_lots_are_liquidated_to_the_last_quantum() -> None:
    crash = (50_000.0, 50_000.0, 40_000.0, 50_000.0)
    thirds = {0: [buy(BTC, 333), buy(BTC, 333), buy(BTC, 334)]}

    result = run(49_999, 49_999, crash, script=thirds, cash=0.2011, margin=0.1)

    # Each lot was cut by itself, the closing fill once: nothing is left, and the fund pays nothing.
    assert result.round_trips["exit"].tolist() == ["liquidation"] * 3
    assert result.final_cash == 0
    assert len(result.payments) == 0


def test_isolated_margin_is_set_aside_in_coin() -> None:
    crash = (50_000.0, 50_500.0, 45_000.0, 50_000.0)
    terms: dict[str, Any] = {"cash": 1.001, "margin": 0.1, "margin_mode": "isolated"}

    result = run(50_000, 50_000, crash, script={0: buy(BTC, 1_000)}, **terms)

    # A tenth of 2 BTC stands behind it, and is all that is lost.
    assert result.fills["price"].tolist() == [50_000, 45_909]
    assert result.final_cash == D("0.8")


# What is refused


def test_an_account_of_other_money_is_refused() -> None:
    bars = bars_at(BTC, hours(50_000), zone="UTC")

    with pytest.raises(BadRunSetting, match="currency is USD; it must be BTC"):
        backtest(scripted({}), bars, currency="USD", fx={"BTC": 50_000})


def test_a_contract_in_the_money_of_its_quote_is_refused() -> None:
    bars = bars_at(BTC, hours(50_000), zone="UTC")
    dollars = replace(default_instrument(BTC), currency="USD")
    linear = replace(dollars, kind=Kind.PERPETUAL)

    with pytest.raises(BadRunSetting, match="it must be in BTC, the coin"):
        backtest(scripted({}), bars, instrument=dollars)
    with pytest.raises(BadRunSetting, match="it must be of kind inverse"):
        backtest(scripted({}), bars, instrument=linear, rules=True)
