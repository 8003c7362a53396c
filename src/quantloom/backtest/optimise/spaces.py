"""Which values parameters may take together: given ranges, or those that a strategy declares."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Self, cast

import numpy as np

from quantloom.backtest.optimise.constraints import Constraint
from quantloom.errors import Invalid
from quantloom.strategy import BadParameter, ParameterSpec, Strategy, Value

AnyConstraint = str | Callable[..., bool] | Constraint
_PAIR, _TRIPLE = 2, 3
# A step of 0.1 from 0 to 0.3 must end at 0.3, though three steps are 0.30000000000000004.
_SLACK = 1e-9
_DIGITS = 12
_MOST_DRAWS = 200


class BadSpace(Invalid):
    """A search space that holds nothing, or what a parameter cannot be."""

    code = "optimise.bad_space"

    def __init__(self, parameter: str, problem: str) -> None:
        super().__init__(parameter, problem)
        self.parameter, self.problem = parameter, problem

    def __str__(self) -> str:
        return (
            f"the space of {self.parameter} {self.problem}; give range(5, 50, 5), (low, high), "
            "(low, high, step) or a list of values"
        )


class Choice(tuple[Value, ...]):
    """Values without an order, such as names; a list of values means the same."""

    __slots__ = ()

    def __new__(cls, *values: Value) -> Self:
        return super().__new__(cls, values)


AnySpan = range | Choice | Sequence[Value]


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter's values.

    Attributes:
        values: all of them, in order, whole numbers as a range; None where they are any number
            from low to high.
        low, high: the ends of a continuous axis.
        is_ordered: whether neighbours are alike, as numbers are and names are not.
    """

    name: str
    values: Sequence[Value] | None = None
    low: float = 0.0
    high: float = 0.0
    is_ordered: bool = True

    def draw(self, random: np.random.Generator) -> Value:
        """Take a value by chance."""
        if self.values is None:
            return float(random.uniform(self.low, self.high))
        return self.values[int(random.integers(len(self.values)))]

    def plain(self) -> dict[str, Any]:
        """The axis in plain values; `of_plain` reads them."""
        if self.values is None:
            return {"name": self.name, "low": self.low, "high": self.high}
        if isinstance(self.values, range):
            own = self.values
            return {"name": self.name, "range": [own.start, own.stop, own.step]}
        return {"name": self.name, "values": [*self.values], "is_ordered": self.is_ordered}

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Axis":
        if "range" in plain:
            return cls(plain["name"], range(*plain["range"]))
        if "values" in plain:
            return cls(plain["name"], tuple(plain["values"]), is_ordered=plain["is_ordered"])
        return cls(plain["name"], low=plain["low"], high=plain["high"])


class NothingAllowed(Invalid):
    """A space in which no set meets every constraint."""

    code = "optimise.nothing_allowed"

    def __init__(self, parameters: tuple[str, ...], constraints: tuple[str, ...]) -> None:
        super().__init__(parameters, constraints)
        self.parameters, self.constraints = parameters, constraints

    def __str__(self) -> str:
        return (
            f"no set of {', '.join(self.parameters)} meets {', '.join(self.constraints)}; "
            "loosen a constraint, or widen the space"
        )


