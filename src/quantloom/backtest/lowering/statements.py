"""Lower statements: assignments, if, for, and what a line sends."""

import ast
from collections.abc import Callable, Iterable
from typing import Any

from quantloom.backtest.lowering.arithmetic import reckon
from quantloom.backtest.lowering.calling import method_call
from quantloom.backtest.lowering.expressions import lower, number, truth
from quantloom.backtest.lowering.ordering import send
from quantloom.backtest.lowering.scope import Function, stored
from quantloom.backtest.lowering.values import Kind, Number, Role, Thing

_STEPS = 3


def lower_body(function: Function) -> None:
    """Lower a whole function from its first line on."""
    function.is_lowering = True
    function.lines.clear()
    function.depth, function.loops = 1, 0
    function.assigned = {*function.arguments, function.written.names[0]}
    _own_arguments(function)
    ends = _block(function, function.written.body)
    function.always_returns = ends
    if function.result is not None and not ends:
        last = function.written.body[-1]
        function.source.refuse(last, "it may end without a value", "return one on every way")
    if function.result is None:
        function.emit("return 0")
    function.is_lowering = False


def _own_arguments(function: Function) -> None:
    """Take numbers in by the kinds that their names hold."""
    for name in function.arguments:
        known = function.locals[name]
        if isinstance(known, Number):
            function.emit(f"v_{name} = {Number(f'a_{name}', known.kind).code}")


def _block(function: Function, body: Iterable[ast.stmt]) -> bool:
    """Lower statements one after the other; whether what follows them is never reached."""
    ends = False
    for statement in body:
        if ends:
            break
        how = _HOW.get(type(statement))
        if how is None:
            what = _NAMED.get(type(statement), type(statement).__name__)
            function.source.refuse(
                statement, f"{what} cannot be compiled", "use if, for over range, and assignments"
            )
        ends = how(function, statement)
    return ends


def _expression(function: Function, node: ast.Expr) -> bool:
    value = node.value
    if isinstance(value, ast.Constant):  # a docstring
        return False
    called = lower(function, value.func) if isinstance(value, ast.Call) else None
    if isinstance(value, ast.Call) and isinstance(called, Thing):
        if called.role is Role.ACTION:
            send(function, value, called.held)
            return False
        if called.role is Role.METHOD:
            function.emit(method_call(function, value, called.held)[1])
            return False
    return function.source.refuse(node, "a line that does nothing here", "take it out")


def _assign(function: Function, node: ast.Assign) -> bool:
    for target in node.targets:
        _store(function, node, target, node.value)
    return False


def _annotated(function: Function, node: ast.AnnAssign) -> bool:
    if node.value is not None:
        _store(function, node, node.target, node.value)
    return False


def _store(function: Function, node: ast.stmt, target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        found = lower(function, value)
        if isinstance(found, Thing) and found.role is Role.FIXED:
            found = number(function, value)
        function.assign(node, target.id, found)
        return
    _keep(function, node, target, number(function, value))


def _keep(function: Function, node: ast.stmt, target: ast.expr, found: Number) -> None:
    """Keep a number in an attribute of the strategy."""
    if not isinstance(target, ast.Attribute):
        function.source.refuse(node, "only names and attributes are assigned", "one at a time")
    if lower(function, target.value) != Thing(Role.SELF):
        function.source.refuse(node, "only attributes of self are assigned", "write self.name")
    known = number(function, target)
    if not known.code.startswith(("state[", "int(state[", "(state[")):
        function.source.refuse(node, f"self.{target.attr} is no number", "use another name")
    program = function.program
    place = program.keep(target.attr, found)
    function.emit(f"{place} = {stored(found, Kind.FLOAT)}")


def _augmented(function: Function, node: ast.AugAssign) -> bool:
    target: Any = node.target
    old = number(function, target)
    binary = ast.copy_location(ast.BinOp(target, node.op, node.value), node)
    made = reckon(function, binary, (old, number(function, node.value)))
    if isinstance(target, ast.Name):
        function.assign(node, target.id, made)
    else:
        _keep(function, node, target, made)
    return False


def _if(function: Function, node: ast.If) -> bool:
    function.emit(f"if {truth(function, node.test)}:")
    before = set(function.assigned)
    with function.block():
        first_ends = _block(function, node.body)
    after_first, function.assigned = function.assigned, set(before)
    function.emit("else:")
    with function.block():
        second_ends = _block(function, node.orelse)
    if first_ends:
        after_first = function.assigned
    elif second_ends:
        function.assigned = after_first
    function.assigned &= after_first
    return first_ends and second_ends


def _for(function: Function, node: ast.For) -> bool:
    source, target = function.source, node.target
    if node.orelse or not isinstance(target, ast.Name):
        source.refuse(node, "only `for name in range(...)` is compiled", "write it so")
    steps = _range(function, node)
    before = set(function.assigned)
    counter = f"i_{node.lineno}_{node.col_offset}"
    function.emit(f"for {counter} in range({', '.join(one.as_kind(Kind.INT) for one in steps)}):")
    with function.block():
        is_rough = any(one.is_rough for one in steps)
        function.assign(node, target.id, Number(counter, Kind.INT, is_rough=is_rough, constant=0))
        function.loops += 1
        _block(function, node.body)
        function.loops -= 1
    function.assigned = before  # it may never be run
    return False


def _range(function: Function, node: ast.For) -> list[Number]:
    asked = node.iter
    called = lower(function, asked.func) if isinstance(asked, ast.Call) else None
    if not isinstance(asked, ast.Call) or called != Thing(Role.FIXED, range):
        function.source.refuse(node, "only `for name in range(...)` is compiled", "write it so")
    steps = [number(function, one) for one in asked.args]
    if not 1 <= len(steps) <= _STEPS or any(one.kind is Kind.FLOAT for one in steps):
        function.source.refuse(node, "range takes one to three whole numbers", "write int(...)")
    if len(steps) == _STEPS and not steps[-1].constant:
        function.source.refuse(node, "the step is not known", "write a number other than 0")
    return steps


def _return(function: Function, node: ast.Return) -> bool:
    if node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None):
        if function.result is not None:
            function.source.refuse(node, "it returns without a value too", "return one always")
        function.emit("return 0")
        return True
    found = number(function, node.value)
    function.result = function.program.grown(found, function.result)
    function.emit(f"return {stored(found, function.result.kind)}")
    return True


def _leave_loop(function: Function, node: ast.stmt) -> bool:
    function.emit("break" if isinstance(node, ast.Break) else "continue")
    return True


def _pass(function: Function, node: ast.Pass) -> bool:  # noqa: ARG001  like the others
    return False


_HOW: dict[type[ast.stmt], Callable[[Function, Any], bool]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.If: _if,
    ast.For: _for,
    ast.Return: _return,
    ast.Break: _leave_loop,
    ast.Continue: _leave_loop,
    ast.Pass: _pass,
}
_NAMED: dict[type[ast.stmt], str] = {
    ast.While: "while",
    ast.With: "with",
    ast.Try: "try",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.FunctionDef: "a function inside a function",
    ast.ClassDef: "a class inside a function",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.Delete: "del",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Match: "match",
}
