"""Lower operators, so that they come to what they come to in Python, or stop the run."""

import ast
from dataclasses import replace

from quantloom.backtest.lowering.scope import Function
from quantloom.backtest.lowering.values import Found, Kind, Number

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_GUARDED: dict[type[ast.operator], str] = {
    ast.Div: "divided",
    ast.FloorDiv: "floored",
    ast.Mod: "left_over",
}
_ORDERED: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "is_less"),
    ast.LtE: ("<=", "is_at_most"),
    ast.Gt: (">", "is_more"),
    ast.GtE: (">=", "is_at_least"),
    ast.Eq: ("==", "is_equal"),
    ast.NotEq: ("!=", "is_other"),
}
# Products of more would be another float than Python's power now and then.
_MOST_FACTORS = 3


def reckon(function: Function, node: ast.BinOp, pair: tuple[Number, Number]) -> Number:
    """Lower an operator between two numbers."""
    left, right = pair
    _refuse_decimals(function, node, pair)
    is_rough = left.is_rough or right.is_rough
    is_exact = left.is_exact or right.is_exact
    kind = max(left.kind, right.kind, Kind.INT)
    operator = type(node.op)
    if operator is ast.Pow:
        made = _power(function, node, pair)
    elif operator in _SIGNS:
        made = Number(_plain(operator, left.as_kind(kind), right.as_kind(kind), kind), kind)
    elif operator in _GUARDED:
        made = _guarded(operator, pair, kind)
    else:
        sign = type(node.op).__name__
        return function.source.refuse(node, f"{sign} cannot be compiled", "use + - * / // % **")
    return replace(made, is_rough=is_rough, is_exact=is_exact)


def _refuse_decimals(function: Function, node: ast.BinOp, pair: tuple[Number, Number]) -> None:
    if not any(one.is_exact for one in pair):
        return
    if type(node.op) not in _SIGNS:
        problem = "division and powers of an exact number of the account"
        function.source.refuse(node, problem, "write float(...) around it")
    if any(one.kind is Kind.FLOAT and not one.is_exact for one in pair):
        problem = "an exact number of the account does not add up with a float"
        function.source.refuse(node, problem, "write float(...) around it, in Python too")


def _plain(operator: type[ast.operator], left: str, right: str, kind: Kind) -> str:
    if operator is ast.Mult and kind is Kind.INT:
        return f"guards.times({left}, {right}, desk)"
    return f"({left} {_SIGNS[operator]} {right})"


def _guarded(operator: type[ast.operator], pair: tuple[Number, Number], kind: Kind) -> Number:
    left, right = pair
    name = _GUARDED[operator]
    if operator is ast.Div:
        kind = Kind.FLOAT
    elif kind is Kind.INT:
        name += "_whole"
    is_rough = operator is not ast.Div and (left.is_rough or right.is_rough)
    name += "_rough" if is_rough else ""
    return Number(f"guards.{name}({left.as_kind(kind)}, {right.as_kind(kind)}, desk)", kind)


def _power(function: Function, node: ast.BinOp, pair: tuple[Number, Number]) -> Number:
    base, exponent = pair
    if max(base.kind, exponent.kind) is Kind.FLOAT:
        if exponent.constant is not None:
            held = function.program.hold(float(exponent.constant))
            exponent = Number(held, Kind.FLOAT)
        first, second = (one.as_kind(Kind.FLOAT) for one in (base, exponent))
        return Number(f"guards.power({first}, {second}, desk)", Kind.FLOAT)
    count = exponent.constant
    if not isinstance(count, int) or not 1 <= count <= _MOST_FACTORS:
        advice = "write ** 2 or ** 3, or float(...) around one of them"
        return function.source.refuse(node, "such a power of a whole number", advice)
    whole = base.as_kind(Kind.INT)
    code = whole
    for _ in range(count - 1):
        code = f"guards.times({code}, {whole}, desk)"
    return Number(code, Kind.INT)


def negate(function: Function, node: ast.UnaryOp, found: Number) -> Found:
    """Lower a sign before a number."""
    kind = max(found.kind, Kind.INT)
    if isinstance(node.op, ast.Invert):
        return function.source.refuse(node, "~ cannot be compiled", "write not, or a - before it")
    if isinstance(node.op, ast.UAdd):
        return replace(found, code=found.as_kind(kind), kind=kind)
    constant = None if found.constant is None else -found.constant
    return replace(found, code=f"(-{found.as_kind(kind)})", kind=kind, constant=constant)


def compare(function: Function, node: ast.Compare, values: list[Number]) -> Number:
    """Lower a comparison, or a chain of them."""
    codes = []
    for operator, left, right in zip(node.ops, values, values[1:], strict=False):
        if type(operator) not in _ORDERED:
            function.source.refuse(
                node, "`is` and `in` compare no numbers", "write ==, or math.isnan(...)"
            )
        sign, guard = _ORDERED[type(operator)]
        kind = max(left.kind, right.kind, Kind.INT)
        first, second = left.as_kind(kind), right.as_kind(kind)
        is_rough = left.is_rough or right.is_rough
        codes.append(
            f"guards.{guard}({left.as_kind(Kind.FLOAT)}, {right.as_kind(Kind.FLOAT)}, desk)"
            if is_rough
            else f"({first} {sign} {second})"
        )
    return Number(f"({' and '.join(codes)})" if len(codes) > 1 else codes[0], Kind.BOOL)
