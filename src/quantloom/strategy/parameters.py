"""Typed strategy parameters with bounds, readable by forms, optimisers and the command line."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from quantloom.errors import Invalid

Value = int | float | bool | str
T = TypeVar("T", int, float, bool, str)

_JSON_TYPES = {int: "integer", float: "number", bool: "boolean", str: "string"}
_WANTED = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
_BOOLEANS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


class BadParameter(Invalid):
    """A parameter value of the wrong type or outside its bounds, or one that does not exist."""

    code = "strategy.bad_parameter"

    def __init__(self, strategy: str, parameter: str, problem: str) -> None:
        super().__init__(strategy, parameter, problem)
        self.strategy, self.parameter, self.problem = strategy, parameter, problem

    def __str__(self) -> str:
        return f"{self.strategy}: parameter {self.parameter} {self.problem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSpec:
    """What a parameter may be.

    Attributes:
        kind: int, float, bool or str, taken from the default.
        low, high: bounds, both allowed values.
        choices: the only values allowed, where given.
        step: how far apart an optimiser tries values; any value between the bounds is allowed.
    """

    name: str
    default: Value
    low: Value | None = None
    high: Value | None = None
    choices: tuple[Value, ...] = ()
    description: str = ""
    step: Value | None = None

    @property
    def kind(self) -> type[Value]:
        return type(self.default)

    def read(self, strategy: str, value: object) -> Value:
        """Check a value, or the text of one, and give it its type.

        Raises:
            BadParameter: wrong type, out of bounds, or none of the choices.
        """
        typed = self._typed(value)
        if typed is None:
            problem = f"is {value!r}; it must be {_WANTED[self.kind]}"
            raise BadParameter(strategy, self.name, problem)
        below = self.low is not None and typed < cast("Any", self.low)
        above = self.high is not None and typed > cast("Any", self.high)
        if below or above or typed != typed:  # noqa: PLR0124  NaN lies in no bounds
            bounds = f"{_bound(self.low)} to {_bound(self.high)}"
            raise BadParameter(strategy, self.name, f"is {typed}; it goes from {bounds}")
        if self.choices and typed not in self.choices:
            allowed = ", ".join(map(str, self.choices))
            raise BadParameter(strategy, self.name, f"is {typed!r}; choose one of {allowed}")
        return typed

    def schema(self) -> dict[str, Any]:
        """Describe the parameter as JSON Schema."""
        bounds = {"minimum": self.low, "maximum": self.high, "enum": list(self.choices) or None}
        described = {"step": self.step, "description": self.description or None}
        given = {key: value for key, value in (bounds | described).items() if value is not None}
        return {"type": _JSON_TYPES[self.kind], "default": self.default} | given

    def _typed(self, value: object) -> Value | None:
        if self.kind is bool:
            return value if isinstance(value, bool) else _BOOLEANS.get(str(value).lower())
        if self.kind is str:
            return value if isinstance(value, str) else None
        if isinstance(value, bool):
            return None
        try:
            number = float(cast("Any", value))
        except (TypeError, ValueError, OverflowError):
            return None
        if self.kind is float:
            return number
        return int(number) if number.is_integer() else None


def Parameter(  # noqa: N802  reads as a declaration in a class body
    default: T,
    *,
    low: T | None = None,
    high: T | None = None,
    choices: tuple[T, ...] = (),
    description: str = "",
    step: T | None = None,
) -> T:
    """Declare what a strategy can be tuned by.

    `fast: int = Parameter(10, low=2, high=200)` type-checks as the value that it holds; in an
    instance it is that value. An optimiser tries values `step` apart.
    """
    spec = ParameterSpec(
        name="",
        default=default,
        low=low,
        high=high,
        choices=choices,
        description=description,
        step=step,
    )
    return cast("T", spec)


def read_values(
    strategy: str, specs: Mapping[str, ParameterSpec], given: Mapping[str, object]
) -> dict[str, Value]:
    """Check given values and fill in the defaults of the others.

    Raises:
        BadParameter: an unknown name, a wrong type, a value out of bounds.
    """
    for name in given:
        if name not in specs:
            known = ", ".join(specs) or "none"
            raise BadParameter(strategy, name, f"does not exist; there are: {known}")
    return {
        name: spec.read(strategy, given.get(name, spec.default)) for name, spec in specs.items()
    }


def _bound(value: Value | None) -> str:
    return "any" if value is None else str(value)
