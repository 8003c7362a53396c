"""Which sets of parameters may be tried."""

from itertools import islice
from typing import Any

import numpy as np
import pytest

from quantloom.backtest.optimise import Axis, BadConstraint, BadSpace, Choice, space_of
from quantloom.strategy import BadParameter
from tests.library.backtest.optimise.fakes import Tuned


def values(given: dict[str, Any] | None = None, **fixed: Any) -> dict[str, Any]:
    return {axis.name: axis.values for axis in space_of(Tuned, given, fixed=fixed).axes}


def test_declared_parameters_make_a_space() -> None:
    found = values()

    assert found["fast"] == range(1, 51)
    assert [*found["slow"]] == [*range(1, 101, 10)]
    assert found["stop"] is None
    assert found["turns"] == (False, True)
    assert found["mode"] == ("calm", "wild")


def test_fixed_parameters_are_not_searched() -> None:
    assert values(fast=3, mode="wild").keys() == {"slow", "stop", "turns"}


@pytest.mark.parametrize(
    ("span", "found"),
    [
        (range(5, 50, 20), (5, 25, 45)),
        ((2, 4), (2, 3, 4)),
        ((2, 8, 3), (2, 5, 8)),
        ([7, 3], (7, 3)),
        (Choice(9), (9,)),
    ],
)
def test_a_span_may_be_written_in_many_ways(span: Any, found: tuple[int, ...]) -> None:
    assert tuple(values({"fast": span})["fast"]) == found


def test_steps_of_a_tenth_end_where_they_should() -> None:
    assert values({"stop": (0.0, 0.3, 0.1)})["stop"] == (0.0, 0.1, 0.2, 0.3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"fast": (9, 3)}, "goes from 9 to 3"),
        ({"fast": []}, "is empty"),
        ({"fast": (1, 9, 0)}, "has a step of 0"),
        ({"fast": (1, 9, 0.5)}, "has a step of 0.5"),
        ({"fast": "1-9"}, "is '1-9'"),
        ({"fast": [3, 3]}, "names a value twice"),
        ({}, "is empty"),
    ],
)
def test_a_span_that_holds_nothing_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadSpace, match=said):
        space_of(Tuned, given)


@pytest.mark.parametrize("given", [{"fast": range(9)}, {"speed": (1, 2)}, {"mode": ["hot"]}])
def test_what_the_strategy_does_not_allow_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        space_of(Tuned, given)


def test_a_grid_holds_every_allowed_set_once() -> None:
    space = space_of(Tuned, {"fast": (1, 4), "slow": (1, 3)}, constraints=["fast < slow"])

    assert [*map(tuple, map(dict.values, space.grid()))] == [(1, 2), (1, 3), (2, 3)]


def test_a_continuous_parameter_has_no_grid() -> None:
    with pytest.raises(BadSpace, match="without a step"):
        next(space_of(Tuned, {"stop": (0.0, 1.0)}).grid())


def test_draws_are_distinct_allowed_and_begin_alike_however_many_are_taken() -> None:
    space = space_of(Tuned, {"fast": (1, 20), "slow": (1, 20)}, constraints=["fast < slow"])

    few, many = (
        [tuple(one.values()) for one in islice(space.draws(np.random.default_rng(5)), count)]
        for count in (10, 60)
    )

    assert many[:10] == few
    assert len({*many}) == 60
    assert all(int(fast) < int(slow) for fast, slow in many)


def test_a_small_space_is_drawn_to_its_end() -> None:
    space = space_of(Tuned, {"fast": (1, 4), "slow": (1, 4)}, constraints=["fast < slow"])

    assert len([*space.draws(np.random.default_rng(1))]) == 6


@pytest.mark.parametrize(
    "axis",
    [Axis("a", range(1, 9, 2)), Axis("b", ("x", "y"), is_ordered=False), Axis("c", low=0, high=2)],
)
def test_an_axis_comes_back_from_plain_values(axis: Axis) -> None:
    assert Axis.of_plain(axis.plain()) == axis


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("fast < slow", True),
        ("fast < slow < 20", False),
        ("slow >= 2 * fast and not turns", True),
        ("mode == 'wild' or stop > 1 + 1", False),
        ("-fast < 0", True),
        ("slow % 7 == 6 and slow // 3 == 6 and slow - fast == 10 and slow / fast == 2", True),
    ],
)
def test_expressions_compare_parameters(text: str, holds: bool) -> None:
    space = space_of(Tuned, {"fast": [10]}, constraints=[text])

    assert space.allows({"fast": 10, "slow": 20}) is holds


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "fast.__class__",
        "fast ** 9 ** 9",
        "[fast]",
        "(lambda: 1)()",
        "fast <",
        "fast < b'x'",
        "slow if fast else 1",
    ],
)
def test_an_expression_can_do_nothing_but_compare(text: str) -> None:
    with pytest.raises(BadConstraint):
        space_of(Tuned, {"fast": [1]}, constraints=[text])


@pytest.mark.parametrize(
    "text", ["fast < speed", "mode < 3", "mode * 3 == 'x'", "1 / (fast - 1) > 0"]
)
def test_an_expression_that_fails_says_why(text: str) -> None:
    with pytest.raises(BadConstraint, match="the constraint"):
        space_of(Tuned, {"fast": [1]}, constraints=[text]).allows({"fast": 1})


def test_functions_take_parameters_by_name_or_the_whole_set() -> None:
    span = {"fast": (1, 9)}
    by_name = space_of(Tuned, span, constraints=[lambda fast, slow: fast * 5 < slow])
    whole = space_of(Tuned, span, constraints=[lambda one: one["fast"] * 5 < one["slow"]])

    assert [*by_name.grid()] == [*whole.grid()] == [{"fast": 1}, {"fast": 2}, {"fast": 3}]
