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
from quantloom.errors import QuantloomError
from quantloom.messages import _CHINESE, chinese_codes, in_chinese


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
