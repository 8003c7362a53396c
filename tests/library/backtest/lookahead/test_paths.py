"""Whatever makes a run, and whatever it stands on, it is audited, or said not to be."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import Audit, BacktestResult, backtest
from quantloom.backtest.ticks import backtest_ticks
from quantloom.data import random_walk
from quantloom.market import (
    Bar,
    Bars,
    Continuous,
    Instrument,
    Kind,
    Leg,
    Tick,
    Ticks,
    chain_contracts,
    get_calendar,
)
from quantloom.strategy import Context, Parameter, Signals, Strategy, compiled
from quantloom.strategy.lines import whole
from quantloom.trading import FundingRates
from tests.library.backtest.lookahead.corpus import Levels, days

FIRST, LAST = date(2024, 1, 2), date(2025, 12, 31)
SHARE, SWAP, CHAIN = "600519.SSE", "BTC-USDT-PERP.BINANCE", "rb-MAIN.SHFE"
HONEST = {"line": "CORPUS_PLAIN_MEAN", "below": False, "by_close": True}
AHEAD = {"line": "CORPUS_NEXT", "below": False, "by_close": True}
TERMS: dict[str, Any] = {"participation": None, "cash": 10_000_000, "audit": "auto"}


@compiled
class CompiledLevels(Strategy):
    """Long while a line is above the close."""

    line: str = Parameter("CORPUS_NEXT")

    def initialize(self, ctx: Context) -> None:
        self.level = ctx.indicator(self.line)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if not self.level.is_ready:
            return
        if self.level.value > bar.close:
            if ctx.position.is_flat:
                ctx.buy(bar.symbol, 1)
        elif ctx.position.is_long:
            ctx.close(bar.symbol)


@compiled
class Uncompilable(CompiledLevels):
    """The same with a set, which machine code does not know."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.level.is_ready and {self.level.value > bar.close} == {True}:
            ctx.target_quantity(bar.symbol, 1)
        else:
            ctx.target_quantity(bar.symbol, 0)


class AboveItsMean(Strategy):
    """Long above a mean of closes, or of closes to come."""

    ahead: int = Parameter(0, low=0)

    def generate_signals(self, bars: Bars) -> Signals:
        means = np.convolve(bars.close, np.full(9, 1 / 9), mode="full")[: len(bars)]
        shown = np.append(bars.close[self.ahead :], np.full(self.ahead, np.nan))
        is_long = (shown > means) & (np.arange(len(bars)) > 8)
        return Signals(entries=is_long, exits=~is_long)


def audit_of(result: BacktestResult) -> Audit:
    assert result.audit is not None
    return result.audit


def run(strategy: Any, data: Any, parameters: dict[str, Any], **terms: Any) -> BacktestResult:
    return backtest(strategy, data, parameters=parameters, **(TERMS | terms))


def test_compiled_callbacks_are_audited_as_the_python_that_they_are() -> None:
    honest = run(CompiledLevels, days(), {"line": "CORPUS_PLAIN_MEAN"})
    ahead = run(CompiledLevels, days(), {"line": "CORPUS_NEXT"})

    assert honest.executor == ahead.executor == "compiled"
    assert audit_of(honest).verdict == "passed"
    assert audit_of(honest).decisions_in_all == len(honest.orders)
    assert audit_of(honest).decisions > 0
    assert {leak.what for leak in audit_of(ahead).leaks} == {"order", "line"}


@pytest.mark.filterwarnings("ignore::quantloom.backtest.lowering.refusals.RunsAsPython")
def test_what_falls_back_to_python_is_audited_likewise() -> None:
    ahead = run(Uncompilable, days(), {"line": "CORPUS_NEXT"})

    assert ahead.executor == "event"
    assert audit_of(ahead).has_failed


def on_days_of(symbol: str, calendar: str, *, start: float) -> Bars:
    """Daily bars on the trading days of a market."""
    made = days()
    listed = get_calendar(calendar).trading_days(FIRST, LAST)
    count = min(len(listed), len(made))
    prices = {
        name: np.round(getattr(made, name)[:count] * start / made.close[0], 2)
        for name in ("open", "high", "low", "close")
    }
    ts = np.array(listed[:count], dtype="datetime64[ns]")
    return Bars.of(symbol, "1d", ts=ts, **prices, volume=np.full(count, 1e7))


@pytest.mark.parametrize("parameters", [HONEST, AHEAD])
def test_a_run_by_the_rule_book_is_audited(parameters: dict[str, Any]) -> None:
    bars = on_days_of(SHARE, "cn_stock", start=1_500.0)

    audit = audit_of(run(Levels, bars, parameters, rules=True))

    assert audit.verdict == ("passed" if parameters is HONEST else "failed")


@pytest.mark.parametrize("ahead", [0, 1])
def test_signals_by_the_rule_book_are_audited(ahead: int) -> None:
    bars = on_days_of(SHARE, "cn_stock", start=1_500.0)

    audit = audit_of(run(AboveItsMean, bars, {"ahead": ahead}, rules=True))

    assert audit.verdict == ("failed" if ahead else "passed")


