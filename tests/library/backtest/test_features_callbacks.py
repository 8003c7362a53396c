"""When each callback is called: docs/reference/strategy.md."""

from collections.abc import Mapping
from typing import Any

import pytest

from quantloom.backtest import AskedTooLate, StrategyFailed, backtest
from quantloom.data import random_walk
from quantloom.market import Bar, StaleBar
from quantloom.strategy import Context, Parameter, Strategy, Timer
from quantloom.trading import Fill, Order
from tests.library.backtest.builders import (
    OTHER,
    SYMBOL,
    buy,
    make_bars,
    make_instrument,
    run,
    run_two,
)


class Diary(Strategy):
    """Writes down what it is called for; buys on its first bar."""

    heard: list[str]

    def warm_up(self) -> int:
        self.heard = ["warm_up"]
        return 0

    def initialize(self, ctx: Context) -> None:
        self.heard.append("initialize")
        ctx.timer("hourly", every="1h")

    def restore_state(self, state: Mapping[str, Any]) -> None:
        self.heard.append("restore_state")

    def on_start(self, ctx: Context) -> None:
        self.heard.append("on_start")

    def before_trading(self, ctx: Context) -> None:
        self.heard.append("before_trading")

    def on_timer(self, ctx: Context, timer: Timer) -> None:
        self.heard.append("on_timer")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.heard.append("on_bar")
        if ctx.position.is_flat:
            ctx.buy(bar.symbol, 1)

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        self.heard.append("on_bars")

    def on_fill(self, ctx: Context, fill: Fill) -> None:
        self.heard.append("on_fill")

    def on_order_update(self, ctx: Context, order: Order) -> None:
        self.heard.append(f"order {order.status}")

    def after_settlement(self, ctx: Context) -> None:
        self.heard.append("after_settlement")

    def on_stop(self, ctx: Context) -> None:
        self.heard.append("on_stop")

    def save_state(self) -> dict[str, Any]:
        return {"heard": [*self.heard, "save_state"]}


def heard(bars: int, **settings: Any) -> list[str]:
    data = make_bars([10] * bars)
    result = backtest(Diary, data, instrument=make_instrument(), state={"any": 1}, **settings)
    found: list[str] = result.state["heard"]
    return found


FIRST = ["before_trading", "on_timer", "on_bar", "order accepted", "on_bars"]
SECOND = ["on_fill", "order filled", "on_timer", "on_bar", "on_bars"]


def test_the_callbacks_of_a_run_come_in_order() -> None:
    told = heard(2)

    assert told[:4] == ["warm_up", "initialize", "restore_state", "on_start"]
    assert told[-3:] == ["after_settlement", "on_stop", "save_state"]


def test_the_callbacks_of_a_bar_come_in_order() -> None:
    assert heard(2)[4:14] == FIRST + SECOND


def test_a_days_callbacks_enclose_its_bars() -> None:
    told = heard(48)[4:-2]

    days = [told.index("after_settlement"), len(told) - 1]
    assert told[days[0] + 1] == "before_trading"
    assert [told.count(name) for name in ("before_trading", "after_settlement", "on_bar")] == [
        2,
        2,
        48,
    ]
    assert told[days[1]] == "after_settlement"


def test_news_of_an_order_comes_before_the_next_callback() -> None:
    told = heard(2)

    assert told[told.index("on_bar") + 1] == "order accepted"


