"""Lower expressions: what a strategy reads, reckons and compares.

`HOW` has a function for each kind of expression; calls are put there by `calling`.
"""

import ast
import types
from collections.abc import Callable
from typing import Any

from quantloom.backtest.lowering.arithmetic import compare, negate, reckon
from quantloom.backtest.lowering.scope import WHOLE, Function
from quantloom.backtest.lowering.values import Found, Kind, Number, Role, Thing
from quantloom.strategy import Line

_MISSING = object()
# Not what extends them, such as a number of NumPy or an enum.
_PLAIN = (bool, int, float)
_NO_NONE = "use a number, such as math.nan for what is not known yet"
_BAR = {name: Number(name, Kind.FLOAT) for name in ("open", "high", "low", "close", "volume")}
_QUANTITY = Number("desk[2]", Kind.FLOAT, is_exact=True)
_POSITION = {
    "is_flat": Number("(desk[2] == 0.0)", Kind.BOOL),
    "is_long": Number("(desk[2] > 0.0)", Kind.BOOL),
    "is_short": Number("(desk[2] < 0.0)", Kind.BOOL),
    "quantity": _QUANTITY,
    "average_price": Number("desk[3]", Kind.FLOAT),
}
_ACCOUNT = {
    "cash": Number("desk[0]", Kind.FLOAT, is_exact=True, is_rough=True),
    "equity": Number("desk[1]", Kind.FLOAT, is_exact=True, is_rough=True),
}
_ACTIONS = (
    "buy",
    "short",
    "sell",
    "cover",
    "close",
    "cancel_all",
    "target_quantity",
    "target_value",
    "target_weight",
)


def number(function: Function, node: ast.expr) -> Number:
    """Lower an expression that must be a number."""
    found = lower(function, node)
    if isinstance(found, Number):
        return found
    if found.role is Role.LINE:
        advice = "write .value for its present value"
    elif found == Thing(Role.FIXED):
        advice = _NO_NONE
    else:
        advice = "use a number"
    return function.source.refuse(node, f"{found} stands where a number belongs", advice)


def truth(function: Function, node: ast.expr) -> str:
    """Lower a condition."""
    if isinstance(node, ast.BoolOp):
        return _joined(function, node)
    found = lower(function, node)
    if isinstance(found, Thing):
        if found.role is Role.POSITION:
            return "(desk[2] != 0.0)"
        return function.source.refuse(node, f"{found} is no condition", "compare numbers")
    if found.is_rough and found.kind is not Kind.BOOL:
        function.source.refuse(node, "money of the account is no condition", "compare it with 0")
    return found.truth


def lower(function: Function, node: ast.expr) -> Found:
    """Lower an expression."""
    how = HOW.get(type(node))
    if how is None:
        what = _NAMED.get(type(node), type(node).__name__)
        function.source.refuse(node, f"{what} cannot be compiled", "use numbers, lines and if")
    return how(function, node)


def _constant(function: Function, node: ast.Constant) -> Found:
    value = node.value
    if isinstance(value, bool):
        return Number(repr(value), Kind.BOOL, constant=value)
    if isinstance(value, int | float):
        return _fixed_number(function, node, value)
    return Thing(Role.FIXED, value)


def _fixed_number(function: Function, node: ast.AST, value: float) -> Number:
    if isinstance(value, bool):
        return Number(repr(value), Kind.BOOL, constant=value)
    if isinstance(value, int):
        if abs(value) > WHOLE:
            function.source.refuse(node, "whole numbers reach to 2**53", "write a smaller one")
        return Number(f"({value!r})", Kind.INT, constant=value)
    special = value != value or value in {float("inf"), float("-inf")}  # noqa: PLR0124
    code = f"({value!r})"
    if special:
        code = {"nan": "guards.NAN", "inf": "guards.INF", "-inf": "(-guards.INF)"}[repr(value)]
    return Number(code, Kind.FLOAT, constant=value)


