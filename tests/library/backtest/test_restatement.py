"""Where the terms of prices change, a strategy sees the past, and its orders wait, in new ones."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import run_event
from quantloom.backtest.spec import BacktestSpec
from quantloom.indicators import get_indicator
from quantloom.market import AdjustedBelowZero, Bars, Shift, restate
from quantloom.strategy import Context, Line, Strategy, crossing_above
from quantloom.trading import Margin, Order, above, percent, points, ticks, trailing
from tests.library.backtest.builders import (
    SYMBOL,
    Action,
    Sent,
    buy,
    make_bars,
    make_instrument,
    scripted,
    sell,
)
from tests.library.backtest.runs import make_walk

HALF = Fraction(1, 2)


class Restating:
    """Moves the orders where the terms change, as rolls and ex-days do."""

    def __init__(self, desk: BarDesk, shifts: Sequence[Shift]) -> None:
        self.desk, self.shifts = desk, {shift.row: shift for shift in shifts}
        self.steps = frozenset(self.shifts)

    def happen(self, step: int) -> None:
        at_ns = int(self.desk.timeline.opens_ns[step])
        self.desk.venue.restate(SYMBOL, self.shifts[step], at_ns)


def run_shifted(strategy: type[Strategy], bars: Bars, shifts: Sequence[Shift]) -> BarDesk:
    instrument = make_instrument(bars.symbol)
    spec = BacktestSpec(
        strategy="test",
        instruments=(instrument,),
        timeframe=str(bars.timeframe),
        participation=None,
        margin=Margin.ratio("0.01"),
    )
    desk = BarDesk(spec, {bars.symbol: bars})
    desk.feeds[bars.symbol].shifts = shifts
    desk.due.append(Restating(desk, shifts))
    run_event(strategy(), desk)
    return desk


def seen(
    ask: Callable[[Context], Line], bars: Bars, shifts: Sequence[Shift], *, back: int = -1
) -> list[float]:
    """What a line shows on each bar."""
    found: list[float] = []

    class Watching(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.line = ask(ctx)

        def on_bar(self, ctx: Context, bar: object) -> None:
            assert back < -1 or self.line.value == self.line[-1] or np.isnan(self.line.value)
            found.append(self.line[back])

    run_shifted(Watching, bars, shifts)
    return found


def of_script(script: dict[int, Action], closes: Sequence[float], shift: Shift) -> BarDesk:
    return run_shifted(scripted(script), make_bars(closes), [shift])


@pytest.fixture
def walk() -> Bars:
    return make_walk(SYMBOL, count=120)


SHIFTS = (
    Shift(row=40, ratio=Fraction(9, 10)),
    Shift(row=90, ratio=HALF, quantity=Fraction(2)),
)


def test_a_column_is_told_in_the_terms_of_each_bar() -> None:
    bars = make_bars([100, 102, 52, 53], volume=[10, 20, 40, 50])
    shift = Shift(row=2, ratio=HALF, quantity=Fraction(2))

    assert seen(lambda ctx: ctx.line("close"), bars, [shift]) == [100, 102, 52, 53]
    assert seen(lambda ctx: ctx.line("close"), bars, [shift], back=-2)[1:] == [100, 51, 52]
    assert seen(lambda ctx: ctx.line("volume"), bars, [shift], back=-2)[1:] == [10, 40, 40]


def test_a_difference_moves_the_past_by_points() -> None:
    bars = make_bars([3700, 3710, 3660, 3665])
    shift = Shift(row=2, difference=Fraction(-50))

    assert seen(lambda ctx: ctx.line("close"), bars, [shift], back=-2)[1:] == [3700, 3660, 3660]


def test_an_average_on_a_bar_is_that_of_the_moved_past() -> None:
    bars = make_bars([100, 102, 52, 53, 54])
    shift = Shift(row=2, ratio=HALF)

    # (102/2 + 52) / 2 on the third bar; before it the old prices as they were.
    found = seen(lambda ctx: ctx.indicator("SMA", 2), bars, [shift])

    assert found[1:] == [101, 51.5, 52.5, 53.5]


def test_an_indicator_without_a_scale_is_that_of_the_adjusted_series(walk: Bars) -> None:
    adjusted = get_indicator("RSI").bind(14).compute(restate(walk, SHIFTS))["value"]

    found = seen(lambda ctx: ctx.indicator("RSI", 14), walk, SHIFTS)

    np.testing.assert_allclose(found, adjusted, rtol=1e-9)


def test_bigger_bars_are_made_of_the_moved_past() -> None:
    bars = make_bars([100, 104, 52, 53, 54], timeframe="1h")
    shift = Shift(row=3, ratio=HALF)

    found = seen(lambda ctx: ctx.line("high", timeframe="2h"), bars, [shift])

    # The bar of hours 2 and 3 begins with the old 52, which is 26 now.
    assert found[1:] == [104, 104, 53, 53]


@given(st.data())
def test_no_value_changes_with_later_bars_or_later_shifts(data: st.DataObject) -> None:
    bars = make_walk(SYMBOL, count=60)
    rows = sorted(data.draw(st.sets(st.integers(1, 59), max_size=3)))
    ratios = [data.draw(st.fractions(HALF, 2, max_denominator=50)) for _ in rows]
    shifts = [Shift(row=row, ratio=ratio) for row, ratio in zip(rows, ratios, strict=True)]
    stop = data.draw(st.integers(20, 59))

    def ask(ctx: Context) -> Line:
        return ctx.indicator("EMA", 5)

    whole = seen(ask, bars, shifts)
    cut = seen(ask, bars[:stop], [shift for shift in shifts if shift.row < stop])

    np.testing.assert_array_equal(whole[:stop], cut)


def test_history_price_and_ranges_are_in_the_terms_of_the_bar() -> None:
    told: list[tuple[list[float], Decimal, float]] = []

    class Looking(Strategy):
        def on_bar(self, ctx: Context, bar: object) -> None:
            told.append((ctx.history(2).close.tolist(), ctx.price(), ctx.volatility(window=3)))

    run_shifted(Looking, make_bars([100, 100, 50, 50]), [Shift(row=2, ratio=HALF)])

    assert told[2][:2] == ([50, 50], Decimal(50))
    assert told[2][2] == 0


def test_the_eve_of_an_ex_day_is_told_in_new_terms_before_trading() -> None:
    told: list[tuple[Decimal, float]] = []

    class Early(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close")

        def before_trading(self, ctx: Context) -> None:
            told.append((ctx.price(), self.close.value))

    bars = make_bars([100, 102, 52], timeframe="1d", hours=[0, 24, 48])
    run_shifted(Early, bars, [Shift(row=2, ratio=HALF)])

    assert told[1:] == [(Decimal(100), 100), (Decimal(51), 51)]


def test_a_roll_wakes_nobody_who_waits_for_a_crossing() -> None:
    woken: list[float] = []

    class Waiting(Strategy):
        def initialize(self, ctx: Context) -> None:
            close, mean = ctx.line("close"), ctx.indicator("SMA", 2)
            ctx.wake_on(crossing_above(close, mean))

        def on_bar(self, ctx: Context, bar: object) -> None:
            woken.append(float(ctx.price()))

    # Falling all the way; without the shift the jump to 210 would look like a rise.
    run_shifted(
        Waiting, make_bars([104, 103, 210, 209]), [Shift(row=2, ratio=Fraction(2051, 1000))]
    )

    assert woken == []


def test_a_difference_below_zero_is_refused() -> None:
    bars = make_bars([30, 20, 60])

    with pytest.raises(AdjustedBelowZero, match="by ratio"):
        seen(lambda ctx: ctx.line("close"), bars, [Shift(row=2, difference=Fraction(-25))])


def last(desk: BarDesk) -> Order:
    return desk.orders[-1]


def test_a_stop_and_a_limit_move_with_the_terms_and_away_from_the_market() -> None:
    stop = sell(1, stop="95.05", reduce_only=True)
    limit = sell(1, price="110.05", reduce_only=True)
    below, under = buy(1, price="90.05"), buy(1, stop="120.05")

    desk = of_script(
        {0: buy(1), 1: lambda ctx: [one(ctx) for one in (stop, limit, below, under)]},
        [100, 100, 50, 50],
        Shift(row=2, ratio=HALF),
    )

    _, stopped, limited, bought, broken = desk.orders
    assert (stopped.stop, limited.price) == (Decimal("47.52"), Decimal("55.03"))
    assert (bought.price, broken.stop) == (Decimal("45.02"), Decimal("60.03"))


def test_a_moved_stop_protects_as_it_did() -> None:
    script = {0: buy(1), 1: sell(1, stop=95, reduce_only=True)}

    kept = of_script(script, [100, 100, 50, 49, 48], Shift(row=2, ratio=HALF))
    sold = of_script(script, [100, 100, 50, 49, 47], Shift(row=2, ratio=HALF))

    assert last(kept).status == "expired"
    assert last(sold).status == "filled"
    assert sold.record.fills[-1].price == 47


def test_a_trailing_stop_follows_from_where_it_was() -> None:
    script = {0: buy(1), 1: sell(1, trail=percent(10), reduce_only=True)}

    desk = of_script(script, [100, 100, 110, 54, 53, 53], Shift(row=3, ratio=HALF))

    # It had come to 110, which is 55 now; a tenth of that under it is 49.5.
    assert last(desk).stop == Decimal("49.5")


def test_a_trailing_distance_in_points_is_split_with_the_share() -> None:
    script = {0: buy(2), 1: sell(2, trail=points(10), reduce_only=True)}

    desk = of_script(
        script, [100, 100, 110, 54, 60], Shift(row=3, ratio=HALF, quantity=Fraction(2))
    )

    assert last(desk).stop == 55  # 60 less 5
    assert last(desk).ticket.quantity == 4


def test_a_condition_waits_at_the_moved_level() -> None:
    script = {1: buy(1, when=above(120))}

    desk = of_script(script, [100, 100, 59, 61, 61], Shift(row=2, ratio=HALF))

    assert [fill.price for fill in desk.record.fills] == [61]
    assert desk.record.fills[0].ts_ns == desk.timeline.opens_ns[4]


def test_the_halves_of_a_bracket_move_along() -> None:
    script = {0: buy(10, stop_loss=ticks(1000), take_profit=percent(20))}
    shift = Shift(row=2, ratio=HALF, quantity=Fraction(2))

    desk = of_script(script, [100, 100, 50, 50], shift)

    entry, stop, target = desk.orders
    assert stop.stop == 45
    assert target.price == 60
    assert [one.ticket.quantity for one in (entry, stop, target)] == [20, 20, 20]
    assert stop.outstanding == 20


def test_the_stop_of_a_trailing_bracket_moves_along() -> None:
    script = {0: buy(1, stop_loss=trailing(percent(10)))}

    desk = of_script(script, [100, 100, 50, 50], Shift(row=2, ratio=HALF))

    assert last(desk).stop == 45


def test_a_split_multiplies_what_is_left_of_an_order() -> None:
    shift = Shift(row=2, ratio=Fraction(10, 13), quantity=Fraction(13, 10))
    script = {0: buy(5), 1: lambda ctx: (buy(5, price=65)(ctx), sell(5, stop=65)(ctx))}

    desk = of_script(script, [100, 100, 77, 77], shift)

    # 6.5 shares each: six are whole.
    assert [order.ticket.quantity for order in desk.orders[1:]] == [6, 6]
    assert desk.orders[1].price == 50


def test_what_comes_to_nothing_is_cancelled() -> None:
    shift = Shift(row=2, ratio=Fraction(10), quantity=Fraction(1, 10))

    desk = of_script({0: buy(5, price=50)}, [100, 100, 1000, 1000], shift)

    assert (last(desk).status, last(desk).rule) == ("cancelled", "restated_away")


def test_a_moved_order_is_told_with_the_bar() -> None:
    heard: list[tuple[int, Decimal | None]] = []
    sent = Sent(buy(1, price=90))

    def on_order_update(self: Strategy, ctx: Context, order: Order) -> None:
        heard.append((int(ctx.now.timestamp()) // 3_600 - 1, order.price))

    strategy = scripted({0: sent}, on_order_update=on_order_update)
    run_shifted(strategy, make_bars([100, 100, 50]), [Shift(row=2, ratio=HALF)])

    assert heard[:2] == [(0, Decimal(90)), (2, Decimal(45))]
