from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

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
from tests.library.report.runs import SYMBOLS, Flip, Hold, Idle, Swing, rove, run

DAYS = LocalClock(None, has_seconds=False)
results = hnp.arrays(
    np.float64,
    st.integers(1, 200),
    elements=st.floats(-1e7, 1e7).map(lambda value: round(value, 2)),
)


curves = hnp.arrays(
    np.float64, st.integers(1, 600), elements=st.floats(-1e6, 1e6).map(lambda one: round(one, 3))
)


def test_few_bars_are_drawn_as_they_are() -> None:
    result = run(Idle, bars=50)

    drawn = charts.candles(result, result.bars, DAYS)

    assert drawn["per"] == 1
    assert drawn["x"] == list(range(50))
    assert drawn["high"] == result.bars.high.tolist()
    assert [DAYS.spell(one) for one in drawn["start"][:2]] == ["2020-01-01", "2020-01-02"]


def test_many_bars_become_candles_that_keep_every_extreme() -> None:
    result = run(Idle, bars=4_501, timeframe="1m")

    drawn = charts.candles(result, result.bars, DAYS)

    assert drawn["per"] == 3
    assert len(drawn["x"]) == 1_501
    assert drawn["open"][1] == result.bars.open[3]
    assert drawn["high"][1] == result.bars.high[3:6].max()
    assert drawn["low"][1] == result.bars.low[3:6].min()
    assert drawn["close"][-1] == result.bars.close[-1]


@given(first=curves, second=curves, most=st.integers(8, 200))
def test_thinning_keeps_both_ends_and_the_extremes_of_every_column(
    first: FloatArray, second: FloatArray, most: int
) -> None:
    length = min(len(first), len(second))
    columns = (first[:length], second[:length])

    rows = charts.kept_rows(columns, most)

    assert {0, length - 1} <= set(rows.tolist())
    assert len(rows) <= max(most, 8) + 6
    for values in columns:
        assert values[rows].min() == values.min()
        assert values[rows].max() == values.max()


@given(first=curves, second=curves, most=st.integers(4, 200))
def test_thinned_dots_keep_the_furthest_ones(
    first: FloatArray, second: FloatArray, most: int
) -> None:
    length = min(len(first), len(second))
    columns = (first[:length], second[:length])

    rows = charts.spread_rows(columns, most)

    assert len(rows) <= most + 4
    for values in columns:
        assert values[rows].min() == values.min()
        assert values[rows].max() == values.max()


@pytest.mark.untraced
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
    idle = run(Idle, bars=3)
    fell = Table({**dict(idle.equity.items()), "equity": np.array([90_000.0, 95_000.0, 101_000.0])})

    drawn = charts.equity_points(replace(idle, equity=fell), DAYS)

    assert drawn["drawdown"] == [-10.0, -5.0, 0.0]


def test_each_closing_fill_carries_what_it_earned() -> None:
    result = run(Swing, bars=60)

    drawn = charts.marks(result, DAYS)["DEMO.LOCAL"]

    earned = dict.fromkeys(kinds(drawn), 0)
    assert set(earned) == {"long_entry", "long_exit"}
    pnl = [one for one in drawn["pnl"] if one is not None]
    assert pnl == pytest.approx(result.round_trips.floats("pnl").round(2).tolist())


def test_a_fill_that_turns_the_position_over_is_neither_entry_nor_exit() -> None:
    did = kinds(charts.marks(run(Flip), DAYS)["DEMO.LOCAL"])

    assert set(did) == {"long_entry", "to_short", "to_long"}
    assert did.count("long_entry") == 1


def test_a_mark_stands_at_the_bar_and_price_of_its_fill() -> None:
    result = run(Hold)

    mark = charts.marks(result, DAYS)["DEMO.LOCAL"]

    assert mark["x"] == [1]
    assert Decimal(str(mark["price"][0])) == next(result.fills.rows())["price"]


