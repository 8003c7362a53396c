"""Combinatorial purged cross-validation: counts, what is left out, and what comes of it."""

from collections.abc import Iterator, Mapping, Sequence
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest.optimise import (
    BadStudy,
    CrossValidation,
    Daily,
    EarlyStop,
    Folds,
    Span,
    Trial,
    cross_validate,
    load_validation,
)
from quantloom.backtest.optimise.folds import sharpe_of_sums
from quantloom.data import random_walk
from quantloom.performance import sharpe_ratio
from quantloom.performance.blocks import sums_between
from quantloom.strategy import Value
from tests.library.backtest.optimise.fakes import WALK, Tuned

DAILY = Span(keeps_daily=True)
DAYS = np.datetime64("2020-01-01") + np.arange(240)


class Drawn:
    """Gives each `fast` returns of its own, by a function."""

    executor = "drawn"

    def __init__(self, returns: Any) -> None:
        self.returns, self.asked = returns, 0

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = DAILY) -> Iterator[Trial]:
        for values in sets:
            self.asked += 1
            daily = Daily(DAYS, self.returns(values["fast"])) if span.keeps_daily else None
            yield Trial(parameters=values, daily=daily, powers=np.zeros(2))

    def close(self) -> None: ...


def noise(seed: Any) -> Any:
    return np.random.default_rng(seed).normal(0, 0.01, len(DAYS))


def validate(returns: Any = noise, **settings: Any) -> CrossValidation:
    return cross_validate(Tuned, WALK, {"fast": (1, 20)}, evaluator=Drawn(returns), **settings)


@pytest.mark.parametrize(
    ("groups", "tests", "splits", "paths"),
    [(6, 2, 15, 5), (4, 1, 4, 1), (5, 3, 10, 6), (10, 2, 45, 9)],
)
def test_splits_and_paths_are_as_many_as_the_formula_says(
    groups: int, tests: int, splits: int, paths: int
) -> None:
    folds = Folds(groups=groups, tests=tests)

    assert len(folds.splits) == splits == comb(groups, tests)
    assert folds.paths == paths == splits * tests // groups
    assert folds.path_splits().shape == (paths, groups)


def test_each_test_of_each_split_is_in_one_path_and_once() -> None:
    folds = Folds(groups=6, tests=2)

    used = [(int(split), group) for path in folds.path_splits() for group, split in enumerate(path)]

    assert len({*used}) == len(used) == 15 * 2
    assert all(group in folds.splits[split] for split, group in used)


@pytest.mark.parametrize(("groups", "tests"), [(6, 2), (5, 1), (4, 3)])
@pytest.mark.parametrize(("purge", "embargo"), [(0, 0), (3, 0), (2, 4)])
def test_no_day_of_training_lies_within_purge_or_embargo_of_a_test(
    groups: int, tests: int, purge: int, embargo: int
) -> None:
    folds = Folds(groups=groups, tests=tests, purge=purge, embargo=embargo)
    bounds = folds.bounds(240)
    piece_of = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    group_of = piece_of // 3

    for tested in folds.splits:
        is_test = np.isin(group_of, tested)
        is_trained = folds.training(tested).ravel()[piece_of]

        # Reckoned day by day, with nothing of how groups are cut.
        test_days = np.flatnonzero(is_test)
        wanted = [
            not is_test[day]
            and not any(day < at <= day + purge for at in test_days)
            and not any(at < day <= at + purge + embargo for at in test_days)
            for day in range(240)
        ]
        assert is_trained.tolist() == wanted


def test_groups_too_short_for_what_is_left_out_are_refused() -> None:
    with pytest.raises(BadStudy, match="12 days, and 15 are left out"):
        Folds(groups=20).bounds(240)


@pytest.mark.parametrize("folds", [{"tests": 6}, {"tests": 0}, {"purge": -1}, {"embargo": -1}])
def test_folds_must_make_sense(folds: dict[str, int]) -> None:
    with pytest.raises(BadStudy):
        Folds(**folds)


def test_sums_over_pieces_tell_the_sharpe_ratio() -> None:
    returns = noise(1)

    sums = sums_between(returns, Folds().bounds(len(returns))).sum(axis=0)

    assert sharpe_of_sums(sums) == pytest.approx(sharpe_ratio(returns, 1))
    assert np.isnan(sharpe_of_sums(np.array([5.0, 0.0, 0.0])))


def test_each_split_chooses_what_was_best_on_its_training_days() -> None:
    found = validate()

    for row, tested in enumerate(found.folds.splits):
        bounds = found.folds.bounds(240)
        pieces = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
        trained = found.folds.training(tested).ravel()[pieces]
        sharpes = [
            sharpe_ratio(noise(fast)[trained], found.periods_per_year) for fast in range(1, 21)
        ]
        assert found.chosen[row] == np.argmax(sharpes)
        assert found.inside[row] == pytest.approx(max(sharpes))
        assert found.training_days[row] == trained.sum()


def test_a_path_has_every_day_once_with_the_returns_of_what_was_chosen() -> None:
    found = validate()

    assert len(found.curves) == 5
    for path, curve in zip(found.folds.path_splits(), found.curves, strict=True):
        assert (curve.days == DAYS).all()
        for group, split in enumerate(path):
            days = slice(40 * group, 40 * (group + 1))
            fast = found.chosen[split] + 1
            assert curve.returns[days] == pytest.approx(noise(fast)[days])


def test_noise_earns_nothing_on_the_paths_and_an_edge_stays() -> None:
    def edged(fast: int) -> Any:
        return noise(fast) + (0.007 if fast == 7 else 0.0)

    luck, edge = validate(), validate(edged)

    assert luck.inside.mean() > 1.5
    assert abs(float(np.median(luck.sharpes))) < 1.5
    assert (edge.chosen == 6).all()
    assert edge.sharpes.min() > 2
    assert edge.loss_probability == 0


def test_backtests_are_cross_validated_and_go_on_after_a_stop(tmp_path: Path) -> None:
    bars = random_walk(150, seed=2, timeframe="1d")
    space = {"fast": range(3, 9, 2), "slow": (10, 20, 10)}
    terms: dict[str, Any] = {"workers": 1, "purge": 2, "embargo": 1}

    found = cross_validate("sma-cross", bars, space, folder=tmp_path, **terms)
    lines = (tmp_path / "trials.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "trials.jsonl").write_bytes(b"".join(lines[:2]))
    again = cross_validate("sma-cross", bars, space, folder=tmp_path, **terms)

    assert again.summary() == found.summary()
    assert (tmp_path / "trials.jsonl").read_bytes() == b"".join(lines)
    assert load_validation(tmp_path).summary() == found.summary() | {"executor": ""}


def test_the_summary_tells_how_sharpe_ratios_spread() -> None:
    told = validate().summary()

    assert told["folds"] == {"groups": 6, "tests": 2, "purge": 5, "embargo": 5}
    spread = told["sharpe_ratio"]
    assert spread["q05"] < spread["median"] < spread["q95"]
    assert len(told["paths"]) == 5
    assert len(told["splits"]) == 15
    assert told["splits"][0]["tests"] == "0, 1"


@pytest.mark.parametrize(
    "setting", [{"method": "bayesian"}, {"objective": "total_return"}, {"early_stop": EarlyStop()}]
)
def test_what_cannot_be_cross_validated_says_so(setting: dict[str, Any]) -> None:
    with pytest.raises(BadStudy):
        validate(**setting)
