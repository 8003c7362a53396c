"""Parameters: whether they are read, bounded, and possible."""

import ast
import math
from collections.abc import Iterator

from quantloom.strategy.check.code import Code, spell
from quantloom.strategy.check.findings import Mark
from quantloom.strategy.check.schema import RESERVED, Declaration, declarations
from quantloom.strategy.check.shape import find_strategies
from quantloom.strategy.parameters import BadParameter


def check(code: Code) -> Iterator[Mark]:
    """Look at what the strategies of a module can be tuned by."""
    strategies = find_strategies(code)
    # What one class declares, another of the file that extends it may read.
    reads = [node for node in code.of(ast.Attribute) if isinstance(node.ctx, ast.Load)]
    read = {node.attr for node in reads} | _texts(code)
    declared = [one for node in strategies for one in declarations(node)]
    for one in declared:
        yield from _check_one(one, read)
    yield from _check_changes(code, {one.name for one in declared})


def _texts(code: Code) -> set[str]:
    """Texts that may name a parameter, as in `getattr(self, "fast")`."""
    return {
        node.args[1].value
        for node in code.of(ast.Call)
        if spell(node.func) == "getattr"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def _check_one(one: Declaration, read: set[str]) -> Iterator[Mark]:
    name = one.name
    if name in RESERVED:
        yield Mark("reserved_parameter", one.node, {"name": name})
    elif name not in read:
        yield Mark("unused_parameter", one.node, {"name": name})
    problem = _problem(one)
    if problem is not None:
        facts = {"name": name, "problem": problem[0], "problem_zh": problem[1]}
        yield Mark("bad_parameter", one.node, facts)
    elif missing := _missing(one):
        yield Mark("unbounded_parameter", one.node, {"name": name, "missing": missing})


def _problem(one: Declaration) -> tuple[str, str] | None:
    """Why no value fits, in both languages."""
    if one.unread:
        return None
    if "default" not in one.given:
        return "has no default", "没有默认值"
    spec = one.spec
    if spec is None:
        return "is no number, text, True or False", "不是数字、文本、True 或 False"
    try:
        spec.read("", spec.default)
    except BadParameter as error:
        return error.problem, f"默认值 {spec.default!r} 不在允许范围内"
    except TypeError:
        return "has bounds of another type than its default", "上下限与默认值类型不同"
    return None


def _missing(one: Declaration) -> str:
    """The bounds that are not there, of a number that has no choices."""
    default = one.given.get("default")
    is_number = isinstance(default, int | float) and not isinstance(default, bool)
    if not is_number or "choices" in one.given or one.unread:
        return ""
    has = {name for name in ("low", "high") if _is_finite(one.given.get(name))}
    return ", ".join(name for name in ("low", "high") if name not in has)


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _check_changes(code: Code, names: set[str]) -> Iterator[Mark]:
    for node in code.of(ast.Attribute):
        is_set = node.attr in names and isinstance(node.ctx, ast.Store)
        if is_set and spell(node.value) == "self":
            yield Mark("parameter_changed", node, {"name": node.attr})
