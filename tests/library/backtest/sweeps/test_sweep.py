"""What a sweep is given and gives back."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import Sweep, TrialLedger, sweep
from quantloom.backtest.sweeps import (
    BadWorkers,
    NoSets,
    NoSetWorked,
    NoSuchColumn,
    SetRefused,
    SweepsDiffer,
    merge_sweeps,
    split_space,
)
from quantloom.market import Bar
from quantloom.performance import block_sums, power_sums, trial_shapes
from quantloom.strategy import BadParameter, Context, Strategy
from quantloom.strategy.presets import SmaCross
from tests.library.backtest.sweeps.builders import differences, stock, walk

BARS = walk(1200)
GRID = {"fast": [4, 8, 16], "slow": [12, 24, 48]}


def swept(space: object = GRID, **settings: object) -> Sweep:
    settings = {"instrument": stock(), "size": 1, "commission": 0.001} | settings
    return sweep(SmaCross, BARS, space, **settings)  # type: ignore[arg-type]


def test_a_grid_has_every_combination_and_its_last_name_changes_fastest() -> None:
    found = swept()

    assert found["fast"].tolist() == [4, 4, 4, 8, 8, 8, 16, 16, 16]
    assert found["slow"].tolist() == [12, 24, 48] * 3


def test_a_list_of_sets_keeps_its_order_and_fills_in_defaults() -> None:
    found = swept([{"slow": 40}, {"fast": 3}, {}])

    assert [found.set(row) for row in range(3)] == [
        {"fast": 10, "slow": 40},
        {"fast": 3, "slow": 30},
        {"fast": 10, "slow": 30},
    ]


def test_parameters_that_all_sets_share_are_given_once() -> None:
    found = swept({"fast": [4, 8]}, parameters={"slow": 33})

    assert found["slow"].tolist() == [33, 33]


def test_a_set_that_the_strategy_refuses_is_a_row_with_its_problem() -> None:
    found = swept({"fast": [16, 4], "slow": [12]})

    assert found.problems[0] == "SmaCross: parameter fast is 16; it must be below slow, 12"
    assert np.isnan(found["sharpe_ratio"][0])
    assert not found.problems[1]
    with pytest.raises(SetRefused, match="fast is 16"):
        found.run(0)


def test_a_value_out_of_bounds_is_a_problem_of_its_sets() -> None:
    found = swept({"fast": [1, 4], "slow": [12]})

    assert "it goes from 2 to 200" in found.problems[0]
    assert found.executors.tolist() == ["", "fused"]


def test_an_unknown_parameter_is_refused_at_once() -> None:
    with pytest.raises(BadParameter, match="fasst does not exist"):
        swept({"fasst": [3]})


@pytest.mark.parametrize("space", [{"fast": []}, []])
def test_a_space_without_a_set_is_refused(space: object) -> None:
    with pytest.raises(NoSets):
        swept(space)


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_the_number_of_workers_changes_no_byte(workers: int) -> None:
    one, several = swept(workers=1), swept(workers=workers)

    assert all(one[name].tobytes() == several[name].tobytes() for name in one.metrics)
    assert one.blocks.tobytes() == several.blocks.tobytes()
    assert one.powers.tobytes() == several.powers.tobytes()


def test_no_worker_is_refused() -> None:
    with pytest.raises(BadWorkers):
        swept(workers=0)


def test_merged_groups_are_the_whole_byte_for_byte() -> None:
    whole = swept()

    groups = split_space(SmaCross, GRID, 4)
    merged = merge_sweeps([swept(group) for group in groups])

    assert [len(group) for group in groups] == [2, 2, 2, 3]
    assert all(whole[name].tobytes() == merged[name].tobytes() for name in whole.metrics)
    assert whole.blocks.tobytes() == merged.blocks.tobytes()
    assert whole.problems.tolist() == merged.problems.tolist()
    assert np.array_equal(whole.equity(5), merged.equity(5))


def test_sweeps_of_different_runs_do_not_merge() -> None:
    with pytest.raises(SweepsDiffer, match="settings"):
        merge_sweeps([swept(), swept(cash=5)])
    with pytest.raises(SweepsDiffer, match="none"):
        merge_sweeps([])


def test_blocks_and_powers_are_those_of_the_daily_returns() -> None:
    found = swept()
    returns = found.run(1).daily["return"]

    assert np.allclose(found.blocks[1], block_sums(returns), rtol=1e-9, atol=1e-18)
    assert np.allclose(found.powers[1], power_sums(returns), rtol=1e-9, atol=1e-24)
    shapes = trial_shapes(found.blocks[1:2], found.powers[1:2])
    assert shapes.sharpe[0] * np.sqrt(365) == pytest.approx(found["sharpe_ratio"][1], rel=1e-9)


def test_the_best_set_is_found_by_any_measure() -> None:
    found = swept()

    assert found.best("total_return") == int(np.nanargmax(found["total_return"]))
    lowest = found.best("max_drawdown_ratio", highest=False)
    assert lowest == int(np.nanargmin(found["max_drawdown_ratio"]))
    with pytest.raises(NoSuchColumn, match="sharp"):
        found.best("sharp")
    with pytest.raises(NoSetWorked, match="it must be below slow"):
        swept({"fast": [20], "slow": [10]}).best()


def test_a_table_has_a_row_for_each_set() -> None:
    table = swept().table()

    assert len(table) == 9
    assert {"fast", "slow", "sharpe_ratio", "executor", "problem"} <= set(table.keys())
    assert "9 sets of SmaCross" in repr(swept())


def test_progress_is_told_and_what_it_raises_stops_the_sweep() -> None:
    told: list[tuple[int, int]] = []
    swept(progress=lambda done, total: told.append((done, total)))

    assert told[-1] == (8 * 1200, 8 * 1200)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        swept(progress=stop)
    assert threading.active_count() == before


def test_a_warm_up_is_seen_and_not_traded() -> None:
    start = BARS.ts[600].astype("datetime64[ns]").astype("datetime64[us]").item()

    found = swept({"fast": [4], "slow": [48, 100]}, start=start, warm_up=200)

    assert found.warm_up == 200
    assert found["trading_days"][0] == len(found.run(0).daily["day"])
    assert differences(found) == []


class Patient(SmaCross):
    """The preset with a rule of its own, which its plan does not know."""

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if bar.close > 0 and len(ctx.history(50)) == 50:
            super().on_bar(ctx, bar)


def test_a_subclass_of_a_preset_is_not_taken_for_it() -> None:
    found = sweep(Patient, BARS, {"fast": [4], "slow": [12]}, instrument=stock(), size=1)

    assert found.executor == "backtests"
    assert differences(found) == []


class Crash(Strategy):
    """Refuses to start."""

    def initialize(self, ctx: Context) -> None:
        raise self.refuse("none", "is never right")

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        raise AssertionError("a strategy that refuses is not run")


def test_what_a_strategy_refuses_by_whole_backtests_is_a_row_too() -> None:
    found = sweep(Crash, BARS, [{}], instrument=stock(), size=1)

    assert found.problems.tolist() == ["Crash: parameter none is never right"]
    assert found.executor == "nothing"


def test_a_sweep_of_one_curve_is_the_run_itself() -> None:
    found = swept()

    assert np.allclose(found.equity(2), found.run(2).equity["equity"], rtol=0, atol=1e-6)


def test_settings_of_the_run_stay_in_it() -> None:
    found = swept(cash=50_000)

    assert replace(found.prepared.spec, parameters={}).cash == 50_000
    assert found.run(1).spec.parameters == {"fast": 4, "slow": 24}


def test_a_sweep_counts_all_its_sets_at_once_and_its_winner_is_judged_by_them(
    tmp_path: Path,
) -> None:
    found, again = swept(trials=tmp_path), swept(trials=tmp_path)

    ran = int((found.executors != "").sum())
    assert found.trials is not None
    assert found.trials == again.trials
    assert found.trials.count == ran < len(found)
    (lineage,) = TrialLedger(tmp_path).list()
    assert (lineage.lineage.name, lineage.sums) == ("SmaCross", found.trials)
    known = found["sharpe_ratio"][found.executors != ""]
    assert found.trials.measured == np.isfinite(known).sum()
    winner = found.run(found.best())
    assert winner.metrics.trial_count == ran
    assert (winner.metrics.deflated_sharpe_ratio or 1) < (
        winner.metrics.probabilistic_sharpe_ratio or 0
    )


def test_a_sweep_that_is_not_counted_leaves_its_winner_uncounted() -> None:
    found = swept(trials=False)

    assert found.trials is None
    assert found.run(found.best()).trials is None


def test_a_sweep_counts_with_all_its_sets_and_the_same_one_once(tmp_path: Path) -> None:
    for _ in range(2):
        swept(trials=tmp_path)

    (lineage,) = TrialLedger(tmp_path).list()
    assert lineage.sums.count == 8