@pytest.mark.untraced
def test_every_fill_of_a_long_run_is_marked() -> None:
    result = run(Swing, bars=9_000, timeframe="1m")

    mark = charts.marks(result, DAYS)["DEMO.LOCAL"]

    assert mark["price"] == result.fills.floats("price").tolist()
    at = np.searchsorted(result.bars.ts, result.fills["ts_ns"].astype(np.int64))
    assert np.cumsum(mark["x"]).tolist() == at.tolist()


def test_marks_of_several_instruments_stand_by_their_own_prices() -> None:
    result = rove()

    drawn = charts.instruments(result, DAYS)

    assert [one["symbol"] for one in drawn] == list(SYMBOLS)
    assert sum(len(one["marks"]["x"]) for one in drawn) == len(result.fills)
    for one in drawn:
        low, high = min(one["candles"]["low"]), max(one["candles"]["high"])
        assert all(low <= price <= high for price in one["marks"]["price"])
        earned = sum(pnl for pnl in one["marks"]["pnl"] if pnl is not None)
        of_symbol = result.round_trips["symbol"] == one["symbol"]
        assert earned == pytest.approx(result.round_trips.floats("pnl")[of_symbol].sum(), abs=1)


@pytest.mark.untraced
def test_many_instruments_share_the_candles() -> None:
    result = rove(600, symbols=tuple(f"S{place}.LOCAL" for place in range(50)))

    drawn = charts.instruments(result, DAYS)

    assert {len(one["candles"]["x"]) for one in drawn} == {300}


def test_a_benchmark_grows_from_the_capital_by_its_own_returns() -> None:
    result = rove()
    assert result.benchmark is not None

    drawn = charts.benchmark_points(result)

    assert drawn is not None
    assert drawn["symbol"] == "INDEX.LOCAL"
    growth = np.prod(1 + np.nan_to_num(result.benchmark.returns))
    assert drawn["value"][-1] == pytest.approx(100_000 * growth, abs=0.01)


def test_exposure_is_told_for_each_hundred_of_equity() -> None:
    drawn = charts.exposure_points(run(Hold, bars=50))

    assert drawn["net"][0] == 0
    assert drawn["net"][-1] == pytest.approx(95, abs=1)
    assert drawn["net"] == drawn["gross"]


def test_daily_returns_are_counted_beside_a_normal_distribution() -> None:
    result = run(Hold)

    drawn = charts.daily_returns(result)

    assert drawn is not None
    assert sum(drawn["count"]) == 300
    assert sum(drawn["normal"]) == pytest.approx(300, rel=0.02)
    assert drawn["value_at_risk"] / 100 == pytest.approx(result.metrics.value_at_risk_ratio)


def test_a_run_too_short_has_no_rolling_figures_and_no_returns() -> None:
    result = run(Hold, bars=1)

    assert charts.rolling_points(result) is None
    assert charts.daily_returns(result) is None
    assert charts.excursion_dots(result) is None


def test_dots_are_coloured_by_what_was_earned() -> None:
    result = run(Swing, bars=60)

    dots = charts.excursion_dots(result)

    assert dots is not None
    assert dots["won"] == (result.round_trips.floats("pnl") > 0).astype(int).tolist()
    assert min(dots["adverse"]) >= 0
    assert min(dots["favourable"]) >= 0


def kinds(drawn: dict[str, Any]) -> list[str]:
    return [charts.MARKS[code] for code in drawn["kind"]]


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


@given(st.lists(st.integers(0, 2_000_000_000), min_size=1, max_size=50))
def test_seconds_of_the_markets_clock_are_those_of_its_zone(moments: list[int]) -> None:
    clock = LocalClock(ZoneInfo("America/New_York"), has_seconds=True)

    shown = clock.seconds(np.array(moments) * 1_000_000_000)

    local = [datetime.fromtimestamp(one, ZoneInfo("America/New_York")) for one in moments]
    assert [clock.spell(one) for one in shown.tolist()] == [
        f"{one:%Y-%m-%d %H:%M:%S}" for one in local
    ]
