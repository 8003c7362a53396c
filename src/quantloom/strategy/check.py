"""Reading strategy code without running it: line-numbered findings for an editor or a shell.

Feedback for its author, not a wall: code that means harm passes any such check.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from quantloom.strategy.base import CALLBACKS, Strategy

_FORBIDDEN_MODULES = frozenset(
    {"asyncio", "ctypes", "http", "multiprocessing", "os", "pickle", "requests", "shutil"}
    | {"signal", "socket", "sqlite3", "subprocess", "sys", "threading", "urllib"}
)
_FORBIDDEN_CALLS = frozenset({"__import__", "compile", "eval", "exec", "input", "open"})
_ARGUMENTS = {
    name: (*inspect.signature(getattr(Strategy, name)).parameters,)[1:] for name in CALLBACKS
}
_ON_MARKET = frozenset({"on_bar", "on_bars", "on_timer"})
_IN_THEIR_PLACE = frozenset({"generate_signals", "generate_weights"})
_CLOCK_CALLS = frozenset({"datetime.now", "datetime.utcnow", "date.today", "time.time"})


class Severity(StrEnum):
    """An error keeps the strategy from running; a warning is likely a mistake."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """Something to look at, where it stands.

    Attributes:
        line, column: counted from 1, as editors do.
        code: stable name of the rule.
    """

    line: int
    column: int
    severity: Severity
    code: str
    message: str


def check_source(source: str) -> list[Finding]:
    """Look a strategy's source over; sorted by line, empty if there is nothing to say."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        where = error.lineno or 1, error.offset or 1
        return [Finding(*where, Severity.ERROR, "syntax", error.msg)]
    findings = {*_check_classes(tree)}
    for node in ast.walk(tree):
        findings.update(_check_node(node))
    return sorted(findings)


def _check_classes(tree: ast.Module) -> Iterator[Finding]:
    strategies = _find_strategies(tree)
    if not strategies and not any(map(_is_asynchronous, ast.walk(tree))):
        yield Finding(
            1, 1, Severity.ERROR, "no_strategy", "no class extends Strategy; write one here"
        )
    for node in strategies:
        yield from _check_strategy(node)


def _check_strategy(node: ast.ClassDef) -> Iterator[Finding]:
    methods = {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}
    # What extends another strategy may have its on_bar from there.
    extends_base_alone = {_name(base).rpartition(".")[2] for base in node.bases} == {"Strategy"}
    says_what = methods.keys() & (_ON_MARKET | _IN_THEIR_PLACE)
    if not says_what and extends_base_alone:
        yield _at(
            node,
            Severity.ERROR,
            "no_on_bar",
            f"{node.name} has no on_bar(self, ctx, bar) and no on_bars(self, ctx, bars), "
            "which are called on each bar",
        )
    for name, method in methods.items():
        if name.startswith("on_") and name not in CALLBACKS:
            known = ", ".join(sorted(CALLBACKS))
            yield _at(
                method,
                Severity.WARNING,
                "unknown_callback",
                f"nothing calls {name}; the callbacks are {known}",
            )
        elif name in _ARGUMENTS and not _takes(method, len(_ARGUMENTS[name])):
            wanted = ", ".join(("self", *_ARGUMENTS[name]))
            yield _at(
                method,
                Severity.ERROR,
                "wrong_signature",
                f"{name} is called as {name}({wanted}); take these arguments",
            )
    read = {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}
    for name, declared in _parameters(node):
        if name not in read:
            yield _at(
                declared,
                Severity.WARNING,
                "unused_parameter",
                f"parameter {name} is declared and never read",
            )


def _takes(method: ast.FunctionDef, count: int) -> bool:
    """Whether a method can be called with so many arguments beside self."""
    given, names = method.args, [*method.args.posonlyargs, *method.args.args]
    if any(_name(one) == "staticmethod" for one in method.decorator_list):
        count -= 1
    least = len(names) - len(given.defaults)
    most = len(names) if given.vararg is None else count + 1
    needs_named = any(default is None for default in given.kw_defaults)
    return least <= count + 1 <= most and not needs_named


