"""Lower calls: functions over numbers, crossings, and the strategy's own methods."""

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from quantloom.backtest.lowering.expressions import HOW, lower, number, truth
from quantloom.backtest.lowering.scope import SHARED, Function
from quantloom.backtest.lowering.values import Found, Kind, Number, Role, Thing
from quantloom.strategy import Line, crossed_above, crossed_below

_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Plain:
    """A function over floats: what it is here, and what it gives."""

    guard: str
    counts: tuple[int, ...] = (1,)
    kind: Kind = Kind.FLOAT


_FUNCTIONS: dict[Any, _Plain] = {
    math.sqrt: _Plain("root"),
    math.exp: _Plain("exponential"),
    math.log: _Plain("logarithm"),
    math.log10: _Plain("logarithm_10"),
    math.log2: _Plain("logarithm_2"),
    math.sin: _Plain("sine"),
    math.cos: _Plain("cosine"),
    math.tan: _Plain("tangent"),
    math.atan: _Plain("arc_tangent"),
    math.tanh: _Plain("hyperbolic_tangent"),
    math.fabs: _Plain("size"),
    math.copysign: _Plain("signed_as", (2,)),
    math.pow: _Plain("power", (2,)),
    math.isnan: _Plain("is_nan", kind=Kind.BOOL),
    math.isinf: _Plain("is_infinite", kind=Kind.BOOL),
    math.isfinite: _Plain("is_finite", kind=Kind.BOOL),
}
_WHOLE: dict[Any, str] = {
    int: "truncated",
    math.trunc: "truncated",
    math.floor: "lowered",
    math.ceil: "raised",
}


def call(function: Function, node: ast.Call) -> Found:
    """Lower a call."""
    called = lower(function, node.func)
    if isinstance(called, Number):
        return function.source.refuse(node, "a number is no function", "name a function")
    if called.role is Role.METHOD:
        found = call_method(function, node, called.held)
        if found is None:
            return function.source.refuse(node, f"{called.held} returns nothing", "return a number")
        return found
    if called.role is Role.ACTION:
        function.source.refuse(
            node, "an order is not kept", f"write ctx.{called.held}(...) on a line of its own"
        )
    how = _how(called.held) if called.role is Role.FIXED else None
    if how is None:
        known = "abs, min, max, round, int, float, bool, crossed_above, crossed_below and math"
        return function.source.refuse(node, f"{called} cannot be compiled", f"use {known}")
    if node.keywords or any(isinstance(one, ast.Starred) for one in node.args):
        function.source.refuse(node, "arguments by name or by *", "give each by its place")
    return how(function, node)


def _how(called: object) -> "Callable[[Function, ast.Call], Found] | None":
    try:
        known = _CALLS.get(called)
        plain = _FUNCTIONS.get(called)
        whole = _WHOLE.get(called)
    except TypeError:  # cannot be looked up
        return None
    if plain is not None:
        return lambda function, node: _call_plain(function, node, plain)
    if whole is not None:
        return lambda function, node: _make_whole(function, node, whole)
    return known


def _arguments(function: Function, node: ast.Call, counts: tuple[int, ...]) -> list[Number]:
    if len(node.args) not in counts:
        wanted = " or ".join(map(str, counts))
        function.source.refuse(node, "so many arguments", f"give {wanted}")
    return [number(function, one) for one in node.args]


def _call_plain(function: Function, node: ast.Call, plain: _Plain) -> Number:
    given = _arguments(function, node, plain.counts)
    if plain.guard == "power" and given[1].constant is not None:
        held = function.program.hold(float(given[1].constant))
        given[1] = Number(held, Kind.FLOAT)
    codes = ", ".join(one.as_kind(Kind.FLOAT) for one in given)
    is_rough = any(one.is_rough for one in given)
    return Number(f"guards.{plain.guard}({codes}, desk)", plain.kind, is_rough=is_rough)


def _make_whole(function: Function, node: ast.Call, guard: str) -> Number:
    (given,) = _arguments(function, node, (1,))
    return _whole_of(given, guard)


def _whole_of(given: Number, guard: str) -> Number:
    if given.kind is not Kind.FLOAT:
        return replace(given, code=given.as_kind(Kind.INT), kind=Kind.INT, constant=None)
    guard += "_rough" if given.is_rough else ""
    return Number(f"guards.{guard}({given.code}, desk)", Kind.INT, is_rough=given.is_rough)


def _float(function: Function, node: ast.Call) -> Number:
    if len(node.args) == 1:
        found = lower(function, node.args[0])
        if isinstance(found, Thing) and found.role is Role.LINE:
            return Number(f"lines[{function.program.column(found.held)}, row]", Kind.FLOAT)
        if found in (Thing(Role.FIXED, "nan"), Thing(Role.FIXED, "inf")):
            code = "guards.NAN" if found == Thing(Role.FIXED, "nan") else "guards.INF"
            return Number(code, Kind.FLOAT)
    (given,) = _arguments(function, node, (1,))
    code = given.as_kind(Kind.FLOAT)
    return Number(code, Kind.FLOAT, is_rough=given.is_rough, constant=given.constant)


def _bool(function: Function, node: ast.Call) -> Number:
    if len(node.args) != 1:
        function.source.refuse(node, "so many arguments", "give 1")
    return Number(f"({truth(function, node.args[0])})", Kind.BOOL)


