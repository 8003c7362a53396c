"""The bar and the history that a callback is handed."""

from typing import Any

import numpy as np
import pytest

from quantloom.backtest import AskedTooLate, NoSuchColumn, StrategyFailed, backtest
from quantloom.market import Bar, CannotResample, StaleBar
from quantloom.strategy import Context, Strategy
from tests.library.backtest.builders import make_bars, make_instrument


class Keeping(Strategy):
    """Keeps the first bar in one way or another and reads it on the next."""

    def keep(self, bar: Bar) -> None: ...

    def kept(self) -> Bar: ...  # type: ignore[empty-body]

    def initialize(self, ctx: Context) -> None:
        self.row = -1

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.row += 1
        if self.row == 0:
            self.keep(bar)
        elif self.row == 1:
            READ.append(self.kept().close)


READ: list[float] = []


class InAttribute(Keeping):
    def keep(self, bar: Bar) -> None:
        self.bar = bar

    def kept(self) -> Bar:
        return self.bar


class InList(Keeping):
    def keep(self, bar: Bar) -> None:
        self.bars = [bar]

    def kept(self) -> Bar:
        return self.bars[0]


class InClosure(Keeping):
    def keep(self, bar: Bar) -> None:
        def read() -> Bar:
            return bar

        self.read = read

    def kept(self) -> Bar:
        return self.read()


class AsCopy(Keeping):
    def keep(self, bar: Bar) -> None:
        self.bar = bar.copy()

    def kept(self) -> Bar:
        return self.bar


@pytest.mark.parametrize("strategy", [InAttribute, InList, InClosure])
def test_a_kept_bar_raises_when_it_is_read_later(strategy: type[Strategy]) -> None:
    with pytest.raises(StrategyFailed, match=r"keep `bar.copy\(\)`") as caught:
        backtest(strategy, make_bars([10, 11, 12]), instrument=make_instrument())

    assert isinstance(caught.value.__cause__, StaleBar)
    assert caught.value.__cause__.attribute == "close"


def test_a_copy_of_a_bar_survives() -> None:
    READ.clear()

    backtest(AsCopy, make_bars([10, 11, 12]), instrument=make_instrument())

    assert READ == [10]


def test_keeping_a_bar_without_reading_it_changes_nothing() -> None:
    seen: list[float] = []

    class Hoarding(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.all: list[Bar] = []

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            self.all.append(bar)
            seen.append(bar.close)

        def on_stop(self, ctx: Context) -> None:
            HOARD.extend(self.all)

    HOARD: list[Bar] = []
    backtest(Hoarding, make_bars([10, 11, 12]), instrument=make_instrument())

    assert seen == [10, 11, 12]
    assert len({id(bar) for bar in HOARD}) == 3
    for bar in HOARD:
        with pytest.raises(StaleBar):
            _ = bar.close
        assert repr(bar) == "<Bar, expired>"


def test_a_bar_tells_time_symbol_and_prices() -> None:
    seen: list[Any] = []

    class Reading(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append((bar.symbol, bar.ts_ns, bar.time, repr(bar), ctx.now))

    bars = make_bars([(10, 12, 9, 11)], volume=[5])
    backtest(Reading, bars, instrument=make_instrument())

    symbol, ts_ns, time, text, now = seen[0]
    assert (symbol, ts_ns, time.isoformat()) == ("TEST.LOCAL", 0, "1970-01-01T00:00:00+00:00")
    assert text == (
        "<Bar TEST.LOCAL 1970-01-01 00:00:00 open=10.0 high=12.0 low=9.0 close=11.0 volume=5.0>"
    )
    assert now.isoformat() == "1970-01-01T01:00:00+00:00"


def test_history_shows_no_future_and_shares_memory() -> None:
    bars = make_bars(list(range(10, 30)))
    lengths: list[int] = []

    class Looking(Strategy):
        def on_start(self, ctx: Context) -> None:
            lengths.append(len(ctx.history(5)))

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen = ctx.history(5)
            lengths.append(len(seen))
            assert seen.ts[-1] == bar.ts_ns
            assert np.shares_memory(seen.close, bars.close)
            assert not seen.close.flags.writeable

    backtest(Looking, bars, instrument=make_instrument())

    assert lengths == [0, 1, 2, 3, 4] + [5] * 16


def test_a_column_that_is_not_there_is_named() -> None:
    class Asking(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.line("turnover")

        def on_bar(self, ctx: Context, bar: Bar) -> None: ...

    with pytest.raises(NoSuchColumn, match="no column 'turnover'; they have open, high"):
        backtest(Asking, make_bars([10]), instrument=make_instrument())


def test_a_larger_timeframe_shows_its_last_closed_bar() -> None:
    seen: list[float] = []

    class Asking(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close", timeframe="2h")

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append(self.close.value)

    backtest(Asking, make_bars([10, 11, 12, 13, 14]), instrument=make_instrument())

    assert np.isnan(seen[0])
    assert seen[1:] == [11, 11, 13, 13]


def test_a_smaller_timeframe_is_refused() -> None:
    class Asking(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.indicator("SMA", 3, timeframe="30m")

        def on_bar(self, ctx: Context, bar: Bar) -> None: ...

    with pytest.raises(CannotResample, match="1h bars do not add up to 30m"):
        backtest(Asking, make_bars([10]), instrument=make_instrument())


def test_a_line_asked_for_on_a_bar_comes_too_late() -> None:
    class Asking(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            ctx.line("close")

    with pytest.raises(StrategyFailed, match="ask in initialize and keep") as caught:
        backtest(Asking, make_bars([10]), instrument=make_instrument())

    assert isinstance(caught.value.__cause__, AskedTooLate)


def test_a_context_tells_day_account_and_portfolio() -> None:
    seen: list[Any] = []

    class Looking(Strategy):
        def on_start(self, ctx: Context) -> None:
            ctx.buy("TEST.LOCAL", 2)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append((ctx.trading_day.isoformat(), ctx.account, ctx.portfolio))

    backtest(Looking, make_bars([(10, 12, 10, 12)]), instrument=make_instrument(), cash=100)

    day, account, portfolio = seen[0]
    assert day == "1970-01-01"
    assert (account.cash, account.equity) == (80, 104)
    assert {symbol: position.quantity for symbol, position in portfolio.items()} == {
        "TEST.LOCAL": 2
    }
