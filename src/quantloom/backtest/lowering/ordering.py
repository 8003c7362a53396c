"""Lower what a strategy sends: each order becomes a row of numbers that the engine reads."""

import ast
from collections.abc import Mapping
from typing import Any

from quantloom.backtest.lowering.expressions import lower, number
from quantloom.backtest.lowering.scope import Function
from quantloom.backtest.lowering.values import Kind, Role, Thing
from quantloom.strategy import percent, points, ticks, trailing

# As in the kernel that reads them; it loads numba, so it is not asked here.
_CODES = {
    name: place
    for place, name in enumerate(
        ("buy", "short", "sell", "cover", "target_quantity", "target_value", "target_weight"), 1
    )
} | {"cancel_all": 8, "close": 5}
_DISTANCES: dict[Any, int] = {ticks: 2, percent: 3, points: 4}
_TRAILS = 10
_ENTRY = ("quantity", "price", "stop", "stop_loss", "take_profit")
_EXIT = ("quantity", "price", "stop")
_TERMS = {
    "buy": _ENTRY,
    "short": _ENTRY,
    "sell": _EXIT,
    "cover": _EXIT,
    "close": (),
    "target_quantity": ("quantity",),
    "target_value": ("value",),
    "target_weight": ("weight",),
    "cancel_all": (),
}
_NOTHING = "guards.NAN"


def send(function: Function, node: ast.Call, action: str) -> None:
    """Lower a line that sends an order or takes all of them back."""
    given = _terms(function, node, action)
    amount = next((given[one] for one in ("quantity", "value", "weight") if one in given), None)
    code = _price(function, amount) if amount is not None else _NOTHING
    if action == "close":
        code = "0.0"
    cells = [str(float(_CODES[action])), code]
    cells += [_price(function, given[one]) if one in given else _NOTHING for one in _EXIT[1:]]
    for term in ("stop_loss", "take_profit"):
        kind, size = _distance(function, given[term], term) if term in given else (0, "0.0")
        cells += [str(float(kind)), size]
    function.emit(f"guards.send(({', '.join(cells)}), commands, desk)")


def _terms(function: Function, node: ast.Call, action: str) -> Mapping[str, ast.expr]:
    """What is given by its name, the symbol and a quantity by their places too."""
    placed = ("symbol", *_TERMS[action][:1])
    if len(node.args) > len(placed) or any(isinstance(one, ast.Starred) for one in node.args):
        function.source.refuse(node, "so many arguments by place", f"give {', '.join(placed)}")
    given = dict(zip(placed, node.args, strict=False))
    for keyword in node.keywords:
        if keyword.arg not in ("symbol", *_TERMS[action]):
            known = ", ".join(_TERMS[action]) or "none"
            term = "**" if keyword.arg is None else f"{keyword.arg}="
            function.source.refuse(
                node, f"{term} of ctx.{action} is not compiled", f"the terms known are: {known}"
            )
        given[str(keyword.arg)] = keyword.value
    _check_symbol(function, node, given.pop("symbol", None), action)
    missing = {"quantity", "value", "weight"} & set(_TERMS[action][:1]) - set(given)
    if missing and action.startswith("target"):
        function.source.refuse(node, f"{missing.pop()} is missing", "give it")
    return {name: one for name, one in given.items() if not _is_none(one)}


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _check_symbol(function: Function, node: ast.Call, given: ast.expr | None, action: str) -> None:
    if given is None:
        if action != "cancel_all":
            function.source.refuse(node, "the symbol is missing", "write bar.symbol first")
        return
    if action == "cancel_all" and _is_none(given):
        return
    found = lower(function, given)
    is_ours = found in (Thing(Role.SYMBOL), Thing(Role.FIXED, function.program.symbol))
    if not is_ours:
        function.source.refuse(node, "that is not the run's symbol", "write bar.symbol")


def _price(function: Function, node: ast.expr) -> str:
    return f"guards.given({number(function, node).as_kind(Kind.FLOAT)}, desk)"


def _distance(function: Function, node: ast.expr, term: str) -> tuple[int, str]:
    """How a way out is told: the kind of distance, and how far."""
    if not isinstance(node, ast.Call):
        return 1, _price(function, node)
    called = lower(function, node.func)
    made = called.held if isinstance(called, Thing) and called.role is Role.FIXED else None
    is_distance = made is trailing or made in _DISTANCES
    if not is_distance:
        return 1, _price(function, node)
    if len(node.args) != 1 or node.keywords:
        function.source.refuse(node, "a distance of one number", "write percent(2)")
    if made is trailing:
        if term == "take_profit":
            function.source.refuse(node, "a take_profit does not trail", "give a distance")
        kind, size = _distance(function, node.args[0], "")
        if kind == 1 or kind >= _TRAILS:
            function.source.refuse(node, "it trails by a distance", "write trailing(percent(2))")
        return _TRAILS + kind, size
    return _DISTANCES[
        made
    ], f"guards.positive({number(function, node.args[0]).as_kind(Kind.FLOAT)}, desk)"