def _parameters(node: ast.ClassDef) -> Iterator[tuple[str, ast.AnnAssign | ast.Assign]]:
    for item in node.body:
        if not isinstance(item, ast.AnnAssign | ast.Assign):
            continue
        target = item.target if isinstance(item, ast.AnnAssign) else item.targets[0]
        is_declared = isinstance(item.value, ast.Call) and _name(item.value.func) == "Parameter"
        if is_declared and isinstance(target, ast.Name):
            yield target.id, item


def _check_node(node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _check_import(node)
    elif isinstance(node, ast.Call):
        yield from _check_call(node)
    elif isinstance(node, ast.Attribute) and node.attr.startswith("__"):
        yield _at(
            node,
            Severity.WARNING,
            "private_attribute",
            f"{node.attr} reaches into the interpreter; a sandboxed run may refuse it",
        )
    elif isinstance(node, ast.Subscript):
        yield from _check_subscript(node)


def _check_import(node: ast.Import | ast.ImportFrom) -> Iterator[Finding]:
    names = (
        [alias.name for alias in node.names]
        if isinstance(node, ast.Import)
        else [node.module or ""]
    )
    for name in names:
        if name.partition(".")[0] in _FORBIDDEN_MODULES:
            yield _at(
                node,
                Severity.WARNING,
                "forbidden_import",
                f"{name} is not there in a sandboxed run; a strategy needs no files or network",
            )


def _check_call(node: ast.Call) -> Iterator[Finding]:
    name = _name(node.func)
    if name in _FORBIDDEN_CALLS:
        yield _at(
            node, Severity.WARNING, "forbidden_call", f"{name}() is refused in a sandboxed run"
        )
    if any(name.endswith(call) for call in _CLOCK_CALLS):
        yield _at(
            node,
            Severity.WARNING,
            "own_clock",
            f"{name}() is not the bar's time; use ctx.now, or a re-run gives another result",
        )
    if name.startswith(("random.", "np.random.", "numpy.random.")):
        yield _at(
            node,
            Severity.WARNING,
            "own_random",
            f"{name}() ignores the run's seed; use ctx.random, or a re-run gives another result",
        )
    is_shift = name.endswith(".shift") and node.args
    if is_shift and isinstance(node.args[0], ast.UnaryOp):
        yield _look_ahead(node, "shift by a negative number reads later rows")


def _check_subscript(node: ast.Subscript) -> Iterator[Finding]:
    index = node.slice
    is_line = isinstance(node.value, ast.Attribute) and _name(node.value).startswith("self.")
    is_ahead = isinstance(index, ast.BinOp) and isinstance(index.op, ast.Add)
    if is_line and is_ahead:
        yield _look_ahead(node, "an index plus something may point at a later bar")


def _look_ahead(node: ast.expr, why: str) -> Finding:
    return _at(node, Severity.WARNING, "look_ahead", f"{why}; signals may see closed bars only")


def _find_strategies(tree: ast.Module) -> list[ast.ClassDef]:
    """Classes that extend Strategy, a preset, or another strategy of the file."""
    known = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("quantloom.strategy")
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        bases = {_name(base) for base in node.bases}
        if bases & known or any(base.endswith("Strategy") for base in bases):
            known.add(node.name)
            found.append(node)
    return found


def _is_asynchronous(node: ast.AST) -> bool:
    """Whether it is a class that `load_strategy` adapts."""
    body = node.body if isinstance(node, ast.ClassDef) else []
    methods = {one.name for one in body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}
    return {"on_market_data", "generate_signals"} <= methods


def _name(node: ast.expr) -> str:
    """Spell a dotted name; empty for anything that is not one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = _name(node.value)
        return f"{inner}.{node.attr}" if inner else f".{node.attr}"
    return ""


def _at(node: ast.stmt | ast.expr, severity: Severity, code: str, message: str) -> Finding:
    return Finding(node.lineno, node.col_offset + 1, severity, code, message)
