"""White's reality check and Hansen's SPA: fair on noise, awake to an edge, not misled."""

import numpy as np
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import NotFinite, WrongShape, reality_check, superior_ability


def noise(trials: int, days: int = 250, *, seed: int = 0) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((days, trials)) * 0.01


def shares_below(values: list[float]) -> list[float]:
    return [float(np.mean(np.array(values) <= level)) for level in (0.05, 0.25, 0.5, 0.75)]


def test_on_noise_p_values_are_about_uniform() -> None:
    tested = [
        (
            reality_check(noise(10, seed=seed), draws=200, seed=seed).p_value,
            superior_ability(noise(10, seed=seed), draws=200, seed=seed).p_value,
        )
        for seed in range(150)
    ]

    white, hansen = ([one[which] for one in tested] for which in (0, 1))
    assert shares_below(white) == pytest.approx([0.05, 0.25, 0.5, 0.75], abs=0.12)
    assert shares_below(hansen) == pytest.approx([0.05, 0.25, 0.5, 0.75], abs=0.12)


def test_a_planted_edge_is_found_and_named() -> None:
    returns = noise(50, 1_000)
    returns[:, 31] += 0.002

    for test in (reality_check, superior_ability):
        found = test(returns, draws=300)
        assert found.best == 31
        assert found.p_value < 0.01


def test_hopeless_trials_mislead_the_reality_check_but_not_the_other() -> None:
    rng = np.random.default_rng(3)
    good = rng.standard_normal((500, 1)) * 0.01 + 0.0012
    hopeless = rng.standard_normal((500, 200)) * 0.05 - 0.02
    returns = np.hstack((good, hopeless))

    white = reality_check(returns, draws=300)
    hansen = superior_ability(returns, draws=300)

    assert hansen.best == 0
    assert hansen.p_value < 0.05
    assert white.p_value > 0.2
    assert hansen.p_lower <= hansen.p_value <= hansen.p_upper


def test_a_benchmark_takes_its_own_returns_off() -> None:
    market = noise(1, seed=1)
    returns = noise(5) + 0.003 + market

    beaten = superior_ability(returns, draws=200, benchmark=market[:, 0])
    not_beaten = superior_ability(returns, draws=200, benchmark=market[:, 0] + 0.004)

    assert beaten.p_value < 0.02
    assert not_beaten.p_value > 0.5
    assert not_beaten.statistic == 0.0


def test_dependent_days_are_drawn_in_blocks() -> None:
    shocks = noise(1, 2_000)[:, 0]
    smooth = np.convolve(shocks, np.ones(20) / 20, mode="same")[:, None]

    assert superior_ability(smooth, draws=50).block > 10
    assert superior_ability(smooth, draws=50, block=3).block == 3


def test_the_seed_makes_the_draws() -> None:
    returns = noise(5) + 0.0005

    one, again, other = (superior_ability(returns, draws=100, seed=seed) for seed in (1, 1, 2))

    assert one == again
    assert one.p_value != other.p_value


def test_trials_that_never_moved_take_no_part() -> None:
    returns = noise(3)
    returns[:, 1] = 0.0

    assert superior_ability(returns, draws=100).best != 1
    assert superior_ability(np.zeros((50, 2)), draws=100).p_value == 1.0


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(WrongShape, match="8 days or more"):
        reality_check(np.zeros((7, 3)))
    with pytest.raises(NotFinite, match="first at row 4"):
        superior_ability(np.where(np.arange(20)[:, None] == 4, np.nan, noise(2, 20)))


@pytest.mark.soak
def test_p_values_are_uniform_on_noise_of_many_kinds() -> None:
    for trials, days in ((1, 250), (30, 250), (30, 1_000)):
        for test in (reality_check, superior_ability):
            found = [
                test(noise(trials, days, seed=seed), draws=300, seed=seed).p_value
                for seed in range(400)
            ]
            # Where nothing beats the benchmark the statistic is 0 and its p-value 1, so that of one
            # trial every other p-value is 1; what claims rest on is the lower end.
            assert shares_below(found)[:2] == pytest.approx([0.05, 0.25], abs=0.06)
