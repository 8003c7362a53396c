"""Several instruments, bigger timeframes and finer bars in one run."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest import NoPriceYet, backtest
from quantloom.data import demo_catalog, random_walk
from quantloom.market import Bar, Bars, get_calendar, resample
from quantloom.strategy import Context, Strategy, above, at, percent, points
from tests.library.backtest.builders import HOUR_NS, OTHER, SYMBOL, Row, hour, make_bars, run_two

DAY = 24


class Trends(Strategy):
    """Holds each instrument in equal parts while it is above its own average."""

    def initialize(self, ctx: Context) -> None:
        self.averages = {
            symbol: ctx.indicator("SMA", 20, symbol=symbol) for symbol in ctx.portfolio
        }

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
        for symbol, bar in bars.items():
            if bar.close > self.averages[symbol].value:
                ctx.target_quantity(symbol, 10)
            elif bar.close < self.averages[symbol].value:
                ctx.close(symbol)


def us_days() -> dict[str, Bars]:
    catalog = demo_catalog()
    start, end = (datetime(year, 1, 1, tzinfo=UTC) for year in (2016, 2018))
    return {
        symbol: catalog.read(symbol, "1d").between(start, end)
        for symbol in ("SPY.ARCA", "AAPL.NASDAQ", "BTC-USD.COINBASE")
    }


def trips_of(result: Any, symbol: str) -> list[tuple[Any, ...]]:
    return [
        (row["entry_ns"], row["exit_ns"], row["quantity"], row["pnl"])
        for row in result.round_trips.rows()
        if row["symbol"] == symbol
    ]


def test_each_instrument_of_a_run_trades_as_it_does_alone() -> None:
    # Stocks have five bars a week, bitcoin seven.
    data = us_days()

    together = backtest(Trends, data, cash=10_000_000)

    for symbol, bars in data.items():
        alone = backtest(Trends, bars, cash=10_000_000)
        assert trips_of(together, symbol) == trips_of(alone, symbol)
        assert len(trips_of(together, symbol)) > 10


def test_the_order_of_the_instruments_changes_no_trade() -> None:
    data = us_days()

    there = backtest(Trends, data, cash=10_000_000)
    back = backtest(Trends, dict(reversed(data.items())), cash=10_000_000)

    assert there.final_equity == back.final_equity
    assert sorted(map(str, there.fills["ts_ns"])) == sorted(map(str, back.fills["ts_ns"]))


def test_an_instrument_without_a_bar_counts_at_its_last_close() -> None:
    result = run_two(
        {0: lambda ctx: ctx.buy(OTHER, 10)},
        [10, 10, 10, 10],
        [20, 20, 25],
        other_hours=[0, 1, 3],
    )

    assert result.equity["equity"].tolist() == [100_000, 100_000, 100_000, 100_050]


def test_an_order_waits_for_a_bar_of_its_own_instrument() -> None:
    result = run_two({0: lambda ctx: ctx.buy(OTHER, 10)}, [10] * 4, [20, 21], other_hours=[0, 3])

    assert [int(ts) // HOUR_NS for ts in result.fills["ts_ns"]] == [3]


def test_timeframes_meet_where_their_bars_close() -> None:
    held: list[tuple[int, list[str]]] = []
    hours = make_bars([10.0] * 48)
    days = resample(make_bars([20.0] * 48, symbol=OTHER), "1d", get_calendar("24x7"))

    class Both(Strategy):
        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            held.append((round(ctx.now.timestamp()) // 3_600, [*bars]))

    backtest(Both, {SYMBOL: hours, OTHER: days})

    assert len(held) == 48
    assert [hour for hour, symbols in held if OTHER in symbols] == [24, 48]


def test_a_month_is_seen_when_its_last_day_is() -> None:
    days = make_bars([*map(float, range(100, 190))], hours=range(0, 90 * DAY, DAY), timeframe="1d")
    months = resample(days, "1M", get_calendar("24x7"))
    seen: list[float] = []

    class Looks(Strategy):
        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            if OTHER in bars:
                assert bars[OTHER].close == bars[SYMBOL].close
                seen.append(bars[OTHER].close)

    backtest(Looks, {SYMBOL: days, OTHER: replace(months, symbol=OTHER)})

    assert seen == [130, 158, 189]


def sent_on_hours(
    action: Any, hours: list[float], callback: str = "on_bars", **settings: Any
) -> list[int]:
    """Hours at which orders on daily bars fill, sent from a callback on hourly ones."""

    def act(_: Strategy, ctx: Context, *bars: object) -> None:
        if not ctx.orders() and ctx.position_of(OTHER).is_flat:
            action(ctx)

    data = {
        SYMBOL: make_bars(hours, hours=range(9, 9 + len(hours))),
        OTHER: make_bars([20.0, 21.0, 22.0], symbol=OTHER, hours=[0, 24, 48], timeframe="1d"),
    }
    result = backtest(
        type("Sends", (Strategy,), {callback: act, "on_timer": act}), data, **settings
    )
    return [int(ts) // HOUR_NS for ts in result.fills["ts_ns"]]


def test_an_order_is_not_offered_to_a_bar_that_has_begun() -> None:
    hours = [10.0] * 60

    assert sent_on_hours(lambda ctx: ctx.buy(OTHER, 1), hours) == [24]
    assert sent_on_hours(lambda ctx: ctx.buy(OTHER, 1), hours, latency=1) == [48]
    assert sent_on_hours(lambda ctx: ctx.buy(OTHER, 1, when=at(hour(0))), hours) == [24]
    # What is sent before a day is offered to its bar, though another market opens later.
    assert sent_on_hours(lambda ctx: ctx.buy(OTHER, 1), hours, "on_start") == [0]
    assert sent_on_hours(lambda ctx: ctx.buy(OTHER, 1), hours, "before_trading") == [0]


def test_a_price_that_an_hour_meets_does_not_reach_back_into_its_day() -> None:
    class Waits(Strategy):
        def on_start(self, ctx: Context) -> None:
            ctx.buy(OTHER, 1, when=above(11, SYMBOL))

        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            assert ctx.position_of(OTHER).is_flat or ctx.now >= hour(48)

    data = {
        SYMBOL: make_bars([*[10.0] * 5, 12.0, *[10.0] * 60]),
        OTHER: make_bars([20.0, 21.0, 22.0], symbol=OTHER, hours=[0, 24, 48], timeframe="1d"),
    }

    assert backtest(Waits, data).fills["price"].tolist() == [21]


def test_a_bigger_timeframe_shows_closed_bars_alone() -> None:
    seen: list[float] = []
    prices = [float(price) for price in range(100, 100 + 3 * DAY)]

    class Looks(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.day = ctx.line("close", timeframe="1d")

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append(self.day.value)
            closes = ctx.history(1, timeframe="1d").close
            assert closes.tolist() == ([] if np.isnan(seen[-1]) else seen[-1:])

    backtest(Looks, make_bars(prices))

    assert np.isnan(seen[: DAY - 1]).all()
    assert seen[DAY - 1 : 2 * DAY - 1] == [123.0] * DAY
    assert seen[2 * DAY - 1 : 3 * DAY - 1] == [147.0] * DAY
    assert seen[-1] == 171.0


@given(cut=st.integers(30, 299), seed=st.integers(0, 50))
def test_a_bigger_timeframe_knows_nothing_of_later_bars(cut: int, seed: int) -> None:
    bars = random_walk(300, seed=seed, timeframe="5m")

    def values(of: Bars) -> list[float]:
        found: list[float] = []

        class Looks(Strategy):
            def initialize(self, ctx: Context) -> None:
                self.average = ctx.indicator("SMA", 2, timeframe="15m")

            def on_bar(self, ctx: Context, bar: Bar) -> None:
                found.append(self.average.value)

        backtest(Looks, of)
        return found

    np.testing.assert_array_equal(values(bars)[:cut], values(bars[:cut]))


class DayOnHours(Strategy):
    """Decides on daily lines alone, at the last hour of each day."""

    def initialize(self, ctx: Context) -> None:
        self.close = ctx.line("close", timeframe="1d")
        self.average = ctx.indicator("SMA", 5, timeframe="1d")
        self.days = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if len(ctx.history(10_000, timeframe="1d")) > self.days:
            self.days += 1
            ctx.target_quantity(bar.symbol, 10 if self.close.value > self.average.value else 0)


class DayOnDays(Strategy):
    def initialize(self, ctx: Context) -> None:
        self.average = ctx.indicator("SMA", 5)

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        ctx.target_quantity(bar.symbol, 10 if bar.close > self.average.value else 0)


def test_daily_lines_on_five_minutes_trade_as_daily_bars_do() -> None:
    fine = demo_catalog().read("rb-MAIN.SHFE", "5m")
    days = resample(fine, "1d", get_calendar("cn_futures"))
    settings: dict[str, Any] = {"cash": 1_000_000, "participation": None}

    on_fine = backtest(DayOnHours, fine, **settings)
    on_days = backtest(DayOnDays, days, **settings)

    assert on_fine.fills["price"].tolist() == on_days.fills["price"].tolist()
    assert len(on_fine.fills) > 50
    assert on_fine.final_equity == on_days.final_equity


def test_the_detail_of_a_day_begins_with_its_night_session() -> None:
    fine = demo_catalog().read("rb-MAIN.SHFE", "5m")
    days = resample(fine, "1d", get_calendar("cn_futures"))
    settings: dict[str, Any] = {"cash": 1_000_000, "participation": None}

    on_fine = backtest(DayOnDays, days, detail=fine, **settings)
    on_days = backtest(DayOnDays, days, **settings)

    assert on_fine.fills["price"].tolist() == on_days.fills["price"].tolist()
    assert on_fine.final_equity == on_days.final_equity


def test_a_finer_bar_beyond_the_coarser_one_is_not_missed() -> None:
    class Waits(Strategy):
        def on_start(self, ctx: Context) -> None:
            ctx.buy(SYMBOL, 1, price=95)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            pass

    fine = make_bars([100.0, 90.0], timeframe="30m", hours=[1, 1.5])
    alone = backtest(Waits, make_bars([100.0] * 3), detail=fine)
    both = {SYMBOL: make_bars([100.0] * 3), OTHER: make_bars([20.0] * 2, symbol=OTHER)}

    assert alone.fills["price"].tolist() == [90]
    assert backtest(Waits, both, detail={SYMBOL: fine}).fills["price"].tolist() == [90]


def bracket_on_a_day(inside: list[float | Row]) -> str:
    """What closed a long bracket of 5 % on the second of two days, given its hours."""

    class Bracket(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            if ctx.position.is_flat and not ctx.orders():
                ctx.buy(bar.symbol, 1, stop_loss=percent(5), take_profit=percent(5))

    hours = make_bars([*[100.0] * DAY, *inside, *[100.0] * (DAY - len(inside))])
    days = resample(hours, "1d", get_calendar("24x7"))
    result = backtest(Bracket, days, detail=hours)
    coarse = backtest(Bracket, days)
    assert coarse.round_trips["exit"].tolist() == ["stop_loss"]
    (found,) = result.round_trips["exit"].tolist()
    return str(found)


@pytest.mark.parametrize(
    ("inside", "closed_by"),
    [
        ([100.0, (100.0, 106.0, 99.0, 100.0), (100.0, 101.0, 94.0, 100.0)], "take_profit"),
        ([100.0, (100.0, 101.0, 94.0, 100.0), (100.0, 106.0, 99.0, 100.0)], "stop_loss"),
        ([100.0, (100.0, 106.0, 94.0, 100.0)], "stop_loss"),
    ],
)
def test_finer_bars_tell_which_of_stop_and_target_came_first(
    inside: list[float | Row], closed_by: str
) -> None:
    assert bracket_on_a_day(inside) == closed_by


def test_an_instrument_that_has_not_begun_has_no_price() -> None:
    class Early(Strategy):
        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            if OTHER not in bars and not ctx.orders(OTHER):
                with pytest.raises(NoPriceYet):
                    ctx.target_weight(OTHER, 1)
                ctx.buy(OTHER, 1)

    late = make_bars([20, 21], start_ns=2 * HOUR_NS, symbol=OTHER)
    result = backtest(Early, {SYMBOL: make_bars([10] * 4), OTHER: late})

    assert result.fills["price"].tolist() == [20]


@pytest.mark.parametrize(("latency", "stop"), [(0, 25), (1, 15)])
def test_a_trail_without_a_close_starts_at_the_first_open_it_is_offered(
    latency: int, stop: int
) -> None:
    class Early(Strategy):
        def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:
            if OTHER not in bars:
                ctx.short(OTHER, 1, trail=points(5))

    late = make_bars([30, 20, 20], start_ns=HOUR_NS, symbol=OTHER)
    result = backtest(Early, {SYMBOL: make_bars([10] * 4), OTHER: late}, latency=latency)

    assert result.orders["stop"].tolist() == [stop]
