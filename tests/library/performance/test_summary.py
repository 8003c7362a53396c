import math
import time
from dataclasses import fields
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    METRICS,
    REASONS,
    Excursions,
    NotFinite,
    NotPositive,
    ReasonKey,
    Summary,
    WrongShape,
    annual_return,
    beta,
    calmar_ratio,
    find_max_drawdown,
    longest_drawdown,
    sharpe_ratio,
    simple_returns,
    sortino_ratio,
)
from tests.library.performance.curves import make_equity, make_summary, make_trips

NEED_A_YEAR = (
    "annual_return",
    "annual_volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "calmar_ratio",
)


def test_every_measure_has_its_line_in_the_catalogue_and_no_other() -> None:
    assert [field.name for field in fields(Summary)] == [*METRICS, "reasons"]
    assert all(name == metric.name for name, metric in METRICS.items())


def test_labels_are_there_in_both_languages_and_do_not_repeat() -> None:
    english = {metric.label_en for metric in METRICS.values()}
    chinese = {metric.label_zh for metric in METRICS.values()}

    assert len(english) == len(chinese) == len(METRICS)
    assert all(label.isascii() for label in english)
    assert not any(label.isascii() for label in chinese)


def test_counts_are_whole_numbers_and_measures_are_plain_floats() -> None:
    by_name = make_summary([101.0, 99.0, 102.0]).as_dict()

    whole = {name for name, value in by_name.items() if type(value) is int}
    assert {type(value) for value in by_name.values()} == {int, float, type(None)}
    assert all(METRICS[name].unit in {"count", "days"} for name in whole)


def test_a_summary_agrees_with_the_measures_it_is_made_of() -> None:
    curve = make_equity(initial=100.0)

    summary = make_summary(curve[1:], periods_per_year=365, risk_free=1e-4)

    deepest = find_max_drawdown(curve)
    assert deepest is not None
    assert summary.annual_return == annual_return(curve, 365)
    assert summary.sharpe_ratio == sharpe_ratio(simple_returns(curve), 365, 1e-4)
    assert summary.sortino_ratio == sortino_ratio(simple_returns(curve), 365, 1e-4)
    assert summary.calmar_ratio == calmar_ratio(curve, 365)
    assert summary.max_drawdown_ratio == deepest.depth_ratio
    assert summary.max_drawdown_days == deepest.length
    assert summary.longest_drawdown_days == longest_drawdown(curve)


def test_the_first_day_is_measured_against_the_initial_equity() -> None:
    summary = make_summary([90.0, 95.0])

    assert (summary.net_profit, summary.max_drawdown_days) == (-5.0, 2)
    assert summary.total_return == pytest.approx(-0.05)
    assert summary.max_drawdown_ratio == pytest.approx(0.1)


def test_what_happens_within_a_day_does_not_change_a_ratio() -> None:
    daily = make_summary([101.0, 99.0, 103.0])

    minutes = make_summary(
        [150.0, 101.0, 50.0, 99.0, 103.0],
        days=np.array(daily_dates(0, 0, 1, 1, 2)),
    )

    assert minutes.reasons == daily.reasons
    assert known(minutes) == pytest.approx(known(daily))


def known(summary: Summary) -> dict[str, float]:
    return {name: value for name, value in summary.as_dict().items() if value is not None}


def daily_dates(*offsets: int) -> list[np.datetime64]:
    return [np.datetime64("2024-01-02") + offset for offset in offsets]


def test_exposure_sees_every_point_and_turnover_every_day() -> None:
    summary = make_summary(
        [100.0, 100.0, 100.0, 100.0],
        days=np.array(daily_dates(0, 0, 1, 1)),
        quantity=[0.0, 1.0, 1.0, -1.0],
        traded_notional=300.0,
        periods_per_year=4,
    )

    assert (summary.exposure_ratio, summary.turnover_ratio) == (0.75, 6.0)


def test_trips_and_costs_are_carried_over() -> None:
    summary = make_summary(
        [101.0], round_trips=make_trips([3.0, -2.0]), commission=1.5, slippage=0.5
    )

    assert (summary.round_trip_count, summary.win_rate, summary.profit_factor) == (2, 0.5, 1.5)
    assert (summary.commission, summary.slippage) == (1.5, 0.5)


