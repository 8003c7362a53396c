"""The parameter sets of a sweep: every combination of a grid, or a list, as checked values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from quantloom.errors import Invalid
from quantloom.strategy import BadParameter, ParameterSpec, Strategy, Value

Values = dict[str, Value]
Space = Mapping[str, Sequence[Value]] | Sequence[Mapping[str, Value]]
"""Choices by name, of which every combination is a set; or the sets themselves."""


class NoSets(Invalid):
    """A sweep over nothing."""

    code = "sweep.no_sets"

    def __init__(self, given: str) -> None:
        super().__init__(given)
        self.given = given

    def __str__(self) -> str:
        return (
            f"there is nothing to sweep over in {self.given}; give choices for each parameter, "
            "{'fast': range(5, 50)}, or a list of parameter sets"
        )


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """Sets in their order: of a grid the last name changes fastest.

    Attributes:
        values: one dict a set, with a value for every parameter of the strategy.
        problems: why a value of a set is none that the strategy takes, by the row of the set.
    """

    values: Sequence[Values]
    problems: Mapping[int, str]

    def __len__(self) -> int:
        """How many sets."""
        return len(self.values)


def read_sets(
    strategy: type[Strategy], space: Space, fixed: Mapping[str, Value] | None = None
) -> ParameterSets:
    """Check the values of every set and fill in what they leave out.

    Args:
        fixed: values of parameters that are the same in all sets, where a set does not say.
    Raises:
        BadParameter: a name that the strategy does not have.
        NoSets: there are none.
    """
    base = {name: spec.default for name, spec in strategy.parameters.items()}
    base |= _checked(strategy, fixed or {})
    read = _grid(strategy, space) if isinstance(space, Mapping) else _listed(strategy, space)
    found: list[Values] = []
    problems: dict[int, str] = {}
    for row, (values, problem) in enumerate(read):
        found.append(base | values)
        if problem:
            problems[row] = problem
    if not found:
        raise NoSets(repr(space))
    return ParameterSets(found, problems)


def split_space(
    strategy: type[Strategy], space: Space, groups: int
) -> list[list[dict[str, Value]]]:
    """Share the sets of a space out, so that groups can be swept in different places.

    The groups are plain values; `merge_sweeps` of their sweeps, in order, is the sweep of all.

    Args:
        groups: how many at most; none is empty.
    """
    sets = read_sets(strategy, space).values
    count = max(min(groups, len(sets)), 1)
    bounds = [place * len(sets) // count for place in range(count + 1)]
    return [list(map(dict, sets[first:stop])) for first, stop in pairwise(bounds)]


def _checked(strategy: type[Strategy], given: Mapping[str, Value]) -> Values:
    return {name: _spec(strategy, name).read(strategy.__name__, one) for name, one in given.items()}


def _spec(strategy: type[Strategy], name: str) -> ParameterSpec:
    if name not in strategy.parameters:
        known = ", ".join(strategy.parameters) or "none"
        raise BadParameter(strategy.__name__, name, f"does not exist; there are: {known}")
    return strategy.parameters[name]


def _read_one(strategy: type[Strategy], name: str, value: Value) -> tuple[Value, str]:
    """The value as the parameter takes it, and what is wrong with it otherwise."""
    try:
        return _spec(strategy, name).read(strategy.__name__, value), ""
    except BadParameter as error:
        return value, str(error)


def _grid(
    strategy: type[Strategy], space: Mapping[str, Sequence[Value]]
) -> Iterator[tuple[Values, str]]:
    # Each choice is checked once, not once in every set that it is of.
    axes = []
    for name, choices in space.items():
        _spec(strategy, name)
        axes.append([_read_one(strategy, name, one) for one in choices])
    names, odd = tuple(space), any(problem for axis in axes for _, problem in axis)
    for chosen in product(*axes):
        values = dict(zip(names, (value for value, _ in chosen), strict=True))
        yield values, next((text for _, text in chosen if text), "") if odd else ""


def _listed(
    strategy: type[Strategy], sets: Sequence[Mapping[str, Value]]
) -> Iterator[tuple[Values, str]]:
    for one in sets:
        for name in one:
            _spec(strategy, name)
        read = {name: _read_one(strategy, name, value) for name, value in one.items()}
        problem = next((text for _, text in read.values() if text), "")
        yield {name: value for name, (value, _) in read.items()}, problem