def _name(function: Function, node: ast.Name) -> Found:
    if node.id in function.written.owned:
        return function.read(node)
    value = function.written.seen.get(node.id, _MISSING)
    if value is _MISSING:
        function.source.refuse(node, f"{node.id} is not known", "define it, or import it")
    return _fixed(function, node, value)


def _fixed(function: Function, node: ast.AST, value: object) -> Found:
    """What is there before the run: a number is taken as it is then."""
    if isinstance(value, bool | int | float) and type(value) in _PLAIN:
        return _fixed_number(function, node, value)
    return Thing(Role.FIXED, value)


def _attribute(function: Function, node: ast.Attribute) -> Found:
    base = lower(function, node.value)
    if isinstance(base, Number):
        return function.source.refuse(
            node, f"a number has no .{node.attr} in compiled code", "use the number itself"
        )
    return _ATTRIBUTES.get(base.role, _no_attribute)(function, node, base)


def _no_attribute(function: Function, node: ast.Attribute, base: Thing) -> Found:
    return function.source.refuse(node, f"{base} has no .{node.attr} here", "use what is listed")


def _of_table(table: dict[str, Number]) -> Callable[[Function, ast.Attribute, Thing], Found]:
    def find(function: Function, node: ast.Attribute, base: Thing) -> Found:
        found = table.get(node.attr)
        if found is None:
            known = ", ".join(table)
            problem = f"{base.role.value}.{node.attr} is not compiled"
            function.source.refuse(node, problem, f"use one of {known}")
        if found is _QUANTITY and not function.program.has_whole_lots:
            return Number(found.code, found.kind, is_exact=True, is_rough=True)
        return found

    return find


def _of_bar(function: Function, node: ast.Attribute, base: Thing) -> Found:
    return Thing(Role.SYMBOL) if node.attr == "symbol" else _of_table(_BAR)(function, node, base)


def _of_ctx(function: Function, node: ast.Attribute, base: Thing) -> Found:
    if node.attr in _ACTIONS:
        return Thing(Role.ACTION, node.attr)
    if node.attr in {"position", "account"}:
        return Thing(Role.POSITION if node.attr == "position" else Role.ACCOUNT)
    known = ", ".join(("position", "account", *_ACTIONS))
    problem = f"{base}.{node.attr} is not compiled"
    return function.source.refuse(node, problem, f"use one of {known}")


def _of_self(function: Function, node: ast.Attribute, _: Thing) -> Found:
    program = function.program
    if isinstance(getattr(type(program.strategy), node.attr, None), property):
        function.source.refuse(node, f"self.{node.attr} is a property", "write a plain method")
    value = getattr(program.strategy, node.attr, _MISSING)
    if value is _MISSING:
        problem = f"self.{node.attr} has no value before the first bar"
        function.source.refuse(node, problem, "set it in initialize")
    if isinstance(value, bool | int | float) and type(value) in _PLAIN:
        return program.slot(node.attr, value)
    if isinstance(value, types.MethodType) and value.__self__ is program.strategy:
        return Thing(Role.METHOD, node.attr)
    if isinstance(value, Line):
        return Thing(Role.LINE, value)
    if isinstance(value, str) and value == program.symbol:
        return Thing(Role.SYMBOL)
    shown = "None" if value is None else f"of type {type(value).__name__}"
    advice = _NO_NONE if value is None else "keep numbers and lines alone"
    return function.source.refuse(node, f"self.{node.attr} is {shown}", advice)


def _of_line(function: Function, node: ast.Attribute, base: Thing) -> Found:
    line: Line = base.held
    if node.attr in {"value", "previous", "is_ready"}:
        present = _at(function, line, "0" if node.attr != "previous" else "1")
        is_asked = node.attr == "is_ready"
        return Number(f"({present} == {present})", Kind.BOOL) if is_asked else _float(present)
    inner = getattr(line, node.attr, None)
    if isinstance(inner, Line):
        return Thing(Role.LINE, inner)
    return function.source.refuse(
        node,
        f"{line.label}.{node.attr} is not compiled",
        "use .value, .previous, .is_ready or [-2]",
    )


