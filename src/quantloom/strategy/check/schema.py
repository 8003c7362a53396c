"""What can be tuned in a strategy, read off its source without running it."""

import ast
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from quantloom.strategy.base import Strategy
from quantloom.strategy.check.code import Code, spell
from quantloom.strategy.check.reading import Unparsed, decode, parse
from quantloom.strategy.check.shape import find_strategies
from quantloom.strategy.parameters import BadParameter, ParameterSpec

RESERVED = frozenset(vars(Strategy)) | {"values"}
"""Names that no parameter may have."""

_FIELDS = ("default", "low", "high", "choices", "description", "step")
_PLAIN = (int, float, bool, str)
_MOST = 200
_LONGEST_TEXT = 1_000
# Beyond it JSON's numbers are no longer exact.
_LARGEST_INTEGER = 2**53
Declared = ast.AnnAssign | ast.Assign


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of the declarations that only running the code would tell.

    Attributes:
        name: of the parameter, or of the class that has parameters from elsewhere.
        text_en, text_zh: why it cannot be read.
    """

    name: str
    text_en: str
    text_zh: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """A `Parameter(...)` in a class; `spec` is None where it holds more than plain values."""

    name: str
    node: Declared
    given: Mapping[str, Any]
    unread: tuple[str, ...]

    @property
    def spec(self) -> ParameterSpec | None:
        fields = {name: value for name, value in self.given.items() if name in _FIELDS}
        if self.unread or not isinstance(fields.get("default"), _PLAIN):
            return None
        return ParameterSpec(name=self.name, **fields)


def declarations(node: ast.ClassDef) -> Iterator[Declaration]:
    """Every parameter that a class itself declares, in order."""
    for item in node.body:
        if not isinstance(item, ast.AnnAssign | ast.Assign):
            continue
        target = item.target if isinstance(item, ast.AnnAssign) else item.targets[0]
        call = item.value
        is_declared = isinstance(call, ast.Call) and spell(call.func).endswith("Parameter")
        if is_declared and isinstance(target, ast.Name):
            yield _declaration(target.id, item, cast("ast.Call", call))


def parameters_of(text: str | bytes) -> tuple[dict[str, Any], tuple[Unreadable, ...]]:
    """Read what the strategy of a source can be tuned by, without running it.

    Args:
        text: the source, or the bytes of its file. Where it holds several strategies that no
            other of them extends, or none, or is no Python, nothing is read.
    Returns:
        JSON Schema as `Strategy.parameters_schema` makes it, and what only running would tell.
    """
    try:
        return parameters_in(parse(decode(text)))
    except Unparsed:
        return _schema({}), ()


def parameters_in(code: Code) -> tuple[dict[str, Any], tuple[Unreadable, ...]]:
    """The same as `parameters_of`, of code that is parsed already."""
    properties: dict[str, Any] = {}
    unread: list[Unreadable] = []
    strategies = {node.name: node for node in find_strategies(code)}
    extended = {spell(base) for node in strategies.values() for base in node.bases}
    last = [node for name, node in strategies.items() if name not in extended]
    if len(last) == 1:
        for node in _bases(last[0], strategies, unread):
            for declared in declarations(node):
                _add(declared, properties, unread)
            _set_defaults(node, properties)
    return _schema(properties), tuple(unread[:_MOST])


def _schema(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _bases(
    node: ast.ClassDef, strategies: Mapping[str, ast.ClassDef], unread: list[Unreadable]
) -> list[ast.ClassDef]:
    """A class and those of the file that it extends, the furthest first."""
    chain, waiting, seen = [], [node], {node.name}
    while waiting:
        here = waiting.pop()
        chain.append(here)
        for base in here.bases:
            name = spell(base)
            if name in strategies and name not in seen:
                seen.add(name)
                waiting.append(strategies[name])
            elif name.rpartition(".")[2] != "Strategy" and name not in seen:
                unread.append(
                    Unreadable(
                        here.name,
                        f"what it has from {name or 'its base'} is known once it has run",
                        f"来自 {name or '基类'} 的参数要运行后才知道",
                    )
                )
    return chain[::-1]


def _add(declared: Declaration, properties: dict[str, Any], unread: list[Unreadable]) -> None:
    spec = declared.spec
    if spec is None:
        which = ", ".join(declared.unread) or "default"
        unread.append(
            Unreadable(
                declared.name,
                f"{which} is worked out when the code runs",
                f"{which} 要在代码运行时才算出",
            )
        )
        return
    try:
        spec.read("", spec.default)
    except (BadParameter, TypeError):
        unread.append(
            Unreadable(declared.name, "its values do not fit each other", "其各值相互矛盾")
        )
        return
    properties[declared.name] = spec.schema()


def _set_defaults(node: ast.ClassDef, properties: dict[str, Any]) -> None:
    """`fast = 5` in a class that extends another is another default within the same bounds."""
    for item in node.body:
        if not isinstance(item, ast.Assign) or not isinstance(item.targets[0], ast.Name):
            continue
        name = item.targets[0].id
        if name in properties and isinstance(item.value, ast.Constant):
            properties[name] = properties[name] | {"default": _plain(item.value.value)}


def _declaration(name: str, node: Declared, call: ast.Call) -> Declaration:
    given: dict[str, Any] = {}
    unread: list[str] = []
    found = list(zip(_FIELDS, call.args, strict=False))
    found += [(one.arg or "**", one.value) for one in call.keywords]
    for field, value in found:
        try:
            given[field] = _read(value)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            unread.append(field)
    return Declaration(name, node, given, tuple(unread))


def _read(value: ast.expr) -> Any:
    """The plain value that is written there.

    Raises:
        ValueError: it is worked out, or no JSON.
    """
    found = value.value if isinstance(value, ast.Constant) else ast.literal_eval(value)
    if isinstance(found, list | tuple) and len(found) <= _MOST:
        return tuple(_plain(one) for one in found)
    return _plain(found)


def _plain(value: object) -> object:
    if isinstance(value, str):
        value.encode()
        fits = len(value) <= _LONGEST_TEXT and "\0" not in value
    elif isinstance(value, float):
        fits = math.isfinite(value)
    else:
        is_whole = isinstance(value, int) and abs(value) <= _LARGEST_INTEGER
        fits = value is None or is_whole
    if not fits:
        raise ValueError(value)
    return value
