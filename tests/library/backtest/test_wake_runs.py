"""A strategy that is called only where it may act trades as one that is called on each bar."""

from collections.abc import Mapping

import pytest

from quantloom.backtest import backtest
from quantloom.data import demo_catalog
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
)
from quantloom.strategy.presets import SmaCross
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
