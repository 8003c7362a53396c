"""Windows, what is chosen in them, and what it earns after them."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import backtest
from quantloom.backtest.optimise import (
    BadStudy,
    Length,
    OtherStudy,
    Window,
    list_studies,
    load_walk,
    make_windows,
    walk_forward,
)
from quantloom.kit import to_ns
from quantloom.market import Bar, Bars
from quantloom.strategy import Context, Parameter, Strategy

FIRST = to_ns(datetime.fromisoformat("2020-01-01T00:00+00:00"))
DAY_NS = 86_400_000_000_000


def lay(bars: int, /, **lengths: Any) -> tuple[Window, ...]:
    """Windows over so many daily bars, all of them trading days, from 2020-01-01 on."""
    times = FIRST + np.arange(bars) * DAY_NS
    return make_windows(times, (times // DAY_NS).astype("datetime64[D]"), **lengths)


def rows(window: Window) -> list[int]:
    """The bounds as numbers of bars."""
    bounds = (window.train_start, window.train_end, window.test_start, window.test_end)
    return [-(-(to_ns(one) - FIRST) // DAY_NS) for one in bounds]


def test_rolling_windows_move_by_their_test() -> None:
    assert [*map(rows, lay(50, train=20, test=10))] == [
        [0, 20, 20, 30],
        [10, 30, 30, 40],
        [20, 40, 40, 50],
    ]


def test_anchored_windows_grow_from_the_first_bar() -> None:
    assert [*map(rows, lay(50, train=20, test=10, anchored=True))] == [
        [0, 20, 20, 30],
        [0, 30, 30, 40],
        [0, 40, 40, 50],
    ]


def test_an_embargo_lies_between_the_two() -> None:
    assert [*map(rows, lay(45, train="20d", test="10d", embargo="5d"))] == [
        [0, 20, 25, 35],
        [10, 30, 35, 45],
    ]


def test_months_are_those_of_the_calendar() -> None:
    found = lay(366, train="6m", test="3m")

    assert [(one.test_start.date(), one.test_end.date()) for one in found] == [
        (date(2020, 7, 1), date(2020, 10, 1)),
        (date(2020, 10, 1), date(2020, 12, 31)),
    ]
    assert found[1].train_start.date() == date(2020, 4, 1)


def test_windows_by_number_are_three_quarters_in_sample() -> None:
    assert [*map(rows, lay(100, count=2))] == [[0, 60, 60, 80], [20, 80, 80, 100]]


@pytest.mark.parametrize("embargo", [0, 3, "2d"])
@pytest.mark.parametrize("anchored", [False, True])
@pytest.mark.parametrize(("train", "test"), [(17, 7), ("2m", "20d"), ("1y", "1m")])
def test_tests_never_overlap_and_never_touch_their_training(
    train: Any, test: Any, anchored: bool, embargo: Any
) -> None:
    found = [
        rows(one) for one in lay(700, train=train, test=test, anchored=anchored, embargo=embargo)
    ]

    assert len(found) > 3
    for first, last, start, end in found:
        assert first < last <= start < end
        assert start - last == Length.of(embargo).count
    for before, after in pairwise(found):
        assert after[2] == before[3]


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ({}, "given by train and test"),
        ({"train": 10}, "given by train and test"),
        ({"train": 10, "test": 5, "count": 2}, "without train and test"),
        ({"train": 60, "test": 5}, "nothing of 50 bars"),
        ({"train": "6w", "test": 5}, "months"),
        ({"train": 10, "test": 0}, "1 bar long"),
    ],
)
def test_windows_that_cannot_be_laid_say_why(lengths: dict[str, Any], said: str) -> None:
    with pytest.raises(BadStudy, match=said):
        lay(50, **lengths)


class OnWeekdays(Strategy):
    """Holds from one weekday's open to the next one's."""

    day: int = Parameter(0, low=0, high=6)
    seen: int = 0

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if not ctx.position.is_flat:
            ctx.close(bar.symbol)
        elif bar.time.weekday() == self.day:
            ctx.buy(bar.symbol, 10)


def two_regimes(count: int = 280) -> Bars:
    """Rises after Mondays in the first half, after Thursdays in the second, and falls between."""
    ts = FIRST + np.arange(count) * DAY_NS
    weekdays = (np.arange(count) + date(2020, 1, 1).weekday()) % 7
    lucky = np.where(np.arange(count) < count // 2, 1, 4)
    close = 100 * np.cumprod(np.where(weekdays == lucky, 1.02, 0.997))
    opens = np.concatenate(([100.0], close[:-1]))
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    return Bars.of("R.LOCAL", "1d", ts=ts, open=opens, high=high, low=low, close=close)


def walked(**settings: Any) -> Any:
    return walk_forward(
        *(OnWeekdays, two_regimes(), {"day": (0, 6)}),
        workers=1,
        **settings | {"participation": None},
    )


def test_the_regime_is_followed_and_never_known_before() -> None:
    found = walked(train=70, test=35)

    chosen = [one.chosen.parameters["day"] for one in found.windows]
    outside = [one.outcome.metrics["total_return"] for one in found.windows]
    assert chosen == [0, 0, 0, 3, 3, 3]
    # The first test after the turn is run with what was right before it, and loses.
    assert outside[2] < 0
    assert all(value > 0 for place, value in enumerate(outside) if place != 2)


def test_what_comes_after_a_window_changes_nothing_in_it() -> None:
    whole, cut = two_regimes(), two_regimes()[:140]
    full = walk_forward(OnWeekdays, whole, {"day": (0, 6)}, train=70, test=35, workers=1)
    part = walk_forward(OnWeekdays, cut, {"day": (0, 6)}, train=70, test=35, workers=1)

    for before, after in zip(part.windows, full.windows, strict=False):
        assert before.chosen.plain() == after.chosen.plain()  # type: ignore[union-attr]
        assert before.outcome.plain() == after.outcome.plain()  # type: ignore[union-attr]


def test_stitched_returns_are_those_of_the_tests_one_after_the_other() -> None:
    found = walked(train=70, test=35)

    growth = np.prod([1 + one.outcome.metrics["total_return"] for one in found.windows])
    assert found.curve.total_return == pytest.approx(growth - 1)
    assert len(found.curve.days) == 210
    assert found.curve.days[0] == np.datetime64("2020-03-11")
    inside = np.mean([one.chosen.metrics["annual_return"] for one in found.windows])
    assert found.efficiency == pytest.approx(found.curve.annual_return / inside)


def test_a_strategy_is_warm_when_its_test_begins() -> None:
    bars = two_regimes()

    found = walk_forward(
        *("sma-cross", bars, {"fast": [3], "slow": [30]}), train=70, test=35, workers=1
    )
    cold = walk_forward(
        *("sma-cross", bars, {"fast": [3], "slow": [30]}), train=70, test=35, workers=1, warm_up=0
    )

    trips = [one.outcome.metrics["round_trip_count"] for one in found.windows]  # type: ignore[union-attr]
    fewer = [one.outcome.metrics["round_trip_count"] for one in cold.windows]  # type: ignore[union-attr]
    assert sum(trips) > sum(fewer)  # type: ignore[arg-type]
    alone = backtest(
        "sma-cross", bars[:105], parameters={"fast": 3, "slow": 30}, start="2020-03-11"
    )
    assert alone.metrics.round_trip_count == fewer[0]


def test_the_table_and_the_drift_tell_what_was_chosen() -> None:
    found = walked(train=70, test=35)

    assert len(found.table) == len(found.windows) == 6
    assert found.table["day"].tolist() == [one.chosen.parameters["day"] for one in found.windows]
    (drift,) = found.drift.rows()
    assert drift["changes"] == 1
    assert drift["values"] == 2
    assert drift["mean_step"] == pytest.approx(3 / 6 / 5)
    assert found.summary()["windows"][0]["test_start"].startswith("2020-03-11")


def test_a_walk_that_was_cut_off_goes_on_to_the_same_end(tmp_path: Path) -> None:
    whole = walked(train=70, test=70, folder=tmp_path / "whole")
    walked(train=70, test=70, folder=tmp_path / "cut")
    for file in ("window-001/outcome.json", "window-002/trials.jsonl", "window-002/outcome.json"):
        (tmp_path / "cut" / file).unlink()

    again = walked(train=70, test=70, folder=tmp_path / "cut")

    assert again.summary() == whole.summary()
    read = load_walk(tmp_path / "cut")
    assert read.summary() == whole.summary() | {"executor": ""}
    assert list_studies(tmp_path) == [tmp_path / "cut", tmp_path / "whole"]
    with pytest.raises(OtherStudy, match="windows"):
        walked(train=70, test=35, folder=tmp_path / "cut")


def test_a_window_in_which_nothing_has_a_value_is_left_out() -> None:
    class Idle(OnWeekdays):
        def on_bar(self, ctx: Context, bar: Bar) -> None: ...

    found = walk_forward(Idle, two_regimes(), {"day": (0, 2)}, train=70, test=70, workers=1)

    assert [one.chosen for one in found.windows] == [None] * 3
    assert found.curve.total_return == 0
    assert found.efficiency is None
    assert timedelta(0) <= found.windows[0].window.test_end - found.windows[0].window.test_start
