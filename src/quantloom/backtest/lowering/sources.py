"""From a method to the syntax tree of its source, in a file or in a notebook's cell."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from quantloom.backtest.lowering.refusals import NotCompilable, Source


@dataclass(frozen=True, slots=True)
class Written:
    """A function as it was written.

    Attributes:
        names: of its arguments, `self` first.
        seen: what the names mean that it does not assign: globals and what encloses it.
    """

    source: Source
    names: tuple[str, ...]
    body: list[ast.stmt]
    seen: dict[str, Any]


def read_method(strategy: type, name: str) -> Written:
    """Read a method of a strategy.

    Raises:
        NotCompilable: it has no source, or takes arguments in another way than by place.
    """
    function = inspect.unwrap(getattr(strategy, name))
    if not inspect.isfunction(function):
        raise NotCompilable(strategy.__name__, name, "", "it is no plain method", "write a def")
    lines, first = _lines(strategy, function)
    source = Source(strategy.__name__, function.__code__.co_filename, first, tuple(lines))
    tree = ast.parse(textwrap.dedent("".join(lines))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        source.refuse(tree, f"{name} is no plain method", "write def")
    if vars(strategy).get(name) is staticmethod or tree.decorator_list:
        source.refuse(tree, "decorated methods are not compiled", "take the decorator off")
    return Written(source, _names(tree, source), tree.body, _seen(function))


def _lines(strategy: type, function: Callable[..., Any]) -> tuple[list[str], int]:
    try:
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError):
        place = f"{function.__code__.co_filename}, line {function.__code__.co_firstlineno}"
        problem = f"the source of {function.__name__} is not found"
        raise NotCompilable(
            strategy.__name__, place, "", problem, "keep it in a file or a notebook"
        ) from None
    return lines, max(first, 1)


def _names(tree: ast.FunctionDef, source: Source) -> tuple[str, ...]:
    given = tree.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults:
        source.refuse(
            tree, "its arguments are not plain", "take each by its place, without default"
        )
    return tuple(one.arg for one in (*given.posonlyargs, *given.args))


def _seen(function: Callable[..., Any]) -> dict[str, Any]:
    code = cast("Any", function)
    enclosed = zip(code.__code__.co_freevars, code.__closure__ or (), strict=True)
    inner = {name: cell.cell_contents for name, cell in enclosed if name != "__class__"}
    builtin = code.__builtins__
    return {**builtin, **code.__globals__, **inner}
