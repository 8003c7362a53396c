"""From a method to the syntax tree of its source, in a file or in a notebook's cell."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from quantloom.backtest.lowering.refusals import NotCompilable, Source

# Classes of a long session, each with a few methods.
_MOST = 1_024


@dataclass(frozen=True, slots=True)
class Written:
    """A function as it was written.

    Attributes:
        names: of its arguments, `self` first.
        owned: every name that it assigns, which hides a global of that name.
        seen: what the other names mean: globals and what encloses it.
    """

    source: Source
    names: tuple[str, ...]
    body: list[ast.stmt]
    owned: frozenset[str]
    seen: dict[str, Any]


def read_method(strategy: type, name: str) -> Written:
    """Read a method of a strategy.

    Raises:
        NotCompilable: it has no source, or takes arguments in another way than by place.
    """
    function = inspect.unwrap(getattr(strategy, name))
    if not inspect.isfunction(function):
        raise NotCompilable(strategy.__name__, name, "", "it is no plain method", "write a def")
    source, tree = _parse(strategy, function)
    if not isinstance(tree, ast.FunctionDef):
        source.refuse(tree, f"{name} is no plain method", "write def")
    if tree.decorator_list:
        source.refuse(tree, "decorated methods are not compiled", "take the decorator off")
    names = _names(tree, source)
    return Written(source, names, tree.body, _owned(tree, names), _seen(function))


# Reading a file and parsing take a millisecond, a tenth of a compiled run.
@lru_cache(maxsize=_MOST)
def _parse(strategy: type, function: Any) -> tuple[Source, ast.stmt]:
    lines, first = _lines(strategy, function)
    source = Source(strategy.__name__, function.__code__.co_filename, first, tuple(lines))
    return source, ast.parse(textwrap.dedent("".join(lines))).body[0]


def _owned(tree: ast.FunctionDef, names: tuple[str, ...]) -> frozenset[str]:
    stored = (
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    return frozenset((*stored, *names))


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
