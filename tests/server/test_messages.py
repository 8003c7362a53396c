"""Every error of the service is told in both languages, with its facts in both."""

import importlib
import inspect
import pkgutil
import string
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import quantloom_server
from quantloom.errors import QuantloomError
from quantloom.messages import chinese_codes
from quantloom_server.messages import CHINESE


@cache
def concrete_errors() -> list[type[QuantloomError]]:
    for module in pkgutil.walk_packages(quantloom_server.__path__, "quantloom_server."):
        if not module.name.endswith((".env", ".__main__")):  # scripts, which act when imported
            importlib.import_module(module.name)
    mine = {
        each for each in _below(QuantloomError) if each.__module__.startswith("quantloom_server.")
    }
    return sorted(mine, key=lambda cls: cls.code)


def _below(cls: type[QuantloomError]) -> Iterator[type[QuantloomError]]:
    for child in cls.__subclasses__():
        yield child
        yield from _below(child)


def make(cls: type[QuantloomError]) -> QuantloomError:
    named = list(inspect.signature(cls.__init__).parameters.values())[1:]
    facts: list[Any] = [("a", "b") if "tuple" in str(item.annotation) else 7 for item in named]
    return cls(*facts)


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_every_error_has_a_code_of_its_own_and_a_chinese_text(cls: type[QuantloomError]) -> None:
    assert cls.code in CHINESE
    assert cls.code not in chinese_codes()
    assert sum(other.code == cls.code for other in concrete_errors()) == 1


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_a_text_names_facts_that_the_error_has(cls: type[QuantloomError]) -> None:
    names = {name for _, name, _, _ in string.Formatter().parse(CHINESE[cls.code]) if name}

    assert names <= vars(make(cls)).keys()
    assert str(make(cls))


def test_no_text_is_left_over() -> None:
    assert CHINESE.keys() == {cls.code for cls in concrete_errors()}
