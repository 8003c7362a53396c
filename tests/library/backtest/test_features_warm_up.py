"""Warm-up before a run, and state from one run to the next: docs/reference/strategy.md."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BadState, backtest
from quantloom.data import demo_catalog
from quantloom.market import Bar, Bars, EmptyRange
from quantloom.strategy import Context, Strategy
from tests.library.backtest.builders import HOUR_NS, OTHER, SYMBOL, make_bars, make_instrument


class Warm(Strategy):
    """Needs five bars; notes the bar of its first callback and what it knew then."""

    first: int | None

    def warm_up(self) -> int:
        return 5

    def initialize(self, ctx: Context) -> None:
        type(self).first = None
        self.average = ctx.indicator("SMA", 5)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.first is None:
            type(self).first = bar.ts_ns // HOUR_NS
            self.known = self.average.is_ready and len(ctx.history(6)) == 6
            ctx.buy(bar.symbol, 1)

    def save_state(self) -> dict[str, Any]:
        return {"known": self.known}


def at_hour(hours: int) -> str:
    return f"{datetime.fromtimestamp(hours * 3_600, UTC):%Y-%m-%dT%H:%M}"


def test_a_warm_up_is_taken_from_the_first_bars_of_the_run() -> None:
    result = backtest(Warm, make_bars([*range(10, 30)]))

    assert Warm.first == 5
    assert result.state == {"known": True}


def test_a_warm_up_is_taken_from_before_the_start_where_there_is_data() -> None:
    result = backtest(Warm, make_bars([*range(10, 30)]), start=at_hour(8))

    assert Warm.first == 8
    assert result.state == {"known": True}
    assert result.fills["price"].tolist() == [19]


def test_a_warm_up_takes_what_there_is_before_the_start_and_the_rest_after() -> None:
    result = backtest(Warm, make_bars([*range(10, 30)]), start=at_hour(2))

    assert Warm.first == 5
    assert len(result.bars) == 15


def test_a_result_begins_after_the_warm_up() -> None:
    result = backtest(Warm, make_bars([*range(10, 30)]), start=at_hour(8))

    assert len(result.bars) == len(result.equity) == len(result.days) == 12
    assert int(result.bars.ts[0]) == int(result.equity["ts_ns"][0]) == 8 * HOUR_NS


def test_every_instrument_warms_up() -> None:
    class Both(Warm):
        def initialize(self, ctx: Context) -> None:
            type(self).first = None
            self.average = ctx.indicator("SMA", 5, symbol=SYMBOL)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            if self.first is None:
                type(self).first = bar.ts_ns // HOUR_NS
                self.known = len(ctx.history(9, OTHER)) > 5

    late = make_bars([20] * 10, symbol=OTHER, hours=range(7, 17))
    result = backtest(Both, {SYMBOL: make_bars([10] * 20), OTHER: late})

    assert Both.first == 12
    assert result.state == {"known": True}


def test_a_warm_up_longer_than_the_data_is_an_empty_run() -> None:
    with pytest.raises(EmptyRange):
        backtest(Warm, make_bars([10] * 5))


def test_no_callback_of_time_comes_while_warming_up() -> None:
    told: list[str] = []

    class Days(Warm):
        def initialize(self, ctx: Context) -> None:
            super().initialize(ctx)
            ctx.timer("hourly", every="1h")

        def before_trading(self, ctx: Context) -> None:
            told.append(f"before {ctx.trading_day}")

        def on_timer(self, ctx: Context, timer: object) -> None:
            told.append(f"timer {ctx.now:%d %H}")

    backtest(Days, make_bars([10] * 30), start=at_hour(24))

    assert told[:2] == ["before 1970-01-02", "timer 02 01"]


def test_a_day_that_a_warm_up_cuts_begins_with_its_first_callback() -> None:
    told: list[str] = []

    class Days(Strategy):
        def warm_up(self) -> int:
            return 6

        def before_trading(self, ctx: Context) -> None:
            told.append(f"before {ctx.now:%d %H} after {len(ctx.history(9))}")

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            told.append(f"bar {bar.time:%d %H}")

    backtest(Days, make_bars([10] * 30))

    assert told[:2] == ["before 01 06 after 6", "bar 01 06"]
    assert "before 02 00 after 9" in told


class Counts(Strategy):
    """Holds while more closes of the whole past rose than fell."""

    def initialize(self, ctx: Context) -> None:
        self.balance, self.before = 0, 0.0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if self.before:
            self.balance += 1 if bar.close > self.before else -1
        self.before = bar.close
        ctx.target_quantity(bar.symbol, 10 if self.balance > 5 else 0)

    def save_state(self) -> dict[str, Any]:
        return {"balance": self.balance, "before": self.before}

    def restore_state(self, state: Mapping[str, Any]) -> None:
        self.balance, self.before = state["balance"], state["before"]


def first_flat_month(bars: Bars) -> str:
    """A month at whose start the whole run holds nothing and has nothing on its way."""
    held = backtest(Counts, bars).equity["quantity"]
    for month in ("2015-10-01", "2016-02-01", "2016-06-01", "2017-01-01"):
        start = datetime.fromisoformat(month).replace(tzinfo=UTC)
        at = len(bars.between(None, start))
        if not held[at - 2 : at + 1].any():
            return month
    raise AssertionError("the run is never flat")


def test_two_halves_joined_by_a_state_are_one_run() -> None:
    bars = demo_catalog().read("AAPL.NASDAQ", "1d")
    middle = first_flat_month(bars)

    whole = backtest(Counts, bars)
    first = backtest(Counts, bars, end=middle)
    second = backtest(Counts, bars, start=middle, state=first.state, cash=first.final_cash)
    forgetful = backtest(Counts, bars, start=middle, cash=first.final_cash)

    joined = [*first.fills["ts_ns"].tolist(), *second.fills["ts_ns"].tolist()]
    assert joined == whole.fills["ts_ns"].tolist()
    assert second.final_equity == whole.final_equity != forgetful.final_equity
    assert second.state == whole.state


def test_a_state_is_part_of_the_settings() -> None:
    bars = make_bars([10, 11, 12])

    runs = [backtest(Counts, bars, state=state) for state in ({}, {"balance": 9, "before": 1.0})]

    assert runs[0].hashes.spec != runs[1].hashes.spec


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"a": {"b": [1, object()]}}, r"of type object, as state\['a'\]\['b'\]\[1\]"),
        ({"seen": {1, 2}}, r"of type set, as state\['seen'\]"),
        ({"price": Decimal(1)}, "of type Decimal"),
        ({"price": np.float64(1)}, "of type float64"),
        ({"price": float("nan")}, "nan, of type float"),
        ({"pair": (1, 2)}, "of type tuple"),
        ({"by_day": {1: 2}}, r"the key 1 in state\['by_day'\]"),
        ([1], r"\[1\], no dict"),
    ],
)
def test_a_state_of_other_than_plain_values_is_refused(state: Any, told: str) -> None:
    class Odd(Counts):
        def save_state(self) -> dict[str, Any]:
            saved: dict[str, Any] = state
            return saved

    with pytest.raises(BadState, match=rf"Odd\.save_state gave what cannot be kept: .*{told}"):
        backtest(Odd, make_bars([10, 11]))


def test_nothing_is_bought_with_what_was_seen_before_the_start() -> None:
    result = backtest(Warm, make_bars([10] * 20), start=at_hour(8), instrument=make_instrument())

    assert result.final_cash == Decimal(100_000) - 10
    assert result.start == datetime.fromtimestamp(8 * 3_600, UTC)


def test_on_start_comes_after_the_warm_up_and_its_orders_with_the_first_bar() -> None:
    class Eager(Warm):
        def on_start(self, ctx: Context) -> None:
            assert len(ctx.history(99)) == 5
            ctx.buy(SYMBOL, 1)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            self.known = self.average.is_ready

    result = backtest(Eager, make_bars([*range(10, 30)]), instrument=make_instrument())

    assert result.fills["ts_ns"].tolist() == [5 * HOUR_NS]
    assert result.fills["price"].tolist() == [15]