def test_without_points_nothing_was_earned_and_nothing_else_is_known() -> None:
    summary = make_summary([])

    assert (summary.total_return, summary.trading_days, summary.final_equity) == (0.0, 0, 100.0)
    assert {summary.reasons[name] for name in NEED_A_YEAR} == {"few_days"}
    assert summary.reasons["exposure_ratio"] == "no_points"
    assert summary.reasons["ulcer_index"] == "no_days"


@pytest.mark.parametrize("equity", [[0.0, 50.0, 60.0], [50.0, 60.0, -10.0]])
def test_a_ruined_run_keeps_its_loss_and_no_ratio(equity: list[float]) -> None:
    summary = make_summary(equity)

    assert {getattr(summary, name) for name in NEED_A_YEAR} == {None}
    assert {summary.reasons[name] for name in NEED_A_YEAR} == {"ruined"}
    assert summary.total_return == pytest.approx(equity[-1] / 100 - 1)
    assert summary.max_drawdown_ratio >= 1.0


def test_equity_that_never_moves_has_no_ratio() -> None:
    summary = make_summary([100.0] * 10)

    assert (summary.annual_return, summary.annual_volatility) == (0.0, 0.0)
    assert summary.reasons["sharpe_ratio"] == "steady_returns"
    assert summary.reasons["sortino_ratio"] == "no_losing_days"
    assert summary.reasons["calmar_ratio"] == "no_drawdown"


@pytest.mark.parametrize("name", ["equity", "quantity"])
def test_an_unknown_point_is_refused(name: str) -> None:
    with pytest.raises(NotFinite, match=name):
        make_summary(**{"equity": [1.0, 2.0]} | {name: [1.0, np.nan]})


@pytest.mark.parametrize("name", ["commission", "slippage"])
def test_an_unknown_cost_is_refused(name: str) -> None:
    with pytest.raises(NotFinite, match=name):
        make_summary([1.0, 2.0], **{name: np.nan})


def test_a_position_for_every_point_is_demanded() -> None:
    with pytest.raises(WrongShape, match="quantity"):
        make_summary([1.0, 2.0], quantity=[1.0])


def test_a_run_starts_with_money() -> None:
    with pytest.raises(NotPositive, match="initial"):
        make_summary([1.0, 2.0], initial=0.0)