def test_on_bar_is_called_for_each_instrument_after_all_were_matched() -> None:
    seen: list[tuple[str, list[int]]] = []

    class Both(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            held = [int(position.quantity) for position in ctx.portfolio.values()]
            seen.append((bar.symbol, held))
            ctx.buy(bar.symbol, 1)

    data = {SYMBOL: make_bars([10, 10]), OTHER: make_bars([10, 10], symbol=OTHER)}
    backtest(Both, data, participation=None)

    assert seen == [(SYMBOL, [0, 0]), (OTHER, [0, 0]), (SYMBOL, [1, 1]), (OTHER, [1, 1])]


def test_on_bars_holds_the_bars_of_the_moment() -> None:
    held: list[list[str]] = []

    def look(self: Any, ctx: Context, bars: Mapping[str, Bar]) -> None:
        held.append([*bars])
        assert (OTHER in bars) == (len(bars) == 2)

    run_two({}, [10, 10, 10], [20, 20], other_hours=[0, 2], callbacks={"on_bars": look})

    assert held == [[SYMBOL, OTHER], [SYMBOL], [SYMBOL, OTHER]]


class Crosser(Strategy):
    """The same rule twice, for each way of being called."""

    days: int = Parameter(3, low=2, high=50)

    def initialize(self, ctx: Context) -> None:
        self.average = ctx.indicator("SMA", self.days)

    def act(self, ctx: Context, bar: Bar) -> None:
        if bar.close > self.average.value:
            ctx.target_weight(bar.symbol, 0.7)
        elif bar.close < self.average.value:
            ctx.close(bar.symbol)


class OneByOne(Crosser):
    def on_bar(self, ctx: Context, bar: Bar) -> None:
        self.act(ctx, bar)


class Together(Crosser):
    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        self.act(ctx, bars["DEMO.LOCAL"])


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.untraced
def test_on_bars_over_one_instrument_is_on_bar(seed: int) -> None:
    walk = random_walk(9_000, seed=seed)

    alone, together = (
        backtest(one, walk, parameters={"days": 20}, participation=None)
        for one in (OneByOne, Together)
    )

    assert len(alone.fills) > 500
    assert together.hashes.result == alone.hashes.result


def test_a_bar_of_on_bars_is_stale_afterwards() -> None:
    kept: list[Bar] = []
    copies: list[Bar] = []

    def keep(self: Any, ctx: Context, bars: Mapping[str, Bar]) -> None:
        kept.append(bars[SYMBOL])
        copies.append(bars[SYMBOL].copy())

    run_two({}, [10, 11], [20, 20], callbacks={"on_bars": keep})

    assert [bar.close for bar in copies] == [10, 11]
    for bar in kept:
        with pytest.raises(StaleBar):
            _ = bar.close


def test_the_bars_of_a_moment_are_stale_afterwards() -> None:
    kept: list[Mapping[str, Bar]] = []

    run_two(
        {}, [10, 11], [20, 20], callbacks={"on_bars": lambda self, ctx, bars: kept.append(bars)}
    )

    with pytest.raises(StaleBar):
        _ = kept[0][SYMBOL]


@pytest.mark.parametrize("callback", ["before_trading", "after_settlement", "on_bars", "on_timer"])
def test_a_failing_callback_is_named(callback: str) -> None:
    def fail(self: Any, *given: object) -> None:
        raise KeyError("nothing")

    callbacks: dict[str, Any] = {callback: fail}
    if callback == "on_timer":
        callbacks["initialize"] = lambda self, ctx: ctx.timer("any", every="1h")

    with pytest.raises(StrategyFailed, match=rf"Scripted\.{callback} failed at 1970-01-01"):
        run({}, [10, 10], start_hour=1, callbacks=callbacks)


def test_asking_on_a_bar_is_too_late() -> None:
    for ask in (
        lambda ctx: ctx.indicator("SMA", 2),
        lambda ctx: ctx.line("close"),
        lambda ctx: ctx.timer("late", every="1h"),
    ):
        with pytest.raises(StrategyFailed) as caught:
            run({0: ask}, [10, 10])
        assert isinstance(caught.value.__cause__, AskedTooLate)


def test_what_is_sent_in_after_settlement_fills_on_the_next_days_first_bar() -> None:
    sent: list[bool] = []

    def send(self: Any, ctx: Context) -> None:
        if not sent:
            buy(1)(ctx)
        sent.append(True)

    result = run({}, [*range(10, 58)], callbacks={"after_settlement": send})

    assert result.fills["ts_ns"].tolist() == [24 * 3_600 * 10**9]
    assert [float(price) for price in result.fills["price"]] == [34]
