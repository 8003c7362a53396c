"""Whether there is a strategy, and whether an engine can call it."""

import ast
import inspect
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from quantloom.strategy.base import CALLBACKS, Strategy
from quantloom.strategy.check.code import (
    Code,
    Function,
    argument_names,
    methods_of,
    spell,
    walk,
)
from quantloom.strategy.check.findings import Mark
from quantloom.strategy.context import Context

_CALLED = (*CALLBACKS, "generate_signals", "generate_weights")
_ARGUMENTS = {
    name: (*inspect.signature(getattr(Strategy, name)).parameters,)[1:] for name in _CALLED
}
_IN_THEIR_PLACE = frozenset({"generate_signals", "generate_weights"})
_ON_MARKET = _IN_THEIR_PLACE | {
    "on_bar",
    "on_bars",
    "on_tick",
    "on_timer",
    "before_trading",
    "after_settlement",
}
_WITH_BARS = frozenset({"on_bar", "on_bars"})
_AT_FIRST = frozenset({"indicator", "line", "timer", "wake_on"})
_BEFORE_BARS = frozenset({"warm_up", "initialize", "restore_state", "on_start"})
_OFFERED = frozenset(name for name in dir(Context) if not name.startswith("_"))
_MUTABLE = frozenset({"list", "dict", "set", "bytearray", "deque", "defaultdict", "Counter"})


def check(code: Code) -> Iterator[Mark]:
    """Look at the classes of a module."""
    strategies = find_strategies(code)
    if not strategies and not any(map(_is_asynchronous, code.of(ast.ClassDef))):
        yield Mark("no_strategy", code.tree, {})
    for place, node in enumerate(strategies, 1):
        if place > 1:
            facts = {"name": node.name, "place": place, "count": len(strategies)}
            yield Mark("several_strategies", node, facts)
        yield from _check_strategy(node)
    for written in code.of(ast.Global):
        for name in written.names:
            yield Mark("global_state", written, {"name": name})


def find_strategies(code: Code) -> list[ast.ClassDef]:
    """Classes that extend Strategy, a preset, or another strategy of the file, in their order."""
    known = {
        name for name, whole in code.origins.items() if whole.startswith("quantloom.strategy.")
    }
    found = []
    for node in sorted(code.of(ast.ClassDef), key=lambda one: one.lineno):
        bases = {spell(base) for base in node.bases}
        if bases & known or any(base.endswith("Strategy") for base in bases):
            known.add(node.name)
            found.append(node)
    return found


def _is_asynchronous(node: ast.ClassDef) -> bool:
    """Whether it is a class that `load_strategy` adapts."""
    return {"on_market_data", "generate_signals"} <= methods_of(node).keys()


def _check_strategy(node: ast.ClassDef) -> Iterator[Mark]:
    if _is_asynchronous(node) and "on_bar" not in methods_of(node):
        return
    methods = methods_of(node)
    # What extends another strategy may have its on_bar from there.
    extends_base_alone = {spell(base).rpartition(".")[2] for base in node.bases} == {"Strategy"}
    if extends_base_alone and not methods.keys() & _ON_MARKET:
        yield Mark("no_callback", node, {"name": node.name})
    for name, method in methods.items():
        yield from _check_method(name, method)
        yield from _check_context(name, method)
        if name in _WITH_BARS and len(argument_names(method)) > 2:
            yield from _check_bars(method, argument_names(method)[2])
    yield from _check_init(node, methods)
    yield from _check_class_state(node)


def _check_method(name: str, method: Function) -> Iterator[Mark]:
    if name.startswith("on_") and name not in CALLBACKS:
        guess = get_close_matches(name, CALLBACKS, n=1)
        known = ", ".join(sorted(CALLBACKS))
        yield Mark("unknown_callback", method, {"name": name, "known": known, **_guess(guess)})
    elif name not in _ARGUMENTS:
        return
    elif isinstance(method, ast.AsyncFunctionDef):
        yield Mark("async_callback", method, {"name": name})
    elif not _takes(method, len(_ARGUMENTS[name])):
        wanted = ", ".join(("self", *_ARGUMENTS[name]))
        yield Mark("wrong_signature", method, {"name": name, "wanted": wanted})