def _of_fixed(function: Function, node: ast.Attribute, base: Thing) -> Found:
    value = getattr(base.held, node.attr, _MISSING)
    if value is _MISSING or not isinstance(base.held, types.ModuleType | type):
        return _no_attribute(function, node, base)
    return _fixed(function, node, value)


def _float(code: str) -> Number:
    return Number(code, Kind.FLOAT)


def _at(function: Function, line: Line, back: str) -> str:
    place = function.program.column(line)
    return f"lines[{place}, row]" if back == "0" else f"guards.past(lines, {place}, row - {back})"


def _subscript(function: Function, node: ast.Subscript) -> Found:
    base = lower(function, node.value)
    if not (isinstance(base, Thing) and base.role is Role.LINE):
        return function.source.refuse(node, "only lines are indexed", "keep numbers in attributes")
    if isinstance(node.slice, ast.Slice):
        function.source.refuse(node, "a line is not cut", "read its values one by one")
    index = number(function, node.slice)
    if index.kind is not Kind.INT:
        function.source.refuse(node, "an index is a whole number", "write [-1], [-2] and so on")
    if index.constant is not None:
        if index.constant >= 0:
            function.source.refuse(node, "it would look ahead", "[-1] is the present value")
        return _float(_at(function, base.held, str(-1 - int(index.constant))))
    place = function.program.column(base.held)
    return _float(f"guards.at(lines, {place}, row, {index.code}, desk)")


def _binary(function: Function, node: ast.BinOp) -> Found:
    left, right = number(function, node.left), number(function, node.right)
    return reckon(function, node, (left, right))


def _unary(function: Function, node: ast.UnaryOp) -> Found:
    if isinstance(node.op, ast.Not):
        return Number(f"(not {truth(function, node.operand)})", Kind.BOOL)
    return negate(function, node, number(function, node.operand))


def _boolean(function: Function, node: ast.BoolOp) -> Found:
    if any(number(function, one).kind is not Kind.BOOL for one in node.values):
        # `a or b` is one of the two; only as a condition is it all the same which.
        function.source.refuse(node, "`and` and `or` of numbers", "write a if a else b")
    return Number(_joined(function, node), Kind.BOOL)


def _joined(function: Function, node: ast.BoolOp) -> str:
    word = " and " if isinstance(node.op, ast.And) else " or "
    return f"({word.join(truth(function, one) for one in node.values)})"


def _compared(function: Function, node: ast.Compare) -> Found:
    values = [number(function, one) for one in (node.left, *node.comparators)]
    return compare(function, node, values)


def _chosen(function: Function, node: ast.IfExp) -> Found:
    asked = truth(function, node.test)
    first, second = number(function, node.body), number(function, node.orelse)
    joined = first.joined(second)
    code = f"({first.as_kind(joined.kind)} if {asked} else {second.as_kind(joined.kind)})"
    return Number(code, joined.kind, joined.is_exact, joined.is_rough)


_ATTRIBUTES: dict[Role, Callable[[Function, ast.Attribute, Thing], Found]] = {
    Role.SELF: _of_self,
    Role.CTX: _of_ctx,
    Role.BAR: _of_bar,
    Role.POSITION: _of_table(_POSITION),
    Role.ACCOUNT: _of_table(_ACCOUNT),
    Role.LINE: _of_line,
    Role.FIXED: _of_fixed,
}
HOW: dict[type[ast.expr], Callable[[Function, Any], Found]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compared,
    ast.IfExp: _chosen,
}
_NAMED: dict[type[ast.expr], str] = {
    ast.Dict: "a dict",
    ast.List: "a list",
    ast.Set: "a set",
    ast.Tuple: "a tuple",
    ast.ListComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.GeneratorExp: "a generator",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "text",
    ast.NamedExpr: "`:=`",
    ast.Yield: "yield",
    ast.Await: "await",
}
