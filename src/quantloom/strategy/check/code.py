"""Parsed source, laid out so that rules need not walk it again and again."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeVar

from quantloom.strategy.check.findings import Place

Node = TypeVar("Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef

_LINE_END = re.compile(r"\r\n|\r|\n")
# Longer ones are none that a rule knows; each attribute of a chain is asked for its name.
_LONGEST_NAME = 12


class Lines:
    """The lines of a text, as Python counts them."""

    def __init__(self, text: str) -> None:
        self._lines = _LINE_END.split(text)

    def place(self, node: ast.AST) -> Place:
        """Where a node stands, in characters; Python tells columns in bytes of UTF-8."""
        line, end_line = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        start = self._column(line, getattr(node, "col_offset", 0))
        end = getattr(node, "end_col_offset", None)
        if end_line is None or end is None:
            return self.within(line, start, line, start + 1)
        return self.within(line, start, end_line, self._column(end_line, end))

    def within(self, line: int, column: int, end_line: int, end_column: int) -> Place:
        """A place that lies in the text, whatever was asked for."""
        line = self._clamp_line(line)
        column = self._clamp_column(line, column)
        end_line = max(line, self._clamp_line(end_line))
        end_column = self._clamp_column(end_line, end_column)
        if end_line == line:
            end_column = max(column, end_column)
        return Place(line, column, end_line, end_column)

    def first_line_of(self, place: Place) -> Place:
        """The part of a place that stands on its first line; the whole of a class is too much."""
        if place.end_line == place.line:
            return place
        return Place(place.line, place.column, place.line, len(self._lines[place.line - 1]) + 1)

    def _clamp_line(self, line: int) -> int:
        return min(max(line, 1), len(self._lines))

    def _clamp_column(self, line: int, column: int) -> int:
        return min(max(column, 1), len(self._lines[line - 1]) + 1)

    def _column(self, line: int, byte: int) -> int:
        text = self._lines[self._clamp_line(line) - 1]
        if text.isascii():
            return byte + 1
        return len(text.encode("utf-8", "surrogatepass")[:byte].decode("utf-8", "replace")) + 1


class Code:
    """A parsed module.

    Attributes:
        tree: the module.
        origins: what the names that it imports stand for, such as `np` for `numpy`.
    """

    def __init__(self, tree: ast.Module, nodes: Sequence[ast.AST]) -> None:
        self.tree = tree
        self._by_kind: dict[type[ast.AST], list[ast.AST]] = defaultdict(list)
        for node in nodes:
            self._by_kind[type(node)].append(node)
        self.origins = dict(self._imported())

    def of(self, kind: type[Node]) -> list[Node]:
        """Every node of a kind."""
        return self._by_kind[kind]  # type: ignore[return-value]  # filled by type

    def functions(self) -> Iterator[Function]:
        yield from self.of(ast.FunctionDef)
        yield from self.of(ast.AsyncFunctionDef)

    def origin(self, node: ast.AST) -> str:
        """The dotted name of a node with what its first part was imported as; empty for none."""
        head, dot, rest = spell(node).partition(".")
        return f"{self.origins.get(head, head)}{dot}{rest}"

    def is_imported(self, node: ast.AST) -> bool:
        """Whether a dotted name begins with something that the module imports."""
        return spell(node).partition(".")[0] in self.origins

    def _imported(self) -> Iterator[tuple[str, str]]:
        for plain in self.of(ast.Import):
            for alias in plain.names:
                whole = alias.asname is not None
                head = alias.name if whole else alias.name.partition(".")[0]
                yield alias.asname or head, head
        for named in self.of(ast.ImportFrom):
            for alias in named.names:
                yield alias.asname or alias.name, f"{named.module or ''}.{alias.name}"


def spell(node: ast.AST) -> str:
    """Spell a dotted name; one that hangs on something else begins with a dot, others are empty."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _LONGEST_NAME:
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    elif not parts:
        return ""
    else:
        parts.append("")
    return ".".join(reversed(parts))


def walk(*nodes: ast.AST, into: bool = True) -> Iterator[ast.AST]:
    """Every node below some, and they themselves; without `into` functions inside are left out."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            is_function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            if into or not is_function:
                waiting.append(child)


def methods_of(node: ast.ClassDef) -> dict[str, Function]:
    return {
        one.name: one
        for one in node.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def argument_names(node: Function) -> list[str]:
    """The names of what a function takes by place."""
    return [one.arg for one in (*node.args.posonlyargs, *node.args.args)]


def keyword(node: ast.Call, name: str) -> ast.expr | None:
    """What a call gives for a keyword."""
    return next((one.value for one in node.keywords if one.arg == name), None)


def number(node: ast.AST | None) -> float | None:
    """The number that is written there, with its sign; None for anything else."""
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1 if isinstance(node.op, ast.USub) else 1
        node = node.operand
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return sign * value


def is_negative(node: ast.AST | None) -> bool:
    """Whether it is written with a minus: a number below zero, or a name turned around."""
    found = number(node)
    if found is not None:
        return found < 0
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
