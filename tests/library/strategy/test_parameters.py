"""Parameters: types, bounds, choices, inheritance, schema."""

import pytest

from quantloom.strategy import BadParameter, Parameter, Strategy
from quantloom.strategy.presets import SmaCross


class Tuned(Strategy):
    """One parameter of each type."""

    fast: int = Parameter(10, low=2, high=200, description="bars")
    width: float = Parameter(2.0, low=0.5)
    is_long: bool = Parameter(default=True)
    side: str = Parameter("both", choices=("both", "long"))


def test_parameters_hold_their_defaults_and_what_they_are_given() -> None:
    tuned = Tuned(fast=20, side="long")

    assert (tuned.fast, tuned.width, tuned.is_long, tuned.side) == (20, 2.0, True, "long")
    assert tuned.values == {"fast": 20, "width": 2.0, "is_long": True, "side": "long"}
    assert Tuned.fast == 10


@pytest.mark.parametrize(
    ("name", "given", "held"),
    [
        ("fast", "20", 20),
        ("fast", 20.0, 20),
        ("fast", 2, 2),
        ("fast", 200, 200),
        ("width", "1e1", 10.0),
        ("width", 3, 3.0),
        ("is_long", "no", False),
        ("is_long", "TRUE", True),
        ("is_long", 0, False),
    ],
)
def test_text_and_numbers_are_read_as_the_parameters_type(
    name: str, given: object, held: object
) -> None:
    value = Tuned(**{name: given}).values[name]

    assert value == held
    assert type(value) is type(held)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"fast": 1}, "Tuned: parameter fast is 1; it goes from 2 to 200"),
        ({"fast": 201}, "Tuned: parameter fast is 201; it goes from 2 to 200"),
        ({"width": 0.4}, "Tuned: parameter width is 0.4; it goes from 0.5 to any"),
        ({"width": float("nan")}, "Tuned: parameter width is nan; it goes from 0.5 to any"),
        ({"fast": 2.5}, "Tuned: parameter fast is 2.5; it must be a whole number"),
        ({"fast": "ten"}, "Tuned: parameter fast is 'ten'; it must be a whole number"),
        ({"fast": True}, "Tuned: parameter fast is True; it must be a whole number"),
        ({"fast": float("inf")}, "Tuned: parameter fast is inf; it must be a whole number"),
        ({"is_long": "maybe"}, "Tuned: parameter is_long is 'maybe'; it must be true or false"),
        ({"side": 3}, "Tuned: parameter side is 3; it must be text"),
        ({"side": "short"}, "Tuned: parameter side is 'short'; choose one of both, long"),
        (
            {"slow": 3},
            "Tuned: parameter slow does not exist; there are: fast, width, is_long, side",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_what_would_be_right(
    given: dict[str, object], text: str
) -> None:
    with pytest.raises(BadParameter) as caught:
        Tuned(**given)

    assert str(caught.value) == text
    assert (caught.value.strategy, caught.value.parameter) == ("Tuned", next(iter(given)))


def test_the_schema_says_type_default_bounds_and_choices() -> None:
    schema = Tuned.parameters_schema()

    assert schema["additionalProperties"] is False
    assert schema["properties"] == {
        "fast": {
            "type": "integer",
            "default": 10,
            "minimum": 2,
            "maximum": 200,
            "description": "bars",
        },
        "width": {"type": "number", "default": 2.0, "minimum": 0.5},
        "is_long": {"type": "boolean", "default": True},
        "side": {"type": "string", "default": "both", "enum": ["both", "long"]},
    }


def test_a_subclass_adds_to_the_parameters_of_its_base() -> None:
    class More(Tuned):
        stop: float = Parameter(0.1)

    assert list(More.parameters) == ["fast", "width", "is_long", "side", "stop"]
    assert list(Tuned.parameters) == ["fast", "width", "is_long", "side"]


def test_a_subclass_may_declare_a_parameter_anew() -> None:
    class Wider(Tuned):
        fast: int = Parameter(300, high=500)

    assert Wider().fast == 300
    assert Wider(fast=500).fast == 500
    assert Tuned().fast == 10


def test_a_plain_value_in_a_subclass_is_another_default_within_the_bounds() -> None:
    class Quick(Tuned):
        fast = 5
        width = 3

    assert (Quick().fast, Quick(fast=7).fast) == (5, 7)
    assert type(Quick().values["width"]) is float
    with pytest.raises(BadParameter, match="Slow: parameter fast is 999"):
        type("Slow", (Tuned,), {"fast": 999})


def test_parameters_of_every_base_class_count() -> None:
    class Stops(Strategy):
        stop: float = Parameter(0.1)

    class Both(Tuned, Stops): ...

    assert Both(stop=0.2, fast=3).values["stop"] == 0.2
    assert set(Both.parameters) == {"fast", "width", "is_long", "side", "stop"}


def test_a_strategy_without_parameters_says_so() -> None:
    class Plain(Strategy): ...

    with pytest.raises(BadParameter, match="does not exist; there are: none"):
        Plain(fast=3)


def test_a_preset_refuses_parameters_that_do_not_fit_each_other() -> None:
    strategy = SmaCross(fast=30, slow=10)

    refused = strategy.refuse("fast", "is 30; it must be below slow, 10")

    assert str(refused) == "SmaCross: parameter fast is 30; it must be below slow, 10"
