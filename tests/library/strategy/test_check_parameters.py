"""What can be tuned in a strategy, read off its source."""

import inspect
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.strategy import list_strategies
from quantloom.strategy.check import parameters_of

FRAME = "from quantloom import Parameter, Strategy\nclass Mine(Strategy):\n    {line}\n"


@pytest.mark.parametrize("preset", [name for name in list_strategies() if name != "pairs"])
def test_what_is_read_is_what_the_class_says(preset: str) -> None:
    cls = list_strategies()[preset]

    schema, unreadable = parameters_of(inspect.getsource(sys.modules[cls.__module__]))

    assert schema == cls.parameters_schema()
    assert unreadable == ()


def test_what_is_worked_out_is_told_and_left_out() -> None:
    pairs = list_strategies()["pairs"]

    schema, (level,) = parameters_of(inspect.getsource(sys.modules[pairs.__module__]))

    assert level.name == "level"
    assert "choices" in level.text_en
    assert schema["properties"].keys() == pairs.parameters_schema()["properties"].keys() - {"level"}


def test_a_class_of_the_file_is_followed_and_another_is_told() -> None:
    source = (
        FRAME.format(line="fast: int = Parameter(5, low=2, high=9)")
        + "class Quick(Mine):\n    fast = 3\n    slow: int = Parameter(8)\n"
    )

    schema, unreadable = parameters_of(source)
    outer = parameters_of("from quantloom.strategy.presets import Macd\nclass A(Macd):\n    pass\n")

    assert {name: one["default"] for name, one in schema["properties"].items()} == {
        "fast": 3,
        "slow": 8,
    }
    assert unreadable == ()
    assert [one.name for one in outer[1]] == ["A"]


@pytest.mark.parametrize(
    "default", ["1e999", "10 ** 3", "9" * 40, "'\\x00'", "'\\ud800'", "x", "[1]", "None", "b'x'"]
)
def test_no_value_that_json_or_a_database_cannot_hold_is_read(default: str) -> None:
    schema, unreadable = parameters_of(FRAME.format(line=f"size = Parameter({default})"))

    assert schema["properties"] == {}
    assert [one.name for one in unreadable] == ["size"]


@given(st.text(max_size=60))
def test_any_default_is_read_or_told(default: str) -> None:
    schema, _ = parameters_of(FRAME.format(line=f"size = Parameter({default})"))

    json.dumps(schema, allow_nan=False).encode()