def _abs(function: Function, node: ast.Call) -> Number:
    (given,) = _arguments(function, node, (1,))
    kind = max(given.kind, Kind.INT)
    return replace(given, code=f"abs({given.as_kind(kind)})", kind=kind, constant=None)


def _extreme(guard: str) -> "Callable[[Function, ast.Call], Found]":
    def find(function: Function, node: ast.Call) -> Found:
        given = [number(function, one) for one in node.args]
        if len(given) <= 1:
            function.source.refuse(node, "one argument", "give the numbers one by one")
        chosen = given[0]
        for one in given[1:]:
            joined = chosen.joined(one)
            codes = chosen.as_kind(joined.kind), one.as_kind(joined.kind)
            chosen = replace(joined, code=f"guards.{guard}({', '.join(codes)})", constant=None)
        return chosen

    return find


def _round(function: Function, node: ast.Call) -> Number:
    given = _arguments(function, node, (1, 2))
    if len(given) == 1:
        return _whole_of(given[0], "rounded")
    digits = given[1].constant
    if given[0].is_exact or not isinstance(digits, int) or not 0 <= digits <= _MOST_DIGITS:
        advice = f"write round(x, 2), with a float and 0 to {_MOST_DIGITS} written out"
        return function.source.refuse(node, "such a rounding", advice)
    code = given[0].as_kind(Kind.FLOAT)
    guard = "rounded_to_rough" if given[0].is_rough else "rounded_to"
    if given[0].kind is not Kind.FLOAT:
        return given[0]
    return Number(
        f"guards.{guard}({code}, {10.0**digits!r}, desk)", Kind.FLOAT, is_rough=given[0].is_rough
    )


def _crossing(sign: str, other: str) -> "Callable[[Function, ast.Call], Found]":
    def find(function: Function, node: ast.Call) -> Found:
        if len(node.args) != 2:
            function.source.refuse(node, "so many arguments", "give a line, and a line or number")
        left, right = (lower(function, one) for one in node.args)
        if not (isinstance(left, Thing) and left.role is Role.LINE):
            return function.source.refuse(
                node,
                f"{left if isinstance(left, Thing) else 'a number'} crosses nothing",
                "give a line first",
            )
        now, before = _two(function, left.held)
        if isinstance(right, Thing) and right.role is Role.LINE:
            level, level_before = _two(function, right.held)
        else:
            found = number(function, node.args[1])
            if found.is_rough:
                function.source.refuse(node, "a crossing of the account", "compare two numbers")
            level = level_before = found.as_kind(Kind.FLOAT)
        code = f"({now} {sign} {level} and {before} {other} {level_before})"
        return Number(code, Kind.BOOL)

    return find


def _two(function: Function, line: Line) -> tuple[str, str]:
    place = function.program.column(line)
    return f"lines[{place}, row]", f"guards.past(lines, {place}, row - 1)"


def call_method(function: Function, node: ast.Call, name: str) -> Number | None:
    """Lower a call of the strategy's own method; None where it returns nothing."""
    callee, code = method_call(function, node, name)
    return None if callee.result is None else replace(callee.result, code=code, constant=None)


def method_call(function: Function, node: ast.Call, name: str) -> tuple[Function, str]:
    """Make a function of the strategy's own method, and the code that calls it."""
    if node.keywords:
        function.source.refuse(node, "arguments by name", "give each by its place")
    given = [lower(function, one) for one in node.args]
    callee = _function(function, node, name, tuple(given))
    wanted = [callee.locals[argument] for argument in callee.arguments]
    numbers = [
        one.as_kind(known.kind)
        for one, known in zip(given, wanted, strict=True)
        if isinstance(one, Number) and isinstance(known, Number)
    ]
    return callee, f"{callee.name}({', '.join((SHARED, *numbers))})"


def _function(function: Function, node: ast.Call, name: str, given: tuple[Found, ...]) -> Function:
    """The function that a method becomes for these arguments, lowered with what they may be."""
    program = function.program
    things = tuple(one if isinstance(one, Thing) else None for one in given)
    callee = program.functions.get((name, things))
    if callee is None:
        written = program.method(name)
        if len(written.names) != len(given) + 1:
            wanted = ", ".join(written.names[1:])
            function.source.refuse(node, "so many arguments", f"{name} takes {wanted}")
        callee = Function(
            f"{name}_{len(program.functions)}", program, written, arguments=written.names[1:]
        )
        callee.locals[written.names[0]] = Thing(Role.SELF)
        program.functions[name, things] = callee
    if callee.is_lowering:
        function.source.refuse(node, f"{name} calls itself", "write a loop")
    for argument, one in zip(callee.arguments, given, strict=True):
        known = callee.locals.get(argument)
        if isinstance(one, Thing):
            callee.locals[argument] = one
        else:
            was = known if isinstance(known, Number) else None
            callee.locals[argument] = program.grown(replace(one, code=""), was)
    program.lower_body(callee)
    return callee


_CALLS: dict[Any, "Callable[[Function, ast.Call], Found]"] = {
    float: _float,
    bool: _bool,
    abs: _abs,
    round: _round,
    min: _extreme("smaller"),
    max: _extreme("greater"),
    crossed_above: _crossing(">", "<="),
    crossed_below: _crossing("<", ">="),
}
HOW[ast.Call] = call
