from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from quantloom.backtest import Table
from quantloom.kit import FloatArray
from quantloom.market import Bars
from quantloom.performance import drawdown_ratios
from quantloom.report import charts
from quantloom.report.formats import LocalClock
from tests.library.report.runs import Flip, Hold, Idle, Swing, run

DAYS = LocalClock(None, has_seconds=False)
results = hnp.arrays(
    np.float64,
    st.integers(1, 200),
    elements=st.floats(-1e7, 1e7).map(lambda value: round(value, 2)),
)


def test_few_bars_are_drawn_as_they_are() -> None:
    result = run(Idle, bars=50)

    drawn = charts.candles(result, DAYS)

    assert drawn["per"] == 1
    assert drawn["x"] == list(range(50))
    assert drawn["high"] == result.bars.high.tolist()
    assert drawn["start"][:2] == ["2020-01-01", "2020-01-02"]


def test_many_bars_become_candles_that_keep_every_extreme() -> None:
    result = run(Idle, bars=4_501, timeframe="1m")

    drawn = charts.candles(result, DAYS)

    assert drawn["per"] == 3
    assert len(drawn["x"]) == 1_501
    assert drawn["open"][1] == result.bars.open[3]
    assert drawn["high"][1] == result.bars.high[3:6].max()
    assert drawn["low"][1] == result.bars.low[3:6].min()
    assert drawn["close"][-1] == result.bars.close[-1]


def test_thinned_equity_keeps_its_extremes_its_ends_and_the_deepest_drawdown() -> None:
    result = run(Swing, bars=9_999, timeframe="1m")
    equity = result.equity.floats("equity")

    drawn = charts.equity_points(result, DAYS)

    assert len(drawn["x"]) <= charts.MAX_POINTS
    assert drawn["x"][0] == 0
    assert drawn["x"][-1] == 9_998
    assert max(drawn["equity"]) == pytest.approx(equity.max(), abs=0.01)
    assert min(drawn["equity"]) == pytest.approx(equity.min(), abs=0.01)
    deepest = drawdown_ratios(np.concatenate(([100_000.0], equity))).max()
    assert min(drawn["drawdown"]) == pytest.approx(-100 * deepest, abs=0.001)


def test_drawdown_counts_from_the_initial_capital() -> None:
    fell = Table({"equity": np.array([90_000.0, 95_000.0, 101_000.0])})
    result = replace(run(Idle, bars=3), equity=fell)

    assert charts.equity_points(result, DAYS)["drawdown"] == [-10.0, -5.0, 0.0]


def test_each_closing_fill_carries_what_it_earned() -> None:
    result = run(Swing, bars=60)

    groups = charts.marks(result, DAYS)["groups"]

    assert set(groups) == {"long_entry", "long_exit"}
    assert groups["long_entry"]["pnl"] == [None] * len(groups["long_entry"]["pnl"])
    earned = result.round_trips.floats("pnl").round(2).tolist()
    assert groups["long_exit"]["pnl"] == pytest.approx(earned)


def test_a_fill_that_turns_the_position_over_is_neither_entry_nor_exit() -> None:
    groups = charts.marks(run(Flip), DAYS)["groups"]

    assert set(groups) == {"long_entry", "to_short", "to_long"}
    assert len(groups["long_entry"]["x"]) == 1


def test_a_mark_stands_at_the_bar_and_price_of_its_fill() -> None:
    result = run(Hold)

    mark = charts.marks(result, DAYS)["groups"]["long_entry"]

    assert mark["x"] == [1]
    assert Decimal(str(mark["price"][0])) == next(result.fills.rows())["price"]


def test_too_many_marks_keep_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "MAX_MARKS", 4)

    drawn = charts.marks(run(Swing, bars=60), DAYS)

    assert drawn["total"] == 59
    assert sorted(x for group in drawn["groups"].values() for x in group["x"]) == [56, 57, 58, 59]


@given(results)
def test_a_distribution_counts_every_result_once_and_parts_gains_from_losses(
    pnl: FloatArray,
) -> None:
    drawn = charts.distribution(pnl)

    assert sum(drawn["count"]) == len(pnl)
    assert len(drawn["count"]) <= charts.MAX_BINS
    losses = [n for left, n in zip(drawn["left"], drawn["count"], strict=True) if left < 0]
    assert sum(losses) == (pnl < 0).sum()


def test_no_results_make_an_empty_distribution() -> None:
    assert charts.distribution(np.empty(0)) == {"left": [], "step": 0.0, "count": []}


def test_intraday_times_are_those_of_the_market() -> None:
    bars = Bars.of("x.LOCAL", "5m", ts=[0], open=[1], high=[1], low=[1], close=[1])

    assert LocalClock.of(bars, "Asia/Shanghai").show(0) == "1970-01-01 08:00"
