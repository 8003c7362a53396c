"""An account in one currency that trades in others, worked out by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import (
    BacktestResult,
    BadRates,
    BadRunSetting,
    NoRateYet,
    RatesEnd,
    RatesMissing,
    RatesUnused,
    backtest,
    load_result,
)
from quantloom.data.synthetic import random_walk
from quantloom.market import Bars, Instrument, Kind, exactly
from quantloom.strategy import Context, RiskPerTrade, Strategy
from quantloom.trading import Commission, Rate
from tests.library.backtest.builders import scripted
from tests.scenarios.market import Action, Rows, bars_at, buy, sell, short
from tests.shared_data import SHARED, needs_shared

D = Decimal
SAP, AAPL, NIKKEI = "SAP.XETRA", "AAPL.NASDAQ", "NK.OSE"
DAYS = ("2024-03-04", "2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08")
INSTRUMENTS = {
    SAP: Instrument(symbol=SAP, kind=Kind.STOCK, tick_size=D("0.01"), currency="EUR"),
    AAPL: Instrument(symbol=AAPL, kind=Kind.STOCK, tick_size=D("0.01"), currency="USD"),
    NIKKEI: Instrument(
        symbol=NIKKEI, kind=Kind.FUTURE, tick_size=D(5), multiplier=D(1000), currency="JPY"
    ),
}


def days(symbol: str, *prices: float, start: str = DAYS[0]) -> Bars:
    """Daily bars that stand still, from a Monday on."""
    first = np.datetime64(start)
    rows: Rows = {str(first + place): price for place, price in enumerate(prices)}
    return bars_at(symbol, rows, timeframe="1d")


def rates(*closes: float, pair: str = "EURUSD") -> Bars:
    """Daily closes of a pair from the Sunday before on: known at midnight, when a day's bar opens.

    So the first is the rate of Monday's open, the second that of Monday's close and Tuesday's open.
    """
    return days(f"{pair}.FX", *closes, start="2024-03-03")


def trade(
    bars: Bars | Mapping[str, Bars], script: Mapping[int, Action], **terms: Any
) -> BacktestResult:
    data = {bars.symbol: bars} if isinstance(bars, Bars) else bars
    known = {symbol: INSTRUMENTS[symbol] for symbol in data}
    base: dict[str, Any] = {"cash": 100_000, "currency": "USD", "instrument": known}
    return backtest(scripted(script), data, **(base | terms))


# A share


def test_a_share_stands_still_and_the_euro_rises() -> None:
    # Bought on Tuesday's open at 100 EUR with the euro at 1.10, sold on Thursday's at 1.20.
    fx = rates(1.08, 1.10, 1.12, 1.20, 1.25, 1.25)
    script = {0: buy(SAP, 100), 2: sell(SAP)}
    result = trade(days(SAP, 100, 100, 100, 100, 100), script, fx={"EUR": fx})

    trip = next(result.round_trips.rows())
    assert (trip["entry_price"], trip["entry_rate"]) == (D(100), D("1.1"))
    assert (trip["exit_price"], trip["exit_rate"]) == (D(100), D("1.2"))
    # 11,000 dollars went in, 12,000 came back.
    assert (trip["gross"], trip["pnl"]) == (D(1000), D(1000))
    assert result.final_cash == result.final_equity == 101_000
    # At each close with the rate of that close: 1.12 on Tuesday, 1.20 on Wednesday.
    assert result.equity["equity"].tolist() == [100_000, 100_200, 101_000, 101_000, 101_000]
    assert result.equity["cash"].tolist() == [100_000, 89_000, 89_000, 101_000, 101_000]
    assert result.equity["exposure"].tolist() == pytest.approx([0, 11_200, 12_000, 0, 0])


def test_what_is_still_open_is_worth_what_its_currency_is() -> None:
    fx = rates(1.10, 1.10, 1.12, 1.20)
    result = trade(days(SAP, 100, 100, 105), {0: buy(SAP, 100)}, fx={"EUR": fx}, commission=0.001)

    # Paid 10,000 EUR at 1.10 and 10 EUR of commission; worth 10,500 EUR at 1.20 at the end.
    assert result.final_cash == 100_000 - 11_000 - 11
    assert result.final_equity == result.final_cash + 12_600
    assert result.positions["unrealised"].tolist() == [D(12_600) - 11_000]
    assert result.positions["average_price"].tolist() == [100]


def test_commission_is_exchanged_at_the_rate_of_its_fill() -> None:
    fee = Commission(open=Rate(by_money=D("0.001")), close=Rate(by_money=D("0.001")), minimum=D(5))
    fx = rates(1.10, 1.10, 1.15, 1.20)
    result = trade(
        days(SAP, 100, 100, 100), {0: buy(SAP, 10), 1: sell(SAP)}, fx={"EUR": fx}, commission=fee
    )

    # 0.1 % of 1,000 EUR is 1 EUR, and the minimum is 5 EUR: 5.50 and 5.75 dollars.
    assert result.fills["commission"].tolist() == [D("5.5"), D("5.75")]
    assert result.fills["rate"].tolist() == [D("1.1"), D("1.15")]
    assert result.metrics.commission == 11.25
    trip = next(result.round_trips.rows())
    # 1,000 EUR: 1,100 dollars in, 1,150 back.
    assert (trip["gross"], trip["commission"], trip["pnl"]) == (D(50), D("11.25"), D("38.75"))
    assert result.final_cash == 100_000 + D("38.75")


def test_a_short_share_owes_what_its_currency_is_worth() -> None:
    fx = rates(1.10, 1.10, 1.20, 1.20)
    result = trade(days(SAP, 100, 100, 90), {0: short(SAP, 100)}, fx={"EUR": fx})

    # 11,000 dollars came in; 9,000 EUR are owed, at 1.20 10,800: the fall of 10 EUR a share earned
    # 1,200 dollars, and the euro's rise cost 1,000.
    assert result.final_cash == 111_000
    assert result.final_equity == 100_200
    assert result.positions["unrealised"].tolist() == [D(200)]


def test_what_was_sold_short_is_borrowed_at_the_present_rate() -> None:
    fx = rates(1.10, 1.10, 1.20, 1.20)
    result = trade(days(SAP, 100, 100, 100), {0: short(SAP, 365)}, fx={"EUR": fx}, borrow=0.1)

    # 36,500 EUR at Wednesday's open, at 1.20: 10 % a year are 12 dollars a day.
    assert [(row["kind"], row["amount"]) for row in result.payments.rows()] == [("borrow", D(-12))]
    assert result.final_equity == 100_000 - 3_650 - 12


# A future


def test_a_future_exchanges_its_profit_alone() -> None:
    # Bought at 40,000 yen with 1,000 of the index, sold at 40,100: 100,000 yen at 0.0068.
    fx = rates(0.0066, 0.0066, 0.0070, 0.0068, 0.0060, pair="JPYUSD")
    bars = days(NIKKEI, 40_000, 40_000, 40_100, 40_100)
    result = trade(bars, {0: buy(NIKKEI, 1), 2: sell(NIKKEI)}, fx={"JPY": fx}, margin=0.1)

    trip = next(result.round_trips.rows())
    assert trip["pnl"] == D(100_000) * D("0.0068") == 680
    assert result.final_cash == result.final_equity == 100_680
    # On Wednesday's close the profit is worth what the yen is then: 0.0068 again.
    assert result.equity["equity"].tolist() == [100_000, 100_000, 100_680, 100_680]


def test_the_margin_of_a_future_is_exchanged_too() -> None:
    fx = {"JPY": 0.007}
    bars = days(NIKKEI, 40_000, 40_000)
    # 40 million yen are 280,000 dollars; a tenth of that is 28,000.
    enough = trade(bars, {0: buy(NIKKEI, 1)}, fx=fx, margin=0.1, cash=28_000)
    short_of = trade(bars, {0: buy(NIKKEI, 1)}, fx=fx, margin=0.1, cash=27_999)

    assert len(enough.fills) == 1
    assert short_of.orders["rule"].tolist() == ["insufficient_funds"]
    assert "needs 28000" in short_of.orders["reason"][0]


def test_each_settlement_is_exchanged_at_its_own_days_rate() -> None:
    rebar = replace(INSTRUMENTS[NIKKEI], symbol="rb2410.SHFE", currency="CNY", multiplier=D(10))
    rows: Rows = dict(zip(DAYS, (3500, 3500, 3600, 3700, 3700), strict=True))
    bars = bars_at("rb2410.SHFE", rows, timeframe="1d", settlement=[3500, 3500, 3600, 3700, 3700])
    fx = rates(0.10, 0.10, 0.12, 0.14, 0.15, 0.20, pair="CNYUSD")
    result = backtest(
        scripted({0: buy("rb2410.SHFE", 1), 3: sell("rb2410.SHFE")}),
        bars,
        instrument=rebar,
        rules=True,
        commission=0,
        currency="USD",
        fx={"CNY": fx},
    )

    # One lot is ten tons. 100 yuan a ton on Wednesday at its close, 0.14; on Thursday again, 0.15;
    # what Friday adds is nothing, so the end does not matter, at whatever rate.
    trip = next(result.round_trips.rows())
    assert trip["pnl"] == 1000 * D("0.14") + 1000 * D("0.15") == 290
    assert result.final_cash == 100_290
    assert result.equity["equity"].tolist() == [100_000, 100_000, 100_140, 100_290, 100_290]


# When a rate is known


def test_an_hourly_bar_knows_the_last_daily_rate_and_never_the_days_own() -> None:
    rows: Rows = {
        "2024-03-04 20:00": 100.0,
        "2024-03-04 22:00": 100.0,
        "2024-03-04 23:00": 100.0,
        "2024-03-05 00:00": 100.0,
    }
    bars = bars_at(SAP, rows, zone="UTC")
    fx = rates(1.10, 1.20)
    result = trade(bars, {0: buy(SAP, 1), 2: buy(SAP, 1)}, fx={"EUR": fx})

    # Monday's close, 1.20, is known at midnight and no hour before.
    assert result.fills["rate"].tolist() == [D("1.1"), D("1.2")]
    assert result.equity["exposure"].tolist() == pytest.approx([0, 110, 120, 240])


def test_a_rate_that_nobody_knew_yet_is_refused() -> None:
    fx = days("EURUSD.FX", 1.1, 1.1, start="2024-03-05")

    with pytest.raises(NoRateYet, match=r"first rate closes at 2024-03-06 00:00; give earlier"):
        trade(days(SAP, 100, 100, 100), {0: buy(SAP, 1)}, fx={"EUR": fx})


def test_rates_that_end_before_the_run_are_refused() -> None:
    with pytest.raises(RatesEnd, match=r"end on 2024-03-05, and the run on 2024-04-13"):
        trade(days(SAP, *[100] * 40), {}, fx={"EUR": rates(1.1, 1.1)})


# What a strategy sees


def test_half_of_equity_is_half_in_the_accounts_money() -> None:
    seen: list[Any] = []

    def enter(ctx: Context) -> None:
        seen.append(ctx.rate(SAP))
        ctx.target_weight(SAP, 0.5)

    def look(ctx: Context) -> None:
        seen.append((ctx.account.cash, ctx.account.equity, ctx.rate(SAP), ctx.rate(AAPL)))

    bars = {SAP: days(SAP, 100, 100, 100), AAPL: days(AAPL, 50, 50, 50)}
    fx = rates(1.25, 1.25, 1.30, 1.30)
    result = trade(bars, {0: enter, 2: look}, fx={"EUR": fx})

    # 50,000 dollars are 40,000 EUR, 400 shares; at 1.30 they are worth 52,000.
    assert result.fills["quantity"].tolist() == [D(400)]
    assert seen == [D("1.25"), (D(50_000), D(102_000), D("1.3"), D(1))]


def test_sizes_by_value_and_by_risk_are_of_the_accounts_money() -> None:
    def by_risk(ctx: Context) -> None:
        ctx.buy(SAP, stop_loss=90)

    # 30,000 dollars at 125 a share; 1,000 of risk at 12.50 a share.
    fx = {"EUR": 1.25}
    value = trade(days(SAP, 100, 100), {0: lambda ctx: ctx.target_value(SAP, 30_000)}, fx=fx)
    risk = trade(days(SAP, 100, 100), {0: by_risk}, fx=fx, sizing=RiskPerTrade.of(0.01))

    assert value.fills["quantity"].tolist() == [D(240)]
    assert risk.fills["quantity"].tolist() == [D(80)]


def test_an_entry_takes_what_the_account_affords_in_its_own_money() -> None:
    fx = rates(1.0, 1.0, 1.0)
    # Sized at 1.00 and 100 EUR, filled at 110 EUR: 909 shares are all that 100,000 dollars buy.
    result = trade(days(SAP, 100, 110), {0: lambda ctx: ctx.buy(SAP)}, fx={"EUR": fx}, weight=1)

    assert result.fills["quantity"].tolist() == [D(909)]


# How rates are given


@pytest.mark.parametrize(
    ("name", "value"),
    [("EUR", 1.25), ("EURUSD", 1.25), ("EUR/USD", 1.25), ("USDEUR", 0.8), ("USD/EUR", "0.8")],
)
def test_a_pair_may_be_given_either_way_round(name: str, value: float | str) -> None:
    result = trade(days(SAP, 100, 100), {0: buy(SAP, 1)}, fx={name: D(value)})

    assert result.fills["rate"].tolist() == [D("1.25")]


def test_bars_that_call_themselves_dollars_in_yen_are_turned() -> None:
    fx = rates(125, 125, 125, pair="USDJPY")
    bars = days(NIKKEI, 40_000, 40_000)
    result = trade(bars, {0: buy(NIKKEI, 1)}, fx={"JPY": fx}, margin=0.01)

    assert result.fills["rate"].tolist() == [D("0.008")]


def test_a_file_of_rates_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "eurusd.csv"
    path.write_text(
        "date,open,high,low,close\n2024-03-03,1.1,1.1,1.1,1.1\n2024-03-04,1.2,1.2,1.2,1.2\n"
    )
    result = trade(days(SAP, 100, 100), {0: buy(SAP, 1)}, fx={"EUR": path})

    assert result.fills["rate"].tolist() == [D("1.2")]


def test_a_currency_without_rates_is_refused_with_what_to_pass() -> None:
    with pytest.raises(RatesMissing, match=r'pass fx=\{"EUR": \.\.\.\} with the price of one unit'):
        trade(days(SAP, 100, 100), {})


def test_rates_that_no_instrument_needs_are_refused() -> None:
    with pytest.raises(RatesUnused, match=r"fx names EUR, and the run is in USD"):
        trade(days(AAPL, 100, 100), {}, fx={"EUR": 1.1})


def test_a_rate_of_zero_is_refused() -> None:
    with pytest.raises(BadRates, match="hold 0; each must be above zero"):
        trade(days(SAP, 100, 100), {}, fx={"EUR": 0})


def test_an_account_is_in_its_first_instruments_currency_where_none_is_named() -> None:
    result = trade(days(SAP, 100, 100), {0: buy(SAP, 1)}, currency=None)

    assert result.summary()["currency"] == "EUR"
    assert "rate" not in result.fills
    assert result.hashes.facts == ""


# What exchanging costs


def test_exchanging_costs_a_share_of_what_is_exchanged() -> None:
    fx = {"EUR": 1.25}
    script = {0: buy(SAP, 100), 1: sell(SAP)}
    result = trade(days(SAP, 100, 100, 100), script, fx=fx, fx_cost="0.001", commission=0.002)

    # 10,000 EUR and 20 EUR of commission are 12,525 dollars to buy euros for; the sale turns
    # 9,980 EUR, 12,475 dollars, back.
    paid = [(row["kind"], row["symbol"], row["amount"]) for row in result.payments.rows()]
    assert paid == [("exchange", SAP, D("-12.525")), ("exchange", SAP, D("-12.475"))]
    assert result.final_cash == 100_000 - 25 - 25 - 25
    assert result.round_trips["pnl"].tolist() == [D(-50)]


def test_the_accounts_own_currency_costs_nothing_to_exchange() -> None:
    bars = {SAP: days(SAP, 100, 100), AAPL: days(AAPL, 50, 50)}
    result = trade(bars, {0: buy(AAPL, 10)}, fx={"EUR": 1.25}, fx_cost=0.01)

    assert len(result.payments) == 0
    assert result.final_cash == 100_000 - 500


def test_an_order_needs_what_exchanging_costs_too() -> None:
    fx = {"EUR": 1.25}
    terms: dict[str, Any] = {"fx": fx, "fx_cost": 0.001}
    lacking = trade(days(SAP, 100, 100), {0: buy(SAP, 80)}, cash=10_009, **terms)
    enough = trade(days(SAP, 100, 100), {0: buy(SAP, 80)}, cash=10_010, **terms)

    assert lacking.orders["rule"].tolist() == ["insufficient_funds"]
    assert enough.final_cash == 0


def test_a_cost_in_percent_is_refused() -> None:
    with pytest.raises(BadRunSetting, match=r"fx_cost is 2; it must be 0 or more and below 1"):
        trade(days(AAPL, 100, 100), {}, fx_cost=2)


# The sums


class Roving(Strategy):
    """Turns to a random side of each instrument now and then."""

    def on_bars(self, ctx: Context, bars: Mapping[str, Any]) -> None:
        for symbol in bars:
            if ctx.random.random() < 0.3:
                ctx.target_quantity(symbol, int(ctx.random.integers(-20, 21)))


def rove(*, seed: int, fx: Mapping[str, Any], **terms: Any) -> BacktestResult:
    walks = {
        symbol: replace(random_walk(40, seed + place, timeframe="1d"), symbol=symbol)
        for place, symbol in enumerate((SAP, NIKKEI, AAPL))
    }
    small = replace(INSTRUMENTS[NIKKEI], multiplier=D(1), tick_size=D("0.01"))
    known = INSTRUMENTS | {NIKKEI: small}
    base: dict[str, Any] = {"commission": 0.001, "margin": 0.5, "currency": "USD", "seed": seed}
    return backtest(Roving, walks, instrument=known, fx=fx, **(base | terms))


def walk_of_rates(pair: str, seed: int, at: float) -> Bars:
    walk = random_walk(60, seed, timeframe="1d")
    fields = {name: getattr(walk, name) / 100 * at for name in ("open", "high", "low", "close")}
    early = walk.ts - 10 * 86_400 * 10**9
    return Bars.of(f"{pair}.FX", "1d", ts=early, volume=walk.volume, **fields)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_final_cash_is_the_decimal_sum_of_what_fills_and_payments_moved(seed: int) -> None:
    fx = {"EUR": walk_of_rates("EURUSD", seed, 1.1), "JPY": walk_of_rates("USDJPY", seed, 150)}
    result = rove(seed=seed, fx=fx, fx_cost=0.0002, borrow=0.03)

    # A share moves its price; a future what its round trips made. All at the rates of the fills.
    with exactly():
        cash = D(100_000) + sum(result.payments["amount"], D(0))
        for fill in result.fills.rows():
            sign = -1 if fill["side"] == "buy" else 1
            if fill["symbol"] != NIKKEI:
                cash += sign * fill["quantity"] * fill["price"] * fill["rate"]
            cash -= fill["commission"]
        for trip in result.round_trips.rows():
            if trip["symbol"] == NIKKEI:
                sign = 1 if trip["side"] == "buy" else -1
                gained = (trip["exit_price"] - trip["entry_price"]) * sign * trip["quantity"]
                cash += gained * trip["exit_rate"]
    assert result.final_cash == cash


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_round_trips_open_profit_and_payments_explain_the_equity(seed: int) -> None:
    fx = {"EUR": walk_of_rates("EURUSD", seed, 1.1), "JPY": walk_of_rates("USDJPY", seed, 150)}
    result = rove(seed=seed, fx=fx, fx_cost=0.0002, borrow=0.03)

    earned = result.round_trips["gross"], result.positions["unrealised"], result.payments["amount"]
    with exactly():
        expected = sum((sum(one, D(0)) for one in earned), D(100_000))
        expected -= sum(result.fills["commission"], D(0))
    assert result.final_equity == expected
    assert result.equity["equity"][-1] == pytest.approx(float(result.final_equity), rel=1e-12)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rates_of_one_change_nothing_to_the_byte(seed: int) -> None:
    plain = rove(seed=seed, fx={"EUR": 1, "JPY": 1})
    known = {symbol: replace(one, currency="USD") for symbol, one in INSTRUMENTS.items()}
    known[NIKKEI] = replace(known[NIKKEI], multiplier=D(1), tick_size=D("0.01"))
    walks = plain.data
    alone = backtest(Roving, walks, instrument=known, commission=0.001, margin=0.5, seed=seed)

    assert plain.equity["equity"].tobytes() == alone.equity["equity"].tobytes()
    assert plain.equity["cash"].tobytes() == alone.equity["cash"].tobytes()
    assert plain.final_cash == alone.final_cash
    assert plain.round_trips["pnl"].tolist() == alone.round_trips["pnl"].tolist()
    assert plain.metrics.as_dict() == alone.metrics.as_dict()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rates_and_cash_of_twice_as_much_make_twice_as_much(seed: int) -> None:
    walks = {SAP: replace(random_walk(60, seed, timeframe="1d"), symbol=SAP)}
    one, two = (
        backtest(
            Roving,
            walks,
            instrument=INSTRUMENTS[SAP],
            commission=0.001,
            currency="USD",
            cash=20_000 * times,
            fx={"EUR": 1.1 * times},
            seed=seed,
        )
        for times in (1, 2)
    )

    # A power of two scales every float exactly.
    assert (2 * one.equity["equity"]).tobytes() == two.equity["equity"].tobytes()
    assert two.round_trips["pnl"].tolist() == [2 * pnl for pnl in one.round_trips["pnl"]]


# What is left of a run


def test_a_saved_result_comes_back_with_its_currency(tmp_path: Path) -> None:
    result = trade(days(SAP, 100, 100), {0: buy(SAP, 1)}, fx={"EUR": 1.25})
    found = load_result(result.save(tmp_path / "run"))

    assert found.spec.currency == "USD"
    assert found.hashes == result.hashes
    assert found.fills["rate"].tolist() == [D("1.25")]


def test_other_rates_are_another_run() -> None:
    runs = [trade(days(SAP, 100, 100), {}, fx={"EUR": value}) for value in (1.1, 1.1, 1.2)]

    assert runs[0].hashes == runs[1].hashes
    assert runs[0].hashes.facts != runs[2].hashes.facts


@needs_shared
def test_a_year_of_spy_in_euros_moves_with_the_euro() -> None:
    from quantloom.data import open_catalog, read_bars

    spy = open_catalog().read("SPY.ARCA", "1d")
    fx = read_bars(SHARED / "data/bars/fx/EURUSD.1d.parquet", symbol="EURUSD.FX").bars
    start, end = datetime(2016, 1, 4, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC)
    bars = spy.between(start, end)
    result = backtest(
        scripted({0: buy("SPY.ARCA", 10)}),
        bars,
        instrument=replace(open_catalog().instrument("SPY.ARCA")),
        currency="EUR",
        fx={"EURUSD": fx},
    )

    # Ten shares at Tuesday's open; the euro's last close before it, turned.
    known = fx.close[np.searchsorted(fx.ts, bars.ts[1], side="left") - 1]
    last = fx.close[np.searchsorted(fx.ts, bars.ts[-1], side="right") - 1]
    expected = 100_000 - 10 * bars.open[1] / known + 10 * bars.close[-1] / last
    assert float(result.final_equity) == pytest.approx(expected, rel=1e-12)
    assert result.summary()["currency"] == "EUR"
