"""On which bars a strategy that waits for something is called."""

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.strategy import (
    BadInterval,
    Line,
    LineNeeded,
    NotACondition,
    Trigger,
    UnevenLines,
    crossed_above,
    crossed_below,
    crossing,
    crossing_above,
    crossing_below,
    every,
    over,
    under,
)
from tests.library.strategy.builders import make_lines

# Few different values, so that lines often touch; NaN, so that warm-up and gaps are among them.
VALUES = st.sampled_from([math.nan, -1.0, 0.0, 1.0, 2.0])
ROWS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=30)

Pair = Callable[[Line, Line | float], Trigger]
Question = Callable[[Line, Line | float], bool]


def ask_on_each_bar(question: Question, left: Line, right: Line | float, rows: int) -> list[bool]:
    answers = []
    for row in range(rows):
        left.cursor.at = row + 1
        answers.append(question(left, right))
    return answers


@pytest.mark.parametrize(
    ("trigger", "question"),
    [
        (crossing_above, crossed_above),
        (crossing_below, crossed_below),
        (crossing, lambda left, right: crossed_above(left, right) or crossed_below(left, right)),
        (over, lambda line, level: line.value > float(level)),
        (under, lambda line, level: line.value < float(level)),
    ],
    ids=["crossing_above", "crossing_below", "crossing", "over", "under"],
)
@pytest.mark.parametrize("is_level", [False, True], ids=["line", "level"])
@given(rows=ROWS)
def test_a_trigger_holds_where_the_strategy_would_have_seen_it(
    trigger: Pair, question: Question, is_level: bool, rows: list[tuple[float, float]]
) -> None:
    left, right = make_lines(*zip(*rows, strict=True))
    level: Line | float = rows[0][1] if is_level else right

    mask = trigger(left, level).mask(len(rows))

    assert mask.dtype == np.bool_
    assert mask.tolist() == ask_on_each_bar(question, left, level, len(rows))


@given(ROWS, st.integers(1, 30))
def test_a_later_bar_changes_nothing_on_an_earlier_one(
    rows: list[tuple[float, float]], count: int
) -> None:
    left, right = make_lines(*zip(*rows, strict=True))
    seen = rows[:count]
    early_left, early_right = make_lines(*zip(*seen, strict=True))

    known = crossing(left, right).mask(len(rows))[: len(seen)]

    assert known.tolist() == crossing(early_left, early_right).mask(len(seen)).tolist()


def test_every_third_bar_is_the_third_the_sixth_and_so_on() -> None:
    assert np.flatnonzero(every(3).mask(8)).tolist() == [2, 5]
    assert every(1).mask(3).all()
    assert not every(4).mask(3).any()


def test_triggers_join_and_reverse() -> None:
    (line,) = make_lines([1.0, 2.0, 3.0, 4.0])

    assert (over(line, 3) | every(2)).mask(4).tolist() == [False, True, False, True]
    assert (over(line, 1) & under(line, 4)).mask(4).tolist() == [False, True, True, False]
    assert (~every(2)).mask(4).tolist() == [True, False, True, False]


def test_what_is_reversed_holds_during_the_warm_up() -> None:
    (line,) = make_lines([math.nan, 1.0, 3.0])

    assert (~over(line, 2)).mask(3).tolist() == [True, True, False]


def test_a_trigger_names_each_line_that_it_reads_once() -> None:
    fast, slow = make_lines([1.0], [2.0])

    assert (crossing(fast, slow) | over(fast, 0) & ~every(2)).lines == (fast, slow)


def test_a_trigger_in_a_condition_is_an_error() -> None:
    (line,) = make_lines([1.0])

    with pytest.raises(NotACondition, match=r"join triggers by \|, & and ~"):
        bool(over(line, 0))


def test_a_line_of_other_bars_is_an_error() -> None:
    (line,) = make_lines([1.0, 2.0])

    with pytest.raises(UnevenLines, match="LINE has 2 values and the run 3 bars") as caught:
        (every(2) & over(line, 0)).mask(3)

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("bars", [0, -1])
def test_no_bar_is_no_interval(bars: int) -> None:
    with pytest.raises(BadInterval, match="takes a whole number of bars, 1 or more"):
        every(bars)


@pytest.mark.parametrize("make", [over, under, crossing])
def test_a_trigger_about_no_line_is_refused(make: Callable[[Any, Any], Trigger]) -> None:
    (line,) = make_lines([1, 2, 3], row=2)

    with pytest.raises(LineNeeded, match="30 is no line, and one is needed here"):
        make(30, line).mask(3)