def test_a_million_points_are_summarised_at_once() -> None:
    points = 1_000_000
    equity = make_equity(points)[1:]
    trips = make_trips(np.sin(np.arange(points // 10)).tolist())
    days = np.arange(points).astype("datetime64[D]")

    started = time.process_time()
    make_summary(equity, days=days, round_trips=trips)

    # Measured near 0.5 s; the bound only catches a loop over points.
    assert time.process_time() - started < 3.0


def test_a_measure_has_a_value_or_a_reason_never_both() -> None:
    summary = make_summary([101.0, 99.0, 102.0], round_trips=make_trips([3.0]))

    without = {name for name, value in summary.as_dict().items() if value is None}
    assert without == set(summary.reasons)
    assert summary.reasons["payoff_ratio"] == "no_losses"
    assert summary.reasons["probabilistic_sharpe_ratio"] == "few_days_for_shape"
    assert summary.reasons["beta"] == "no_benchmark"


def to_the_cent(amount: float) -> float:
    return round(amount, 2)


@given(
    st.lists(st.floats(-1e3, 1e6).map(to_the_cent), max_size=8),
    st.lists(st.one_of(st.floats(-1, 1), st.just(math.nan)), min_size=8, max_size=8),
    st.lists(st.floats(-1e6, 1e6).map(to_the_cent), max_size=5),
    st.booleans(),
)
def test_no_measure_is_ever_nan_or_infinite_and_every_gap_has_its_own_reason(
    equity: list[float], market: list[float], pnl: list[float], is_compared: bool
) -> None:
    summary = make_summary(
        equity,
        benchmark=market[: len(equity)] if is_compared else None,
        round_trips=make_trips(pnl),
    )

    values = summary.as_dict()
    assert all(value is None or math.isfinite(value) for value in values.values())
    assert {name for name, value in values.items() if value is None} == set(summary.reasons)
    for name, reason in summary.reasons.items():
        assert reason in (*METRICS[name].reasons, "beyond_float")


def test_every_reason_is_told_in_both_languages_and_belongs_to_a_measure() -> None:
    used = {reason for metric in METRICS.values() for reason in metric.reasons}

    assert set(REASONS) == set(get_args(ReasonKey)) == used | {"beyond_float"}
    assert all(reason.text_en.isascii() for reason in REASONS.values())
    assert not any(reason.text_zh.isascii() for reason in REASONS.values())


def test_a_benchmark_is_compared_on_the_days_it_is_known() -> None:
    curve = make_equity(300, initial=100.0)
    market = simple_returns(make_equity(300, seed=9))
    gaps = np.where(np.arange(300) % 7 == 0, np.nan, market)

    summary = make_summary(curve[1:], benchmark=gaps)

    known_days = np.isfinite(gaps)
    assert summary.beta == beta(simple_returns(curve)[known_days], market[known_days])


def test_a_run_that_is_its_own_benchmark_has_beta_one_and_no_information_ratio() -> None:
    curve = make_equity(300, initial=100.0)

    summary = make_summary(curve[1:], benchmark=simple_returns(curve))

    assert summary.beta == pytest.approx(1.0)
    assert summary.up_capture == pytest.approx(1.0)
    assert summary.alpha == pytest.approx(0.0)
    assert summary.benchmark_return == pytest.approx(summary.total_return)
    assert summary.reasons["information_ratio"] == "steady_difference"


def test_a_benchmark_of_other_days_is_refused() -> None:
    with pytest.raises(WrongShape, match="benchmark"):
        make_summary([1.0, 2.0], benchmark=[0.1])


def test_excursions_are_summed_up() -> None:
    ratios = np.array([-0.01, -0.03]), np.array([0.02, 0.06])
    excursions = Excursions(*ratios, *ratios)

    summary = make_summary([101.0], round_trips=make_trips([3.0, -2.0]), excursions=excursions)

    assert summary.average_adverse_ratio == pytest.approx(-0.02)
    assert summary.average_favourable_ratio == pytest.approx(0.04)
    assert summary.edge_ratio == pytest.approx(2.0)


def test_a_summary_is_judged_as_the_best_of_many_trials() -> None:
    summary = make_summary(make_equity(300, seed=3)[1:])

    alone, many = summary.deflated(1, 0.01, 252), summary.deflated(100, 0.001, 252)

    assert summary.reasons["trial_count"] == "trials_not_counted"
    assert alone.deflated_sharpe_ratio == pytest.approx(summary.probabilistic_sharpe_ratio)
    assert (many.deflated_sharpe_ratio or 1) < (alone.deflated_sharpe_ratio or 0)
    assert many.trial_count == 100
    assert not {"trial_count", "deflated_sharpe_ratio"} & many.reasons.keys()
    assert many.deflated(100, 0.001, 252) == many


def test_a_run_too_short_for_a_probability_is_not_deflated_either() -> None:
    judged = make_summary([101.0, 99.0]).deflated(10, 0.01, 252)

    assert judged.deflated_sharpe_ratio is None
    assert judged.reasons["deflated_sharpe_ratio"] == "few_days_for_shape"
    assert judged.trial_count == 10


def test_a_track_record_is_told_in_whole_days_and_only_of_a_ratio_above_zero() -> None:
    rising = make_summary(make_equity(300, seed=3)[1:])
    falling = make_summary(100.0 * 2 - make_equity(300, seed=3, initial=100.0)[1:])

    known = [one for one in (rising, falling) if (one.sharpe_ratio or 0) > 0]
    unknown = [one for one in (rising, falling) if (one.sharpe_ratio or 0) <= 0]

    assert len(known) == len(unknown) == 1
    assert (known[0].minimum_track_record_days or 0.5).is_integer()
    assert unknown[0].reasons["minimum_track_record_days"] == "no_excess"
