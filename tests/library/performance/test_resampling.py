"""Block lengths against theory, and what a stationary bootstrap draws."""

import numpy as np
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import NotPositive, optimal_block_length, stationary_rows


def autoregressive(share: float, days: int, seed: int = 0) -> FloatArray:
    shocks = np.random.default_rng(seed).standard_normal(days)
    values = np.empty(days)
    values[0] = shocks[0]
    for day in range(1, days):
        values[day] = share * values[day - 1] + shocks[day]
    return values


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_the_length_is_the_one_that_theory_has_for_an_autoregression(share: float) -> None:
    # Patton, Politis and White (2009): (G / g(0))^(2/3) * n^(1/3), worked out for an AR(1)
    days = 4_000
    theory = (2 * share / (1 - share**2)) ** (2 / 3) * days ** (1 / 3)

    found = [optimal_block_length(autoregressive(share, days, seed)) for seed in range(8)]

    assert np.median(found) == pytest.approx(theory, rel=0.25)


def test_independent_days_need_short_blocks() -> None:
    found = [
        optimal_block_length(np.random.default_rng(seed).standard_normal(1_000))
        for seed in range(20)
    ]

    assert np.median(found) < 5


@pytest.mark.parametrize("values", [[0.01] * 50, [0.1, 0.2, -0.1], []])
def test_too_little_to_tell_gives_blocks_of_one(values: list[float]) -> None:
    assert optimal_block_length(values) == 1.0


def test_blocks_run_on_and_are_as_long_as_asked() -> None:
    rows = stationary_rows(500, block=10, draws=400, generator=np.random.default_rng(1))

    goes_on = (np.diff(rows, axis=1) % 500) == 1
    # a block ends with chance 1 / 10; one in 500 of new ones begins where the old one would go on
    assert goes_on.mean() == pytest.approx(0.9, abs=0.005)
    assert rows.min() == 0
    assert rows.max() == 499
    assert np.bincount(rows.ravel(), minlength=500) == pytest.approx(np.full(500, 400), rel=0.5)


def test_blocks_of_one_are_the_plain_bootstrap() -> None:
    rows = stationary_rows(300, block=1, draws=300, generator=np.random.default_rng(1))

    assert ((np.diff(rows, axis=1) % 300) == 1).mean() == pytest.approx(1 / 300, abs=0.002)


def test_the_same_seed_draws_the_same() -> None:
    one, other = (
        stationary_rows(50, block=5, draws=3, generator=np.random.default_rng(7)) for _ in range(2)
    )

    assert np.array_equal(one, other)


def test_nothing_to_draw_from_is_refused() -> None:
    with pytest.raises(NotPositive, match="days is 0"):
        stationary_rows(0, block=1, draws=1, generator=np.random.default_rng(0))