@dataclass(frozen=True, slots=True)
class Space:
    """Every set of parameters that may be tried.

    Attributes:
        axes: one for each parameter that is searched.
        constraints: what must hold between them.
        fixed: the values of the other parameters, which constraints may name.
    """

    axes: tuple[Axis, ...]
    constraints: tuple[Constraint, ...]
    fixed: Mapping[str, Value]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are searched."""
        return tuple(axis.name for axis in self.axes)

    @property
    def size(self) -> float:
        """How many sets there are, constraints aside; infinite with a continuous axis."""
        return math.prod(math.inf if one.values is None else len(one.values) for one in self.axes)

    def allows(self, values: Mapping[str, Value]) -> bool:
        """Whether every constraint holds.

        Raises:
            BadConstraint: one of them fails.
        """
        known = {**self.fixed, **values}
        return all(constraint.holds(known) for constraint in self.constraints)

    def grid(self) -> Iterator[dict[str, Value]]:
        """Every allowed set, the last parameter changing fastest.

        Raises:
            BadSpace: an axis is continuous.
        """
        for axis in self.axes:
            if axis.values is None:
                problem = f"goes from {axis.low:g} to {axis.high:g} without a step, so has no grid"
                raise BadSpace(axis.name, problem)
        for values in product(*(cast("Sequence[Value]", axis.values) for axis in self.axes)):
            made = dict(zip(self.names, values, strict=True))
            if self.allows(made):
                yield made

    def draws(self, random: np.random.Generator) -> Iterator[dict[str, Value]]:
        """Allowed sets by chance, each once, until hardly one is left that was not drawn.

        A longer row of draws begins with the shorter one.
        """
        seen: set[tuple[Value, ...]] = set()
        in_vain = 0
        while in_vain < _MOST_DRAWS + len(seen) and len(seen) < self.size:
            made = {axis.name: axis.draw(random) for axis in self.axes}
            key = tuple(made.values())
            if key in seen or not self.allows(made):
                in_vain += 1
                continue
            in_vain = 0
            seen.add(key)
            yield made


def space_of(
    strategy: type[Strategy],
    given: Mapping[str, AnySpan] | None = None,
    *,
    constraints: Iterable[AnyConstraint] = (),
    fixed: Mapping[str, Value] | None = None,
) -> Space:
    """Make a search space for a strategy.

    Args:
        given: values by parameter: a range, (low, high), (low, high, step), a list or `Choice` of
            values; without it every parameter that declares both bounds, choices or is true or
            false, but for those that are fixed.
        constraints: expressions such as "fast < slow", or functions of the parameters.
        fixed: values of parameters that are not searched.
    Raises:
        BadSpace: nothing to search, or an empty range.
        BadParameter: a value that the strategy does not allow, or a parameter it does not have.
        BadConstraint: an expression that cannot be read.
    """
    held = dict(fixed or {})
    for name in (*held, *(given or {})):
        if name not in strategy.parameters:
            known = ", ".join(strategy.parameters) or "none"
            raise BadParameter(strategy.__name__, name, f"does not exist; there are: {known}")
    axes = _declared(strategy, held) if given is None else _given(strategy, given)
    if not axes:
        raise BadSpace(strategy.__name__, "is empty")
    searched = {axis.name for axis in axes}
    rest = {
        name: spec.read(strategy.__name__, held.get(name, spec.default))
        for name, spec in strategy.parameters.items()
        if name not in searched
    }
    return Space(axes, tuple(map(Constraint.of, constraints)), rest)


def _declared(strategy: type[Strategy], held: Mapping[str, Value]) -> tuple[Axis, ...]:
    specs = [spec for name, spec in strategy.parameters.items() if name not in held]
    return tuple(axis for axis in map(_axis_of, specs) if axis is not None)


def _axis_of(spec: ParameterSpec) -> Axis | None:
    if spec.choices:
        return Axis(spec.name, spec.choices, is_ordered=spec.kind not in {str, bool})
    if spec.kind is bool:
        return Axis(spec.name, (False, True), is_ordered=False)
    if spec.low is None or spec.high is None:
        return None
    low, high = cast("float", spec.low), cast("float", spec.high)
    return _between(spec, low, high, cast("float | None", spec.step))


def _given(strategy: type[Strategy], given: Mapping[str, AnySpan]) -> tuple[Axis, ...]:
    return tuple(
        _axis(strategy.__name__, strategy.parameters[name], span) for name, span in given.items()
    )


def _axis(owner: str, spec: ParameterSpec, span: AnySpan) -> Axis:
    if isinstance(span, str) or not isinstance(span, Sequence):
        raise BadSpace(spec.name, f"is {span!r}")
    if not len(span):
        raise BadSpace(spec.name, "is empty")
    if _is_bounds(spec, span):
        bounds = cast("tuple[float, ...]", span)
        low, high = (cast("float", spec.read(owner, one)) for one in bounds[:2])
        return _between(spec, low, high, bounds[2] if len(bounds) == _TRIPLE else None)
    values = tuple(spec.read(owner, one) for one in span)
    if len(set(values)) < len(values):
        raise BadSpace(spec.name, "names a value twice")
    is_ordered = isinstance(span, range) or (
        not isinstance(span, Choice) and spec.kind in {int, float} and [*values] == sorted(values)
    )
    return Axis(spec.name, values, is_ordered=is_ordered)


def _is_bounds(spec: ParameterSpec, span: Sequence[Value]) -> bool:
    """A plain tuple of two or three numbers is from, to and step; a list is a list."""
    is_plain = isinstance(span, tuple) and not isinstance(span, Choice)
    return is_plain and spec.kind in {int, float} and len(span) in {_PAIR, _TRIPLE}


def _between(spec: ParameterSpec, low: float, high: float, step: float | None) -> Axis:
    if not low <= high:
        raise BadSpace(spec.name, f"goes from {low} to {high}")
    if step is not None and not step > 0:
        raise BadSpace(spec.name, f"has a step of {step}")
    if spec.kind is int:
        whole = 1 if step is None else int(step)
        if whole < 1 or (step is not None and whole != step):
            raise BadSpace(spec.name, f"has a step of {step}")
        return Axis(spec.name, range(int(low), int(high) + 1, whole))
    if step is None:
        return Axis(spec.name, low=low, high=high)
    count = math.floor((high - low) / step + _SLACK) + 1
    return Axis(spec.name, tuple(round(low + at * step, _DIGITS) for at in range(count)))