def _guess(near: list[str]) -> dict[str, str]:
    return {
        "guess": f"did you mean {near[0]}? " if near else "",
        "guess_zh": f"是否指 {near[0]}？" if near else "",
    }


def _takes(method: Function, count: int) -> bool:
    """Whether a method can be called with so many arguments beside self."""
    given, names = method.args, argument_names(method)
    if any(spell(one) == "staticmethod" for one in method.decorator_list):
        count -= 1
    least = len(names) - len(given.defaults)
    most = len(names) if given.vararg is None else count + 1
    needs_named = any(default is None for default in given.kw_defaults)
    return least <= count + 1 <= most and not needs_named


def _check_context(name: str, method: Function) -> Iterator[Mark]:
    """What is asked of the context, where a callback is given one."""
    names = argument_names(method)
    if name not in CALLBACKS or len(names) < 2 or "ctx" not in _ARGUMENTS[name]:
        return
    for node in walk(*method.body):
        if not isinstance(node, ast.Attribute) or spell(node.value) != names[1]:
            continue
        if node.attr not in _OFFERED:
            guess = get_close_matches(node.attr, _OFFERED, n=1)
            yield Mark("unknown_context", node, {"name": node.attr, **_guess(guess)})
        elif node.attr in _AT_FIRST and name not in _BEFORE_BARS:
            yield Mark("asked_too_late", node, {"name": node.attr, "callback": name})


def _check_bars(method: Function, given: str) -> Iterator[Mark]:
    """Bars that are kept on self for later, though they are views of the moment."""
    for node in walk(*method.body):
        for value in _kept(node):
            name = (
                spell(value.value) + "[...]" if isinstance(value, ast.Subscript) else spell(value)
            )
            if name in {given, f"{given}[...]"}:
                if name != given and method.name == "on_bar":
                    continue
                yield Mark("bar_kept", value, {"name": name})


def _kept(node: ast.AST) -> list[ast.expr]:
    """What a statement or a call puts on self."""
    if isinstance(node, ast.Assign):
        return [node.value] if any(map(_is_own, node.targets)) else []
    if isinstance(node, ast.AnnAssign):
        return [node.value] if node.value is not None and _is_own(node.target) else []
    if isinstance(node, ast.Call) and spell(node.func).startswith("self."):
        adds = spell(node.func).rpartition(".")[2] in {"append", "appendleft", "add"}
        return node.args if adds else []
    return []


def _is_own(target: ast.expr) -> bool:
    if isinstance(target, ast.Subscript):
        target = target.value
    return spell(target).startswith("self.")


def _check_init(node: ast.ClassDef, methods: dict[str, Function]) -> Iterator[Mark]:
    init = methods.get("__init__")
    if init is None:
        return
    asks_base = any(
        isinstance(one, ast.Attribute) and one.attr == "__init__" for one in walk(*init.body)
    )
    if not asks_base:
        yield Mark("own_init", init, {"name": node.name})


def _check_class_state(node: ast.ClassDef) -> Iterator[Mark]:
    for item in node.body:
        if isinstance(item, ast.Assign):
            target: Any = item.targets[0]
        elif isinstance(item, ast.AnnAssign) and not _is_constant(item.annotation):
            target = item.target
        else:
            continue
        if isinstance(target, ast.Name) and not target.id.isupper() and _is_mutable(item.value):
            yield Mark("class_state", item, {"name": target.id})


def _is_constant(annotation: ast.expr) -> bool:
    named = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return spell(named).rpartition(".")[2] in {"ClassVar", "Final"}


def _is_mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    if not isinstance(value, ast.Call):
        return False
    return spell(value.func).rpartition(".")[2] in _MUTABLE
