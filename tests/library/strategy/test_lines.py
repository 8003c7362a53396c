"""What a strategy reads of an indicator: present, past, never ahead."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.backtest import AskedTooLate, StrategyFailed, backtest, event
from quantloom.market import Bar, Bars
from quantloom.strategy import (
    Context,
    Cursor,
    FutureValue,
    Line,
    LineIsNoNumber,
    LineNeeded,
    Strategy,
    crossed_above,
    crossed_below,
)
from tests.library.backtest.builders import make_bars, make_instrument
from tests.library.strategy.builders import make_lines

NAN = math.nan


def test_negative_places_count_back_from_the_present_bar() -> None:
    (line,) = make_lines([1, 2, 3, 4], row=2)

    assert (line.value, line[-1], line[-2], line[-3]) == (3, 3, 2, 1)
    assert (line.previous, float(line)) == (2, 3)


def test_places_before_the_first_bar_are_nan() -> None:
    (line,) = make_lines([1, 2, 3], row=0)

    assert math.isnan(line.previous)
    assert math.isnan(line[-2])
    assert math.isnan(line[-99])


def test_a_line_offers_no_way_to_its_later_values() -> None:
    (line,) = make_lines([1, 2, 3], row=0)

    with pytest.raises(AttributeError, match="has no output 'values'"):
        _ = line.values
    with pytest.raises(FutureValue):
        list(line)  # type: ignore[call-overload]


@pytest.mark.parametrize("index", [0, 1, 7])
def test_a_place_that_is_not_negative_looks_ahead(index: int) -> None:
    (line,) = make_lines([1, 2, 3], row=0)

    with pytest.raises(FutureValue, match=rf"\[{index}\] would look ahead; \[-1\] is the present"):
        line[index]


@pytest.mark.parametrize(
    "misuse",
    [
        lambda line: line > 2,
        lambda line: line < 2.0,
        lambda line: line >= line.previous,
        lambda line: line + line,
        lambda line: np.float64(2) < line,
        lambda line: 1 - line,
        lambda line: line * 2,
        lambda line: line[-3:],
    ],
)
def test_a_line_taken_for_a_number_says_how_to_read_it(misuse: Callable[[Any], object]) -> None:
    (line,) = make_lines([1, 2, 3], row=2)

    with pytest.raises(LineIsNoNumber, match=r"line\.value is its present value, line\[-2\]"):
        misuse(line)


@pytest.mark.parametrize("crossed", [crossed_above, crossed_below])
def test_a_number_does_not_cross_a_line(crossed: Callable[[Any, Any], bool]) -> None:
    (line,) = make_lines([1, 2, 3], row=2)

    with pytest.raises(LineNeeded, match=r"2\.5 is no line.*ctx\.line\('close'\)"):
        crossed(2.5, line)


def test_a_line_is_ready_once_its_warm_up_is_over() -> None:
    assert not make_lines([NAN, NAN, 1], row=1)[0].is_ready
    assert make_lines([NAN, NAN, 1], row=2)[0].is_ready


def test_before_the_first_bar_a_line_is_nan_and_nothing_has_crossed() -> None:
    seen: list[Any] = []

    class Early(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.average = ctx.indicator("SMA", 2)

        def on_start(self, ctx: Context) -> None:
            seen.extend([self.average.value, self.average[-1], self.average.previous])
            seen.append(crossed_above(self.average, 1.0) or self.average.is_ready)

        def on_bar(self, ctx: Context, bar: Bar) -> None: ...

    backtest(Early, make_bars([10, 11, 12]), instrument=make_instrument())

    assert [math.isnan(value) for value in seen[:3]] == [True] * 3
    assert seen[3] is False


def test_further_outputs_are_attributes_and_others_are_named() -> None:
    class Bands(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.bands = ctx.indicator("BBANDS", 2)

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            if self.bands.is_ready:
                seen.append((self.bands.lower.value, self.bands.middle.value))

    seen: list[tuple[float, float]] = []
    backtest(Bands, make_bars([10, 12]), instrument=make_instrument())

    assert seen[0] == pytest.approx((9, 11))
    (line,) = make_lines([1.0])
    with pytest.raises(AttributeError, match="has no output 'signal'"):
        _ = line.signal


@pytest.mark.parametrize(
    "ask", [lambda ctx: ctx.indicator("SMA", 3), lambda ctx: ctx.line("close")]
)
def test_a_line_asked_for_on_a_bar_comes_too_late(ask: Any) -> None:
    class Late(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            ask(ctx)

    with pytest.raises(StrategyFailed, match="asked for on a bar; ask in initialize") as caught:
        backtest(Late, make_bars([10, 11]), instrument=make_instrument())

    assert isinstance(caught.value.__cause__, AskedTooLate)


# Crossings


@pytest.mark.parametrize(
    ("left", "right", "above", "below"),
    [
        ([1, 3], [2, 2], True, False),
        ([2, 3], [2, 2], True, False),
        ([3, 1], [2, 2], False, True),
        ([2, 1], [2, 2], False, True),
        ([1, 2], [2, 2], False, False),
        ([3, 2], [2, 2], False, False),
        ([3, 4], [2, 2], False, False),
        ([1, 4], [2, 5], False, False),
        ([NAN, 3], [2, 2], False, False),
        ([1, 3], [NAN, 2], False, False),
        ([1, NAN], [2, 2], False, False),
        ([NAN, 1], [2, 2], False, False),
    ],
)
def test_a_crossing_needs_both_sides_on_both_bars(
    left: list[float], right: list[float], above: bool, below: bool
) -> None:
    one, other = make_lines(left, right)

    assert (crossed_above(one, other), crossed_below(one, other)) == (above, below)


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, NAN]), min_size=2, max_size=2))
def test_a_number_crosses_like_a_line_that_stands_still(left: list[float]) -> None:
    line, level = make_lines(left, [2.0, 2.0])

    assert crossed_above(line, 2.0) == crossed_above(line, level)
    assert crossed_below(line, 2) == crossed_below(line, level)


def test_nothing_crosses_on_the_first_bar() -> None:
    one, other = make_lines([3, 3], [2, 2], row=0)

    assert not crossed_above(one, other)
    assert not crossed_below(one, other)


# Pieces


class Crossing(Strategy):
    """Trades crossings of the close with its average, and notes what it saw."""

    def initialize(self, ctx: Context) -> None:
        self.close = ctx.line("close")
        self.average = ctx.indicator("SMA", 3)
        self.seen: list[tuple[float, ...]] = []

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        past = [self.close[-5], float(ctx.history(2).close[0]), self.average.previous]
        self.seen.append((bar.close, self.close.value, self.average.value, *past))
        if crossed_above(self.close, self.average):
            ctx.target_quantity(bar.symbol, 1)
        elif crossed_below(self.close, self.average):
            ctx.target_quantity(bar.symbol, -1)

    def on_stop(self, ctx: Context) -> None:
        SEEN.append(self.seen)


SEEN: list[Any] = []


def walk(count: int) -> Bars:
    steps = np.random.default_rng(5).integers(-3, 4, count)
    return make_bars((500 + np.abs(np.cumsum(steps))).tolist())


@pytest.mark.parametrize("size", [1, 2, 7, 64, 199, 200])
def test_pieces_of_any_size_give_the_same_run(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    SEEN.clear()
    whole = backtest(Crossing, walk(200), instrument=make_instrument())
    monkeypatch.setattr(event, "CHUNK", size)

    pieces = backtest(Crossing, walk(200), instrument=make_instrument())

    assert len(whole.fills) > 20
    assert pieces.to_bytes() == whole.to_bytes()
    assert np.array_equal(SEEN[0], SEEN[1], equal_nan=True)


def test_a_crossing_at_the_border_of_a_piece_is_seen() -> None:
    border = event.CHUNK
    rows = [10.0] * border + [20.0] * 3
    crossings: list[int] = []

    class Watching(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close")
            self.row = -1

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            self.row += 1
            if crossed_above(self.close, 15.0):
                crossings.append(self.row)

    backtest(Watching, make_bars(rows), instrument=make_instrument())

    assert crossings == [border]


def test_a_line_keeps_the_value_before_its_piece() -> None:
    line = Line("LINE", np.arange(10.0), Cursor(), {})

    line.load(4, 6)

    assert line.chunk == [3.0, 4.0, 5.0]
