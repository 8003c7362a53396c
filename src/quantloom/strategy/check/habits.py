"""Style: what makes a strategy easier to read and its run easier to follow."""

import ast
from collections.abc import Iterator

from quantloom.strategy.check.code import Code, spell
from quantloom.strategy.check.findings import Mark
from quantloom.strategy.check.shape import find_strategies


def check(code: Code) -> Iterator[Mark]:
    """Look at names, texts and habits."""
    for node in find_strategies(code):
        if ast.get_docstring(node, clean=False) is None:
            yield Mark("no_docstring", node, {"name": node.name})
        wanted = _camel(node.name)
        if node.name.isascii() and node.name != wanted:
            yield Mark("class_name", node, {"name": node.name, "wanted": wanted})
    for call in code.of(ast.Call):
        if spell(call.func) == "print":
            yield Mark("use_log", call, {})
    for named in code.of(ast.ImportFrom):
        if any(alias.name == "*" for alias in named.names):
            yield Mark("star_import", named, {"name": named.module or "."})
    for handler in code.of(ast.ExceptHandler):
        if _swallows(handler):
            yield Mark("swallowed_error", handler, {})


def _camel(name: str) -> str:
    """A name as a class has it: a capital first, and no _ between words."""
    words = [word for word in name.strip("_").split("_") if word]
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return f"{'_' * (len(name) - len(name.lstrip('_')))}{joined}" if joined else name


def _swallows(handler: ast.ExceptHandler) -> bool:
    is_any = handler.type is None or spell(handler.type) in {"Exception", "BaseException"}
    idle = (ast.Pass, ast.Continue, ast.Expr)
    return is_any and all(isinstance(one, idle) for one in handler.body)
