"""Users' own indicators: a decorated function joins the catalog beside the built-in ones."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_type_hints

from quantloom.errors import Invalid
from quantloom.indicators.catalog import register
from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.parameters import IndicatorParameter, Number
from quantloom.indicators.streaming import StreamingTwin
from quantloom.market.bars import FIELDS

Function = TypeVar("Function", bound=Callable[..., Any])

_UNBOUNDED = sys.float_info.max


class BadIndicatorDefinition(Invalid):
    """A decorated function that cannot serve as an indicator."""

    code = "indicator.bad_definition"

    def __init__(self, indicator: str, problem: str) -> None:
        super().__init__(indicator, problem)
        self.indicator, self.problem = indicator, problem

    def __str__(self) -> str:
        return (
            f"{self.indicator}: {self.problem}; write it like "
            "f(close, period: Annotated[int, Bounds(2, 200)] = 10)"
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """The least and the greatest value of a parameter, as in `Annotated[int, Bounds(2, 200)]`."""

    low: Number = -_UNBOUNDED
    high: Number = _UNBOUNDED


def indicator(
    *,
    name: str,
    group: str,
    warm_up: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = ("value",),
    streaming: Callable[..., StreamingTwin] | None = None,
) -> Callable[[Function], Function]:
    """Add the decorated batch function to the catalog; the function itself stays as it is.

    The function takes the input arrays first, then its parameters, each with a default; it returns
    one (n,) array per output, the first `warm_up` values NaN. Its docstring's first line becomes
    the description.

    Args:
        inputs: some of open, high, low, close, volume, in the order the function takes them.
        warm_up: of the parameters by name, the number of leading bars without a value.
        streaming: of the parameters by name, the twin that computes the same bar by bar. Without
            one the indicator serves backtests over arrays alone.
    Raises:
        BadIndicatorDefinition: an unknown input, or a parameter without a usable default.
        IndicatorExists: the name is taken.
    """

    def add(function: Function) -> Function:
        definition = IndicatorDefinition(
            name=name,
            group=group,
            description=(inspect.getdoc(function) or "").partition("\n")[0],
            source=f"{function.__module__}.{function.__qualname__}",
            parameters=_parameters(name, function, inputs),
            inputs=inputs,
            outputs=outputs,
            warm_up=warm_up,
            batch=function,
            streaming=streaming,
        )
        _check_warm_up(definition)
        register(definition)
        return function

    return add


def _parameters(
    name: str, function: Callable[..., Any], inputs: tuple[str, ...]
) -> tuple[IndicatorParameter, ...]:
    unknown = [column for column in inputs if column not in FIELDS]
    if unknown or not inputs:
        raise BadIndicatorDefinition(name, f"inputs must be some of {', '.join(FIELDS)}")
    signature = list(inspect.signature(function).parameters.values())
    if len(signature) < len(inputs):
        raise BadIndicatorDefinition(name, f"the function must take {', '.join(inputs)} first")
    try:
        hints = get_type_hints(function, include_extras=True)
    except NameError as error:
        raise BadIndicatorDefinition(name, f"an annotation cannot be read: {error}") from error
    return tuple(
        _parameter(name, argument, hints.get(argument.name))
        for argument in signature[len(inputs) :]
    )


def _parameter(name: str, argument: inspect.Parameter, hint: Any) -> IndicatorParameter:
    if argument.name == "source":
        raise BadIndicatorDefinition(
            name, "source says which column is read; name the parameter otherwise"
        )
    kind, *notes = get_args(hint) or (hint or type(argument.default),)
    if kind not in {int, float} or argument.default is inspect.Parameter.empty:
        raise BadIndicatorDefinition(name, f"{argument.name} needs an int or float default")
    bounds = next((note for note in notes if isinstance(note, Bounds)), Bounds())
    parameter = IndicatorParameter(
        argument.name, kind, argument.default, low=bounds.low, high=bounds.high
    )
    problem = parameter.find_problem(argument.default)
    if problem:
        raise BadIndicatorDefinition(name, f"the default of {problem}")
    return parameter


def _check_warm_up(definition: IndicatorDefinition) -> None:
    defaults = {parameter.name: parameter.default for parameter in definition.parameters}
    try:
        count = definition.warm_up(**defaults)
    except TypeError as error:
        raise BadIndicatorDefinition(definition.name, f"warm_up does not fit: {error}") from error
    if count < 0:
        raise BadIndicatorDefinition(definition.name, f"warm_up gives {count} bars")
