"""A strategy that is called only where it may act trades as one that is called on each bar."""

from collections.abc import Mapping

import pytest

from quantloom.backtest import backtest
from quantloom.data import demo_catalog, random_walk
from quantloom.market import Bar
from quantloom.strategy import (
    Context,
    Strategy,
    UnevenLines,
    crossed_above,
    crossed_below,
    crossing,
    crossing_above,
    every,
    over,
    percent,
)
from quantloom.strategy.presets import SmaCross
from quantloom.trading import Fill, Side
from tests.library.backtest.builders import OTHER, SYMBOL, make_bars


class SleepingSmaCross(SmaCross):
    """Sleeps while the averages do not cross."""

    called = 0

    def initialize(self, ctx: Context) -> None:
        super().initialize(ctx)
        ctx.wake_on(crossing(self.fast_average, self.slow_average))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        assert crossed_above(self.fast_average, self.slow_average) or crossed_below(
            self.fast_average, self.slow_average
        )
        type(self).called += 1
        super().on_bar(ctx, bar)


@pytest.mark.parametrize("symbol", ["rb-MAIN.SHFE", "AAPL.NASDAQ"])
def test_sleeping_through_bars_without_a_crossing_changes_no_fill(symbol: str) -> None:
    bars = demo_catalog().read(symbol, "1d")
    SleepingSmaCross.called = 0

    awake = backtest(SmaCross, bars, weight=0.5)
    asleep = backtest(SleepingSmaCross, bars, weight=0.5)

    assert 20 < SleepingSmaCross.called < len(bars) / 10
    for name, column in awake.fills.items():
        assert asleep.fills[name].tolist() == column.tolist()


def test_any_of_several_triggers_wakes() -> None:
    class Sleeper(Strategy):
        def initialize(self, ctx: Context) -> None:
            close = ctx.line("close")
            ctx.wake_on(over(close, 104), every(3) & ~over(close, 103))

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            ctx.log(f"{bar.close:.0f}")

    result = backtest(Sleeper, make_bars([101, 102, 103, 104, 105, 106]))

    assert [text for _, text in result.log] == ["103", "105", "106"]


def test_a_trigger_on_an_instrument_with_fewer_bars_is_an_error() -> None:
    class Sleeper(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.wake_on(crossing_above(ctx.line("close", OTHER), 2))

        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            raise AssertionError

    data = {SYMBOL: make_bars([1, 2, 3]), OTHER: make_bars([1, 2], symbol=OTHER)}

    with pytest.raises(UnevenLines, match="has 2 values and the run 3 bars"):
        backtest(Sleeper, data)


class Resting(Strategy):
    """Wakes now and then, and leaves orders behind that fill while it sleeps."""

    def initialize(self, ctx: Context) -> None:
        self.heard = 0
        self.average = ctx.indicator("SMA", 5)
        ctx.wake_on(every(40))

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        self.heard += self.average.value > 0
        if fill.side is Side.SELL and self.heard % 3 == 0:
            ctx.buy(fill.symbol, 1, stop=round(self.average.value * 1.001, 2))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.cancel_all()
        price = round(bar.close * 0.999, 2)
        ctx.buy(bar.symbol, 3, price=price, stop_loss=percent(0.2), take_profit=percent(0.1))
        ctx.log(f"{bar.close} {self.average[-2]}")


@pytest.mark.parametrize("latency", [0, 2])
def test_bars_that_are_not_unpacked_fill_alike(
    monkeypatch: pytest.MonkeyPatch, latency: int
) -> None:
    bars = random_walk(3_000, seed=4, timeframe="1h")
    found = []
    for share in (0.0, 1.0):
        monkeypatch.setattr("quantloom.backtest.event._RARE", share)
        found.append(backtest(Resting, bars, participation=None, latency=latency))

    assert len(found[0].fills) > 50
    assert found[0].to_bytes() == found[1].to_bytes()
