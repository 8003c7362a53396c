"""Plateaus and spikes of sets that lie on no grid, built by hand."""

import numpy as np
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import Stability, WrongShape, scattered_stability
from quantloom.performance.scattered import REACH

COUNT = 400
PLACES = np.random.default_rng(5).uniform(size=(COUNT, 2))
PLACES[0] = 0.5


def judged(metric: FloatArray) -> Stability:
    columns = {"period": (PLACES[:, 0] * 1_000).tolist(), "stop": (PLACES[:, 1] * 0.1).tolist()}
    return scattered_stability(columns, metric)


def hill(width: float) -> FloatArray:
    apart = ((PLACES - 0.5) ** 2).sum(axis=1)
    return np.asarray(np.exp(-apart / (2 * width**2)))


def test_a_wide_hill_is_a_plateau() -> None:
    found = judged(hill(0.3))

    assert (found.best, found.verdict) == (0, "plateau")
    assert found.score > 0.9
    assert (len(found.neighbours), found.possible_neighbours) == (4, 4)
    assert found.reach is not None
    assert 0 < found.reach < 0.1
    assert found.neighbour_spread < 0.05


def test_a_needle_is_a_spike() -> None:
    metric = np.random.default_rng(1).normal(0.0, 0.1, COUNT)
    metric[0] = 2.0

    found = judged(metric)

    assert (found.best, found.verdict) == (0, "spike")
    assert found.score < 0.1
    assert found.steadiest != 0


def test_the_steadiest_set_lies_on_the_plateau_and_not_on_the_needle() -> None:
    metric = np.where((PLACES < 0.3).all(axis=1), 1.0, 0.0)
    metric[0] = 2.0

    found = judged(metric)

    assert found.best == 0
    assert (PLACES[found.steadiest] < 0.3).all()


def test_the_lowest_is_best_where_less_is_better() -> None:
    up = judged(hill(0.3))
    columns = {"x": PLACES[:, 0].tolist(), "y": PLACES[:, 1].tolist()}
    down = scattered_stability(columns, -hill(0.3), higher_is_better=False)

    assert down.neighbours == up.neighbours
    assert down.score == pytest.approx(up.score)
    assert down.neighbour_mean == pytest.approx(-up.neighbour_mean)
    assert down.neighbour_worst == pytest.approx(-up.neighbour_worst)


def test_sets_too_far_apart_say_nothing() -> None:
    rng = np.random.default_rng(3)
    columns = {f"p{at}": rng.uniform(size=20).tolist() for at in range(5)}

    found = scattered_stability(columns, rng.normal(size=20))

    assert (found.verdict, found.neighbours) == ("unknown", ())
    assert found.reach is not None
    assert found.reach > REACH


def test_a_set_under_another_name_is_no_neighbour() -> None:
    columns = {"x": [0.5, 0.5001, 0.5002, 0.5003, 0.5004, 0.0, 1.0]}

    found = scattered_stability(columns, [1.0, 0.99, 0.99, 0.99, 0.99, 0.0, 0.0])

    assert (found.verdict, found.neighbours) == ("unknown", ())
    assert found.reach == np.inf


def test_a_choice_that_is_no_number_has_no_neighbours_of_another_kind() -> None:
    x = np.linspace(0, 1, 80)
    kinds = ["calm", "wild"] * 40
    metric = np.where(np.array(kinds) == "calm", hill_of(x), -1.0)

    found = scattered_stability({"x": x.tolist(), "kind": kinds}, metric)

    assert {kinds[row] for row in found.neighbours} == {"calm"}
    assert found.verdict == "plateau"


def hill_of(x: FloatArray) -> FloatArray:
    return np.asarray(np.exp(-((x - 0.5) ** 2) / 0.1))


def test_a_set_without_a_metric_is_no_neighbour() -> None:
    metric = hill(0.3)
    near = judged(metric).neighbours
    metric[list(near)] = np.nan

    assert not {*judged(metric).neighbours} & {*near}


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(WrongShape, match="stop"):
        scattered_stability({"stop": [1.0, 2.0]}, [1.0])
