"""What must hold between parameters: Python functions, or expressions such as `fast < slow`."""

import ast
import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from quantloom.errors import Invalid
from quantloom.strategy import Value

Check = Callable[[Mapping[str, Value]], bool]

_COMPARING: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
# Without powers, so that no short text keeps a machine busy for hours.
_REACHED: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class BadConstraint(Invalid):
    """A constraint that is no comparison of parameters, or that fails on a set of them."""

    code = "optimise.bad_constraint"

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(text, problem)
        self.text, self.problem = text, problem

    def __str__(self) -> str:
        return (
            f"the constraint {self.text!r} {self.problem}; compare parameters and numbers, as in "
            "'fast < slow' or 'slow >= 2 * fast and stop > 0'"
        )


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that must hold.

    Attributes:
        text: the expression, or the name of the function with a digest of its code.
    """

    text: str
    check: Check = field(compare=False, repr=False)

    @classmethod
    def of(cls, given: "str | Callable[..., bool] | Constraint") -> "Constraint":
        """Read an expression or take a function.

        Args:
            given: a function may name parameters of the strategy as its own, or take the whole set
                as one mapping.
        Raises:
            BadConstraint: the text is no comparison.
        """
        if isinstance(given, Constraint):
            return given
        if isinstance(given, str):
            return cls(given.strip(), _parsed(given.strip()))
        return cls(_told(given), _called(given))

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Whether a set of parameters, defaults included, is allowed.

        Raises:
            BadConstraint: it names what is no parameter, or fails.
        """
        try:
            return bool(self.check(values))
        except BadConstraint:
            raise
        except Exception as error:  # a user's function may fail in any way
            raise BadConstraint(self.text, f"fails: {type(error).__name__}: {error}") from error


def _told(function: Callable[..., bool]) -> str:
    code = getattr(function, "__code__", None)
    name = getattr(function, "__name__", type(function).__name__)
    return name if code is None else f"{name} {code.co_code.hex()} {code.co_names} {code.co_consts}"


def _called(function: Callable[..., bool]) -> Check:
    names = [
        one.name
        for one in inspect.signature(function).parameters.values()
        if one.kind in {one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}
    ]

    def check(values: Mapping[str, Value]) -> bool:
        if names and set(names) <= values.keys():
            return function(**{name: values[name] for name in names})
        return function(values)

    return check


def _parsed(text: str) -> Check:
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadConstraint(text, "cannot be read") from None
    _refuse_other(text, tree)

    def check(values: Mapping[str, Value]) -> bool:
        return bool(_value(text, tree, values))

    return check


_ALLOWED = (
    *(ast.Compare, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp),
    *(ast.Name, ast.Load, ast.Constant),
    *_COMPARING,
    *_REACHED,
)


def _refuse_other(text: str, tree: ast.expr) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise BadConstraint(text, f"holds {type(node).__name__}, which is not allowed")
        if isinstance(node, ast.Constant) and not isinstance(node.value, int | float | str):
            raise BadConstraint(text, f"holds {node.value!r}, which is no number and no text")


def _value(text: str, node: ast.expr, values: Mapping[str, Value]) -> Any:
    """Work out an expression; only nodes that `_refuse_other` has let pass come here."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _named(text, node.id, values)
    if isinstance(node, ast.Compare):
        return _compared(text, node, values)
    if isinstance(node, ast.BoolOp):
        joined = all if isinstance(node.op, ast.And) else any
        return joined(_value(text, part, values) for part in node.values)
    return _reckoned(text, node, values)


def _reckoned(text: str, node: ast.expr, values: Mapping[str, Value]) -> Any:
    if isinstance(node, ast.BinOp):
        left, right = (_number(text, one, values) for one in (node.left, node.right))
        return _REACHED[type(node.op)](left, right)
    operand = cast("ast.UnaryOp", node).operand
    is_not = isinstance(cast("ast.UnaryOp", node).op, ast.Not)
    return not _value(text, operand, values) if is_not else -_number(text, operand, values)


def _compared(text: str, node: ast.Compare, values: Mapping[str, Value]) -> bool:
    found = [_value(text, one, values) for one in (node.left, *node.comparators)]
    pairs = zip(node.ops, found, found[1:], strict=False)
    return all(_COMPARING[type(compare)](left, right) for compare, left, right in pairs)


def _named(text: str, name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise BadConstraint(text, f"names {name}, and the parameters are {', '.join(values)}")
    return values[name]


def _number(text: str, node: ast.expr, values: Mapping[str, Value]) -> float:
    found = _value(text, node, values)
    if not isinstance(found, int | float):
        raise BadConstraint(text, f"reckons with {found!r}, which is no number")
    return found
