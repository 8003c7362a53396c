"""Timers, trading days and the time that a strategy is told: docs/reference/strategy.md."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import backtest
from quantloom.data import demo_catalog
from quantloom.market import Bar, Bars
from quantloom.strategy import Context, Strategy, Timer, every
from quantloom.trading import Fill
from tests.library.backtest.builders import HOUR_NS, SYMBOL, buy, hour, make_bars, run

REBAR = "rb-MAIN.SHFE"


def rebar(start: str, end: str) -> Bars:
    """Five minutes of steel futures: 9:00 to 15:00 with breaks, 21:00 to 23:00, Shanghai time."""
    first, last = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    return demo_catalog().read(REBAR, "5m").between(first, last)


def rings(bars: Bars, **asked: Any) -> list[str]:
    """When a timer rings, as the exchange's clock shows it."""
    found: list[str] = []

    class Rings(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.timer("bell", **asked)

        def on_timer(self, ctx: Context, timer: Timer) -> None:
            assert timer.name == "bell"
            shanghai = np.datetime64(int(ctx.now.timestamp()) + 8 * 3_600, "s")
            found.append(str(shanghai)[5:16].replace("T", " "))

    backtest(Rings, bars)
    return found


def test_every_rings_once_over_a_break_and_a_night() -> None:
    # Monday 12 October with Friday's night: 21:00 to 23:00, 9:00 to 10:15, 10:30 to 11:30,
    # 13:30 to 15:00. Each ring is at the first close at or after a multiple of two hours.
    bars = rebar("2020-10-09T13:00", "2020-10-12T07:00")

    assert rings(bars, every="2h") == [
        "10-09 22:00",
        "10-12 09:05",
        "10-12 10:00",
        "10-12 13:35",
        "10-12 14:00",
    ]


def test_every_rings_on_a_multiple_at_the_very_first_close() -> None:
    assert rings(rebar("2020-10-12T01:55", "2020-10-12T02:10"), every="1h") == ["10-12 10:00"]


def test_at_rings_on_the_dates_whose_bars_reach_it() -> None:
    bars = rebar("2020-10-09T01:00", "2020-10-13T16:00")

    assert rings(bars, at="14:55") == ["10-09 14:55", "10-12 14:55", "10-13 14:55"]
    assert rings(bars, at="12:00") == ["10-09 13:35", "10-12 13:35", "10-13 13:35"]
    assert rings(bars, at="22:58") == ["10-09 23:00", "10-12 23:00", "10-13 23:00"]
    assert rings(bars, at="23:30") == []


def test_once_rings_once() -> None:
    bars = rebar("2020-10-09T01:00", "2020-10-13T16:00")

    assert rings(bars, once=datetime(2020, 10, 12, 2, 20, tzinfo=UTC)) == ["10-12 10:35"]
    assert rings(bars, once=datetime(2020, 1, 1, tzinfo=UTC)) == ["10-09 09:05"]
    assert rings(bars, once=datetime(2030, 1, 1, tzinfo=UTC)) == []


def test_what_a_timer_sends_fills_from_the_next_open() -> None:
    def on_timer(self: Any, ctx: Context, timer: Timer) -> None:
        ctx.buy(SYMBOL, 1)

    callbacks = {
        "initialize": lambda self, ctx: ctx.timer("now", once=hour(2)),
        "on_timer": on_timer,
    }

    result = run({}, [10, 11, 12, 13], callbacks=callbacks)

    assert result.fills["ts_ns"].tolist() == [2 * HOUR_NS]
    assert result.fills["price"].tolist() == [12]


def days_of(bars: Bars) -> list[tuple[str, str, str]]:
    """Callback, trading day and time of each begin and end of a day."""
    found: list[tuple[str, str, str]] = []

    class Days(Strategy):
        def before_trading(self, ctx: Context) -> None:
            found.append(("before", str(ctx.trading_day), f"{ctx.now:%m-%d %H:%M}"))

        def after_settlement(self, ctx: Context) -> None:
            found.append(("after", str(ctx.trading_day), f"{ctx.now:%m-%d %H:%M}"))

    backtest(Days, bars)
    return found


def test_now_is_the_open_of_the_day_in_before_trading() -> None:
    assert days_of(rebar("2020-10-12T01:00", "2020-10-12T07:00")) == [
        ("before", "2020-10-12", "10-12 01:00"),
        ("after", "2020-10-12", "10-12 07:00"),
    ]


def test_a_night_session_belongs_to_the_next_trading_day() -> None:
    # Friday 9 October, its night and Monday: two trading days.
    assert days_of(rebar("2020-10-09T01:00", "2020-10-12T07:00")) == [
        ("before", "2020-10-09", "10-09 01:00"),
        ("after", "2020-10-09", "10-09 07:00"),
        ("before", "2020-10-12", "10-09 13:00"),
        ("after", "2020-10-12", "10-12 07:00"),
    ]


def test_before_trading_knows_the_day_before_alone() -> None:
    seen: list[tuple[float, float, float]] = []

    class Looks(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close")

        def before_trading(self, ctx: Context) -> None:
            closes = ctx.history(1).close
            seen.append((self.close.value, float(ctx.price()), float(closes[-1:].sum())))

    backtest(Looks, make_bars([*range(10, 58)]))

    assert np.isnan(seen[0][0])
    assert seen[0][1:] == (10, 0)
    assert seen[1] == (33, 33, 33)


def test_an_order_of_before_trading_fills_at_the_days_open() -> None:
    result = run({}, [*range(10, 58)], callbacks={"before_trading": lambda self, ctx: buy(1)(ctx)})

    assert [int(ts) // HOUR_NS for ts in result.fills["ts_ns"]] == [0, 24]
    assert result.fills["price"].tolist() == [10, 34]
    assert result.orders["submitted_ns"].tolist() == [0, 24 * HOUR_NS]


def test_a_log_line_carries_the_time_of_its_callback() -> None:
    callbacks = {
        "before_trading": lambda self, ctx: ctx.log("day"),
        "on_fill": lambda self, ctx, fill: ctx.log("fill"),
    }

    result = run({-1: lambda ctx: ctx.log("start"), 0: buy(1)}, [10, 10], callbacks=callbacks)

    assert result.log == ((0, "start"), (0, "day"), (2 * HOUR_NS, "fill"))


def test_a_day_is_told_to_each_of_its_callbacks() -> None:
    days: set[tuple[str, date]] = set()

    class Days(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            days.add(("bar", ctx.trading_day))
            ctx.target_quantity(bar.symbol, 1 - ctx.position.quantity)

        def on_fill(self, ctx: Context, fill: Fill) -> None:
            days.add(("fill", ctx.trading_day))

    backtest(Days, rebar("2020-10-09T13:00", "2020-10-12T07:00"), margin=0.1)

    monday = date(2020, 10, 12)
    assert days == {("bar", monday), ("fill", monday)}


def test_a_timer_alone_is_a_strategy() -> None:
    class Alone(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.timer("noon", at="12:00")

        def on_timer(self, ctx: Context, timer: Timer) -> None:
            ctx.buy(SYMBOL, 1)

    result = backtest(Alone, make_bars([*range(10, 58)]))

    assert [int(ts) // HOUR_NS for ts in result.fills["ts_ns"]] == [12, 36]
    assert result.final_equity == Decimal(100_000) + (57 - 22) + (57 - 46)


def test_timers_ring_while_a_strategy_sleeps() -> None:
    rung: list[int] = []

    class Sleeps(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.timer("hourly", every="1h")
            ctx.wake_on(every(4))

        def on_timer(self, ctx: Context, timer: Timer) -> None:
            rung.append(ctx.now.hour)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            """Sleeps through three bars of four."""

    backtest(Sleeps, make_bars([10] * 8))

    assert rung == [1, 2, 3, 4, 5, 6, 7, 8]