@pytest.mark.parametrize("parameters", [HONEST, AHEAD])
def test_a_swap_is_audited(parameters: dict[str, Any]) -> None:
    walk = random_walk(800, 5, symbol=SWAP, timeframe="1h", start_price=9_000, volatility=0.006)
    rates = FundingRates(walk.ts[::8], np.full(len(walk.ts[::8]), 0.0001))

    result = run(Levels, walk, parameters, rules=True, weight=0.3, funding=rates)
    audit = audit_of(result)

    assert "funding" in result.payments["kind"]
    assert audit.verdict == ("passed" if parameters is HONEST else "failed")


def series() -> Continuous:
    """Two futures, the second held from a day in the middle on, each 40 apart from the other."""
    old = on_days_of("rb2405.SHFE", "cn_futures", start=3_700.0)
    listed = get_calendar("cn_futures").trading_days(FIRST, LAST)
    prices = {name: np.round(getattr(old, name)) for name in ("open", "high", "low", "close")}
    old, new = (
        Bars.of(
            symbol,
            "1d",
            ts=old.ts,
            **{name: one + apart for name, one in prices.items()},
            volume=old.volume,
        )
        for symbol, apart in (("rb2405.SHFE", 0.0), ("rb2410.SHFE", 40.0))
    )
    legs = [Leg("rb2405.SHFE", listed[0]), Leg("rb2410.SHFE", listed[200])]
    return chain_contracts({"rb2405.SHFE": old, "rb2410.SHFE": new}, roll=legs)


@pytest.mark.parametrize("parameters", [HONEST, AHEAD])
def test_a_continuous_series_is_audited(parameters: dict[str, Any]) -> None:
    result = run(Levels, series(), parameters, size=2)

    assert len(set(result.fills["contract"])) == 2
    assert audit_of(result).verdict == ("passed" if parameters is HONEST else "failed")


@pytest.mark.parametrize("ahead", [0, 1])
def test_signals_on_a_continuous_series_are_audited(ahead: int) -> None:
    audit = audit_of(run(AboveItsMean, series(), {"ahead": ahead}, size=2))

    assert audit.verdict == ("failed" if ahead else "passed")


def test_each_of_several_instruments_is_audited() -> None:
    markets = {
        symbol: random_walk(400, place, symbol=symbol, timeframe="1d", volatility=0.015)
        for place, symbol in enumerate(("ONE.LOCAL", "TWO.LOCAL"))
    }

    audits = [audit_of(run(AboveItsMean, markets, {"ahead": ahead}, size=1)) for ahead in (0, 1)]

    assert [audit.verdict for audit in audits] == ["passed", "failed"]


def test_a_run_on_ticks_is_said_not_to_be_audited() -> None:
    class Buys(Strategy):
        def on_tick(self, ctx: Context, tick: Tick) -> None:
            if ctx.position.is_flat:
                ctx.buy(tick.symbol, 1)

    ts = np.datetime64("2024-01-02T09:00", "ns") + np.arange(50) * np.timedelta64(1, "s")
    bid = np.full(50, 100.0)
    sizes = np.full(50, 10)
    ticks = Ticks.of_quotes(
        "X.LOCAL", ts=ts, bid=bid, ask=bid + 0.01, bid_size=sizes, ask_size=sizes
    )
    instrument = Instrument(symbol="X.LOCAL", kind=Kind.STOCK, tick_size=Decimal("0.01"))

    result = backtest_ticks(Buys, ticks, instrument=instrument)

    assert result.audit is None
    assert result.summary()["audit"] is None


@pytest.mark.untraced
def test_a_long_run_is_audited_in_each_of_its_quarters() -> None:
    bars = random_walk(16_000, 3, timeframe="1m", volatility=0.001)

    audit = audit_of(run(Levels, bars, HONEST, size=1))

    assert audit.verdict == "passed"
    assert audit.reach_ratio > 0.75
    assert audit.cuts > 12


class ReadsArrays(Strategy):
    """Reads the next close from the array behind a line, in the last half of the run alone."""

    since = int(random_walk(16_000, 3, timeframe="1m").ts[8_000])
    row = -1

    def initialize(self, ctx: Context) -> None:
        self.closes = whole(ctx.line("close"))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.row += 1
        if bar.ts_ns > self.since and self.row + 1 < len(self.closes):
            ctx.target_quantity(bar.symbol, int(self.closes[self.row + 1] > bar.close))


@pytest.mark.untraced
def test_a_leak_late_in_a_long_run_is_met_by_a_stretch() -> None:
    bars = random_walk(16_000, 3, timeframe="1m", volatility=0.001)

    audit = audit_of(run(ReadsArrays, bars, {}, size=1))

    assert audit.has_failed
    assert min(leak.at_ns for leak in audit.leaks) > ReadsArrays.since
