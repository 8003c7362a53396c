"""Parameters of an indicator: what each may be, and how a call's arguments become values."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from quantloom.errors import Invalid

Number = int | float


class BadIndicatorParameter(Invalid):
    """An indicator was asked for with a parameter that it does not take."""

    code = "indicator.bad_parameter"

    def __init__(self, indicator: str, problem: str, signature: str) -> None:
        super().__init__(indicator, problem, signature)
        self.indicator, self.problem, self.signature = indicator, problem, signature

    def __str__(self) -> str:
        return f"{self.indicator}: {self.problem}; it takes {self.signature}"


@dataclass(frozen=True, slots=True)
class IndicatorParameter:
    """One number that shapes an indicator, with its default and its bounds, both inclusive."""

    name: str
    kind: type[int] | type[float]
    default: Number
    low: Number
    high: Number

    def find_problem(self, value: Any) -> str | None:
        """Say what is wrong with a value, or None where it may be used."""
        if not self._is_of_kind(value):
            wanted = "a whole number" if self.kind is int else "a number"
            return f"{self.name} must be {wanted}, not {value!r}"
        # NaN compares false with every bound and is refused here too.
        if not self.low <= value <= self.high:
            return f"{self.name} must lie from {self.low} to {self.high}, not {value}"
        return None

    def _is_of_kind(self, value: Any) -> bool:
        # NumPy's numbers are registered as these; bool is an int to Python, and a mistake here.
        numeric = Integral if self.kind is int else Real
        return isinstance(value, numeric) and not isinstance(value, bool)

    def __str__(self) -> str:
        return f"{self.name}: {self.kind.__name__} = {self.default} ({self.low} to {self.high})"


def describe(parameters: tuple[IndicatorParameter, ...]) -> str:
    """Spell parameters out as a person would look them up."""
    return ", ".join(map(str, parameters)) or "no parameters"


def settle(
    indicator: str,
    parameters: tuple[IndicatorParameter, ...],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> dict[str, Number]:
    """Turn the arguments of a call into one checked value per parameter, in declared order.

    Raises:
        BadIndicatorParameter: too many arguments, an unknown name, a parameter given twice, a
            value of the wrong type or out of bounds.
    """
    names = [parameter.name for parameter in parameters]
    by_position = dict(zip(names, args, strict=False))
    problem = _misfit(names, args, kwargs)
    given = {**by_position, **kwargs}
    values: dict[str, Number] = {}
    for parameter in parameters:
        value = given.get(parameter.name, parameter.default)
        problem = problem or parameter.find_problem(value)
        if problem:
            break
        values[parameter.name] = parameter.kind(value)
    if problem:
        raise BadIndicatorParameter(indicator, problem, describe(parameters))
    return values


def _misfit(names: list[str], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str | None:
    if len(args) > len(names):
        return f"{len(args)} values were given for {len(names)} parameter(s)"
    for name in kwargs:
        if name not in names:
            return f"there is no parameter {name!r}"
        if name in names[: len(args)]:
            return f"{name} was given twice"
    return None
