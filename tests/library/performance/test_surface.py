"""Plateaus and spikes that were built by hand."""

from itertools import product

import numpy as np
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import Stability, WrongShape, surface_stability

SIDE = 9
FAST, SLOW = (list(column) for column in zip(*product(range(SIDE), range(SIDE)), strict=True))


def judged(metric: FloatArray) -> Stability:
    return surface_stability({"fast": FAST, "slow": SLOW}, metric)


def hill(width: float) -> FloatArray:
    distance = (np.array(FAST) - 4) ** 2 + (np.array(SLOW) - 4) ** 2
    return np.asarray(np.exp(-distance / (2 * width**2)))


def test_a_wide_hill_is_a_plateau() -> None:
    found = judged(hill(3.0))

    assert (found.verdict, found.best, found.steadiest) == ("plateau", 40, 40)
    assert found.score > 0.85
    assert (len(found.neighbours), found.possible_neighbours) == (4, 4)
    assert found.same_sign_share == 1.0


def test_a_needle_is_a_spike() -> None:
    metric = -0.1 * np.ones(SIDE**2)
    metric[40] = 2.0

    found = judged(metric)

    assert (found.verdict, found.score, found.same_sign_share) == ("spike", 0.0, 0.0)
    assert found.neighbour_mean == pytest.approx(-0.1)


def test_the_score_is_the_share_of_the_lead_that_neighbours_keep() -> None:
    metric = np.zeros(SIDE**2)
    metric[40] = 1.0
    metric[[31, 39, 41, 49]] = 0.5

    found = judged(metric)

    assert (found.score, found.verdict) == (0.5, "slope")
    assert found.neighbour_worst == 0.5
    assert found.neighbour_rank == pytest.approx(80 / 81)


def test_the_scale_of_the_metric_does_not_matter() -> None:
    metric = hill(1.5)

    assert judged(metric * 1_000 - 50).score == pytest.approx(judged(metric).score)


def test_the_lowest_may_be_the_best() -> None:
    metric = hill(3.0)

    found = surface_stability({"fast": FAST, "slow": SLOW}, -metric, higher_is_better=False)

    expected = judged(metric)
    assert (found.best, found.score) == (expected.best, expected.score)
    assert found.neighbour_mean == pytest.approx(-expected.neighbour_mean)
    assert found.neighbour_worst == pytest.approx(-expected.neighbour_worst)


def test_noise_is_rarely_a_plateau() -> None:
    verdicts = [
        judged(np.random.default_rng(seed).standard_normal(SIDE**2)).verdict for seed in range(100)
    ]

    assert verdicts.count("plateau") <= 2
    assert verdicts.count("spike") >= 80


def test_the_steadiest_set_lies_on_the_hill_and_not_on_the_needle() -> None:
    metric = hill(2.0)
    metric[8] = 3.0

    found = judged(metric)

    assert (found.best, found.verdict, found.steadiest) == (8, "spike", 40)


def test_missing_sets_and_sets_without_a_figure_are_no_neighbours() -> None:
    metric = hill(3.0)
    metric[[31, 39]] = np.nan
    kept = [row for row in range(SIDE**2) if row != 41]

    found = surface_stability(
        {"fast": [FAST[row] for row in kept], "slow": [SLOW[row] for row in kept]}, metric[kept]
    )

    assert len(found.neighbours) == 1
    assert found.possible_neighbours == 4
    assert found.verdict == "plateau"


def test_a_choice_has_no_steps_and_any_number_of_parameters_will_do() -> None:
    rows = list(product(range(3), ["ema", "sma"], [True, False], [0.5, 1.0], range(2), range(2)))
    names = ("period", "kind", "shorts", "stop", "a", "b")
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    metric = np.array([row[0] + 0.01 * row[3] for row in rows], dtype=float)

    found = surface_stability(columns, metric)

    # one step of period, stop, a and b each; kind and shorts have none
    assert found.possible_neighbours == len(found.neighbours) == 4


def test_alone_or_all_alike_nothing_can_be_said() -> None:
    assert surface_stability({"fast": [5]}, [1.0]).verdict == "unknown"
    assert judged(np.ones(SIDE**2)).verdict == "unknown"
    assert surface_stability({}, [1.0]).neighbours == ()


def test_columns_of_another_length_are_refused() -> None:
    with pytest.raises(WrongShape, match="fast has shape"):
        surface_stability({"fast": [1, 2, 3]}, [1.0, 2.0])
    with pytest.raises(WrongShape, match="not NaN"):
        surface_stability({"fast": [1, 2]}, [np.nan, np.nan])
