"""Combinatorially symmetric cross-validation against a plain twin, on noise and on an edge."""

import time
from dataclasses import fields
from itertools import combinations
from math import comb

import numpy as np
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import WrongShape, backtest_overfitting, block_bounds, block_sums


def sums_of(returns: FloatArray, blocks: int = 16) -> FloatArray:
    return np.array([block_sums(one, blocks) for one in returns])


def noise(trials: int, days: int = 320, *, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((trials, days)) * 0.01


def plain_twin(
    returns: FloatArray, blocks: int
) -> dict[tuple[int, ...], tuple[int, float, float, float]]:
    """Chosen trial, its ratio in and out of sample and its logit, for each half of the blocks."""
    bounds = block_bounds(returns.shape[1], blocks)
    parts = [np.arange(bounds[one], bounds[one + 1]) for one in range(blocks)]
    found = {}
    for half in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[one] for one in half])
        outside = np.setdiff1d(np.arange(returns.shape[1]), inside)
        before, after = (
            returns[:, days].mean(axis=1) / returns[:, days].std(axis=1, ddof=1)
            for days in (inside, outside)
        )
        best = int(before.argmax())
        rank = 1 + int((after < after[best]).sum())
        share = rank / (len(returns) + 1)
        logit = float(np.log(share / (1 - share)))
        found[half] = (best, float(before[best]), float(after[best]), logit)
    return found


@pytest.mark.parametrize(("trials", "blocks", "days"), [(7, 6, 61), (30, 8, 200), (2, 4, 40)])
def test_every_split_is_that_of_the_plain_twin(trials: int, blocks: int, days: int) -> None:
    returns = noise(trials, days, seed=trials)

    measured = backtest_overfitting(sums_of(returns, blocks))

    twin = plain_twin(returns, blocks)
    assert measured.splits == len(twin) == comb(blocks, blocks // 2)
    ours = zip(
        measured.chosen.tolist(),
        measured.sharpe_in.tolist(),
        measured.sharpe_out.tolist(),
        measured.logits.tolist(),
        strict=True,
    )
    assert np.array(sorted(ours)) == pytest.approx(np.array(sorted(twin.values())), rel=1e-9)
    outside = np.array([one[2] for one in twin.values()])
    assert measured.probability == np.mean([one[3] <= 0 for one in twin.values()])
    assert measured.loss_probability == (outside < 0).mean()
    inside = np.array([one[1] for one in twin.values()])
    assert [measured.slope, measured.intercept] == pytest.approx(np.polyfit(inside, outside, 1))


def test_choosing_among_noise_fails_every_second_time() -> None:
    found = [backtest_overfitting(sums_of(noise(20, seed=seed))) for seed in range(60)]

    assert np.mean([one.probability for one in found]) == pytest.approx(0.5, abs=0.06)
    assert np.mean([one.loss_probability for one in found]) == pytest.approx(0.5, abs=0.06)


def test_a_planted_edge_is_chosen_and_holds() -> None:
    returns = noise(200, 1_000)
    returns[42] += 0.003

    found = backtest_overfitting(sums_of(returns))

    assert (found.chosen == 42).all()
    assert found.probability < 0.01
    assert found.loss_probability < 0.01
    assert found.splits == 12_870


def test_threads_change_no_digit() -> None:
    sums = sums_of(noise(150))

    alone, three = backtest_overfitting(sums, workers=1), backtest_overfitting(sums, workers=3)

    for field in fields(alone):
        assert np.array_equal(getattr(alone, field.name), getattr(three, field.name))


def test_equal_trials_share_their_rank_and_look_like_nothing_learnt() -> None:
    returns = np.repeat(noise(1), 5, axis=0)

    found = backtest_overfitting(sums_of(returns))

    assert (found.chosen == 0).all()
    assert found.logits == pytest.approx(np.zeros(found.splits))


def test_a_trial_that_never_traded_has_a_ratio_of_zero() -> None:
    returns = noise(3)
    returns[1] = 0.0
    returns[0] -= 0.05
    returns[2] -= 0.05

    found = backtest_overfitting(sums_of(returns))

    assert (found.chosen == 1).all()
    assert (found.sharpe_out == 0).all()
    assert found.probability == 0.0
    assert np.isnan(found.slope)


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [((1, 16, 3), "2 trials"), ((5, 15, 3), "even number"), ((5, 22, 3), "20 at most")],
)
def test_what_cannot_be_halved_is_refused(shape: tuple[int, ...], wanted: str) -> None:
    with pytest.raises(WrongShape, match=wanted):
        backtest_overfitting(np.ones(shape))


def test_trials_over_other_days_are_refused() -> None:
    sums = np.array([block_sums(noise(1, days)[0]) for days in (160, 176)])

    with pytest.raises(WrongShape, match="the same days"):
        backtest_overfitting(sums)


@pytest.mark.soak
def test_over_many_grids_of_noise_every_second_choice_fails() -> None:
    for trials, days in ((50, 500), (300, 1_000)):
        found = [
            backtest_overfitting(sums_of(noise(trials, days, seed=seed))) for seed in range(150)
        ]

        assert np.mean([one.probability for one in found]) == pytest.approx(0.5, abs=0.03)
        assert np.mean([one.loss_probability for one in found]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.soak
def test_ten_thousand_trials_take_about_a_second() -> None:
    sums = sums_of(noise(10_000, 320))
    backtest_overfitting(sums[:100])

    started = time.process_time()
    backtest_overfitting(sums)

    assert time.process_time() - started < 4.0


def test_it_is_shown_without_its_columns() -> None:
    shown = repr(backtest_overfitting(sums_of(noise(8))))

    assert shown.startswith("Overfitting(trials=8, splits=12870, probability=0.")
    assert "array" not in shown
