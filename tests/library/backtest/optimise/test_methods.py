"""Grid, random, genetic and Bayesian search over functions whose optimum is known."""

from typing import Any

import pytest

from quantloom.backtest.optimise import (
    METHODS,
    BadObjective,
    NothingAllowed,
    Objective,
    Trial,
    UnknownMethod,
    pareto_front,
)
from tests.library.backtest.optimise.fakes import planted, search

SPACE = {"fast": (1, 50), "slow": (1, 100)}


def test_a_grid_finds_the_very_top() -> None:
    space = {"fast": (10, 20), "slow": (60, 70)}

    assert search(planted(13, 66), space=space).best.parameters == {"fast": 13, "slow": 66}


@pytest.mark.parametrize(("method", "trials"), [("genetic", 256), ("bayesian", 96)])
def test_methods_that_learn_come_closer_than_chance(method: str, trials: int) -> None:
    def worth(method: str, seed: int) -> float:
        settings = {"space": SPACE, "method": method, "trials": trials, "seed": seed}
        return search(planted(37, 22), **settings).best.metrics["sharpe_ratio"] or 0.0

    learnt = [worth(method, seed) for seed in (1,)]

    assert sum(learnt) > sum(worth("random", seed) for seed in (1,))
    assert min(learnt) > -0.05


@pytest.mark.parametrize("method", METHODS)
def test_no_set_is_tried_twice_and_each_is_allowed(method: str) -> None:
    space = {"fast": (1, 12), "slow": (1, 12)}

    found = search(
        planted(3, 9), space=space, method=method, trials=40, constraints=["fast < slow"]
    )

    assert len({one.key for one in found.trials}) == len(found.trials) == 40
    assert all(one.parameters["fast"] < one.parameters["slow"] for one in found.trials)  # type: ignore[operator]


@pytest.mark.parametrize("method", METHODS)
def test_the_seed_alone_decides(method: str) -> None:
    def tried(seed: int) -> list[Any]:
        found = search(planted(9, 9), space=SPACE, method=method, trials=24, seed=seed)
        return [one.parameters for one in found.trials]

    assert tried(1) == tried(1)
    assert method == "grid" or tried(1) != tried(2)


@pytest.mark.parametrize("method", ["random", "genetic", "bayesian"])
def test_continuous_and_named_parameters_are_searched_too(method: str) -> None:
    def measured(values: Any) -> dict[str, float | None]:
        return {"sharpe_ratio": (values["mode"] == "wild") - abs(values["stop"] - 2)}

    held = {"fast": 1, "slow": 1}
    found = search(measured, parameters=held, method=method, trials=60)

    assert found.best.parameters["mode"] == "wild"
    assert abs(float(found.best.parameters["stop"]) - 2) < 0.5


def test_sets_without_a_value_are_never_best() -> None:
    def measured(values: Any) -> dict[str, float | None]:
        return {"sharpe_ratio": None if values["fast"] > 2 else 1.0}

    found = search(measured, space=SPACE, method="random", trials=80)

    assert int(found.best.parameters["fast"]) <= 2


@pytest.mark.parametrize("method", ["grid", "genetic"])
def test_the_front_of_two_objectives_is_where_neither_gives_way(method: str) -> None:
    # Schaffer's function: both fall up to 10, and from 20 on both rise again.
    def measured(values: Any) -> dict[str, float | None]:
        x = values["fast"]
        return {"total_return": -float((x - 10) ** 2), "max_drawdown_ratio": float((x - 20) ** 2)}

    found = search(
        measured,
        space={"fast": (1, 50)},
        objective=["total_return", "max_drawdown_ratio"],
        method=method,
        trials=48,
        batch=8,
    )

    front = {one.parameters["fast"] for one in found.front}
    assert front <= {*range(10, 21)}
    assert len(front) >= 8


def test_equal_trials_share_the_front() -> None:
    trials = [
        Trial(number=at, parameters={"a": at}, metrics={"total_return": x, "max_drawdown_ratio": y})
        for at, (x, y) in enumerate([(1, 1), (1, 1), (1, 2), (0, 0), (0, 1)])
    ]

    front = pareto_front(trials, [*map(Objective.of, ("total_return", "max_drawdown_ratio"))])

    assert sorted(one.number for one in front) == [0, 1, 3]


def test_an_objective_goes_the_way_its_measure_wants() -> None:
    assert str(Objective.of("sharpe_ratio")) == "max:sharpe_ratio"
    assert str(Objective.of("max_drawdown_ratio")) == "min:max_drawdown_ratio"
    assert str(Objective.of("max:trading_days")) == "max:trading_days"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sharp_ratio", "did you mean sharpe_ratio"),
        ("trading_days", "neither better high nor better low"),
        ("best:sharpe_ratio", "begins with 'best'"),
    ],
)
def test_an_objective_that_says_too_little_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadObjective, match=said):
        Objective.of(text)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(UnknownMethod, match="grid, random, genetic, bayesian"):
        search(planted(1, 1), space=SPACE, method="annealing")


@pytest.mark.parametrize("method", METHODS)
def test_constraints_that_no_set_meets_are_refused(method: str) -> None:
    asked: dict[str, Any] = {"space": SPACE, "method": method, "constraints": ["fast > 100"]}

    with pytest.raises(NothingAllowed, match="no set of fast, slow meets fast > 100") as refused:
        search(planted(3, 9), **asked, trials=8)

    assert refused.value.constraints == ("fast > 100",)
