"""Every error a user can see is told in both languages, with its facts in both."""

import importlib
import inspect
import pkgutil
import string
from collections.abc import Iterator
from typing import Any

import pytest

import quantloom
from quantloom import errors
from quantloom.data import random_walk
from quantloom.errors import QuantloomError
from quantloom.market import BadBars, bar_problems
from quantloom.messages import _CHINESE, chinese_codes, in_chinese
from quantloom.strategy import BadParameter
from quantloom.strategy.presets import SmaCross


def concrete_errors() -> list[type[QuantloomError]]:
    for module in pkgutil.walk_packages(quantloom.__path__, "quantloom."):
        importlib.import_module(module.name)
    found = {cls for cls in _below(QuantloomError) if cls.__module__ != errors.__name__}
    mine = (cls for cls in found if cls.__module__.startswith("quantloom."))
    return sorted(mine, key=lambda cls: cls.code)


def _below(cls: type[QuantloomError]) -> Iterator[type[QuantloomError]]:
    for child in cls.__subclasses__():
        yield child
        yield from _below(child)


def make(cls: type[QuantloomError]) -> QuantloomError:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = [item for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD]
    facts: list[Any] = [("a", "b") if "tuple" in str(item.annotation) else 7 for item in named]
    return cls(*facts)


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_every_error_has_a_code_of_its_own_and_a_chinese_text(cls: type[QuantloomError]) -> None:
    assert cls.code in chinese_codes()
    assert sum(other.code == cls.code for other in concrete_errors()) == 1


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_a_chinese_text_names_facts_that_the_error_has(cls: type[QuantloomError]) -> None:
    told = in_chinese(make(cls))

    names = {name for _, name, _, _ in string.Formatter().parse(_CHINESE[cls.code]) if name}
    assert told is not None
    assert "{" not in told
    assert names <= vars(make(cls)).keys()


def test_no_text_is_left_over() -> None:
    assert chinese_codes() == {cls.code for cls in concrete_errors()}


def test_an_error_without_a_text_is_not_invented() -> None:
    assert in_chinese(QuantloomError("x")) is None


def test_every_problem_of_a_bar_is_told_in_chinese() -> None:
    bars = random_walk(3, seed=1)

    for problem, _ in bar_problems(bars):
        told = in_chinese(BadBars("X.US", problem, 1, (0,)))
        assert told is not None
        assert problem not in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"fast": 0}, "参数 fast 为 0，范围是 2 到 200"),
        ({"fast": "x"}, "参数 fast 为 'x'，应为整数"),
        ({"speed": 1}, "参数 speed 不存在，现有 fast, slow"),
    ],
)
def test_a_bad_parameter_is_told_in_chinese(values: dict[str, Any], told: str) -> None:
    with pytest.raises(BadParameter) as caught:
        SmaCross(**values)

    assert told in str(in_chinese(caught.value))
