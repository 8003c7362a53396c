"""What a sandboxed run does not have, or may refuse."""

import ast
import re
from collections.abc import Iterator

from quantloom.strategy.check.code import Code, keyword, spell, walk
from quantloom.strategy.check.findings import Mark

ALLOWED_MODULES = frozenset(
    {"__future__", "abc", "array", "bisect", "calendar", "cmath", "collections", "contextlib"}
    | {"copy", "dataclasses", "datetime", "decimal", "enum", "fractions", "functools", "hashlib"}
    | {"heapq", "itertools", "json", "math", "numbers", "operator", "random", "re", "statistics"}
    | {"string", "struct", "textwrap", "time", "types", "typing", "typing_extensions", "uuid"}
    | {"warnings", "zoneinfo", "asyncio"}
    | {"lightgbm", "numba", "numpy", "pandas", "quantloom", "scipy", "sklearn", "talib"}
)
"""Modules that a sandboxed run has; others are not there, whatever is installed."""

_HARMFUL = frozenset(
    {"builtins", "code", "codeop", "cffi", "ctypes", "dis", "faulthandler", "fcntl", "ftplib"}
    | {"gc", "glob", "http", "imp", "importlib", "inspect", "io", "linecache", "marshal", "mmap"}
    | {"multiprocessing", "nt", "os", "pathlib", "pdb", "pickle", "pickletools", "pkgutil"}
    | {"platform", "posix", "posixpath", "pty", "pwd", "requests", "resource", "runpy", "select"}
    | {"selectors", "shelve", "shutil", "signal", "site", "smtplib", "socket", "socketserver"}
    | {"sqlite3", "ssl", "subprocess", "sys", "sysconfig", "tempfile", "threading", "traceback"}
    | {"urllib", "webbrowser", "weakref", "xml", "zipimport", "aiohttp", "httpx", "cloudpickle"}
    | {"joblib", "dill", "psutil", "urllib3", "_thread"}
)
_CALLS = frozenset(
    {"__import__", "breakpoint", "compile", "eval", "exec", "exit", "globals", "input", "locals"}
    | {"quit", "vars"}
)
_FILES = frozenset(
    {"load", "loadtxt", "genfromtxt", "fromfile", "memmap", "save", "savez", "savetxt", "tofile"}
    | {"savez_compressed", "to_csv", "to_excel", "to_feather", "to_hdf", "to_json", "to_parquet"}
    | {"to_pickle", "to_sql", "write_text", "write_bytes", "read_text", "read_bytes"}
)
_FILE_MODULES = frozenset({"numpy", "np", "pandas", "pd"})
_HARMLESS = frozenset(
    {"__doc__", "__init__", "__name__", "__post_init__", "__qualname__", "__version__"}
    | {"__contains__", "__getitem__", "__iter__", "__next__", "__repr__", "__setitem__", "__str__"}
    | {"__init_subclass__", "__set_name__", "__add__", "__eq__", "__lt__", "__len__", "__call__"}
)
_FRAMES = frozenset(
    {"ag_code", "ag_frame", "co_code", "co_consts", "cr_code", "cr_frame", "f_back", "f_builtins"}
    | {"f_globals", "f_locals", "func_globals", "gi_code", "gi_frame", "gi_yieldfrom", "tb_frame"}
    | {"tb_next"}
)
_HIDDEN = re.compile(
    r"__(?:bases?|builtins|class|closure|code|dict|getattribute|globals|import|loader|mro|reduce"
    r"|reduce_ex|self|spec|subclasses|wrapped)__"
)


def check(code: Code) -> Iterator[Mark]:
    """Look for what reaches out of a strategy."""
    yield from _check_imports(code)
    for call in code.of(ast.Call):
        yield from _check_call(code, call)
    for attribute in code.of(ast.Attribute):
        yield from _check_attribute(code, attribute)
    for name in code.of(ast.Name):
        if name.id in {"__builtins__", "__loader__", "__spec__"}:
            yield Mark("private_attribute", name, {"name": name.id})
    for pattern in code.of(ast.MatchClass):
        for attr in pattern.kwd_attrs:
            if _is_private(attr):
                yield Mark("private_attribute", pattern, {"name": attr})
    yield from _check_texts(code)
    for loop in code.of(ast.While):
        if _is_endless(loop):
            yield Mark("endless_loop", loop, {})


def _check_imports(code: Code) -> Iterator[Mark]:
    for plain in code.of(ast.Import):
        for alias in plain.names:
            yield from _check_module(plain, alias.name)
    for named in code.of(ast.ImportFrom):
        module = named.module or ""
        if named.level:
            yield Mark("unlisted_import", named, {"name": "." * named.level + module})
            continue
        yield from _check_module(named, module)
        for alias in named.names:
            head = alias.name.partition(".")[0]
            is_private = head.startswith("_") and module != "__future__"
            # `from random import _os` and `from numpy.lib.npyio import os`.
            if is_private or head in _HARMFUL - {"code", "platform", "select", "signal", "site"}:
                yield Mark("forbidden_import", named, {"name": f"{module}.{alias.name}"})


def _check_module(node: ast.stmt, name: str) -> Iterator[Mark]:
    head = name.partition(".")[0]
    if head in _HARMFUL or any(part.startswith("_") for part in name.split(".") if part != head):
        yield Mark("forbidden_import", node, {"name": name})
    elif head not in ALLOWED_MODULES:
        yield Mark("unlisted_import", node, {"name": name})


def _check_call(code: Code, node: ast.Call) -> Iterator[Mark]:
    name = code.origin(node.func)
    head, _, last = name.rpartition(".")
    if name in _CALLS or name.removeprefix("builtins.") in _CALLS:
        yield Mark("forbidden_call", node, {"name": last or name})
    elif last in {"eval", "query"} and head.partition(".")[0] in {"pandas", "pd"}:
        yield Mark("forbidden_call", node, {"name": name})
    elif name == "open" or _is_file_call(name):
        yield Mark("file_access", node, {"name": name})
    elif name in {"time.sleep", "asyncio.sleep"} and not _is_zero(node):
        yield Mark("waits", node, {"name": name})
    parallel = keyword(node, "parallel")
    if isinstance(parallel, ast.Constant) and parallel.value is True:
        yield Mark("parallel", node, {})


def _is_zero(node: ast.Call) -> bool:
    # `await asyncio.sleep(0)` only lets others go first.
    given = node.args[0] if node.args else None
    return isinstance(given, ast.Constant) and given.value == 0


def _is_file_call(name: str) -> bool:
    head, _, last = name.rpartition(".")
    if last.startswith("to_") or last.endswith(("_text", "_bytes")):
        return bool(head) and last in _FILES
    if head.partition(".")[0] not in _FILE_MODULES:
        return False
    return last in _FILES or last.startswith("read_")


def _check_attribute(code: Code, node: ast.Attribute) -> Iterator[Mark]:
    if _is_private(node.attr) or node.attr in _FRAMES:
        yield Mark("private_attribute", node, {"name": node.attr})
    elif code.is_imported(node) and node.attr in {"os", "sys", "subprocess", "builtins", "ctypes"}:
        # `pandas.io.common.os` is the same os.
        yield Mark("private_attribute", node, {"name": spell(node)})


def _is_private(attr: str) -> bool:
    return attr.startswith("__") and attr.endswith("__") and attr not in _HARMLESS


def _check_texts(code: Code) -> Iterator[Mark]:
    documented = {
        id(node.value) for node in code.of(ast.Expr) if isinstance(node.value, ast.Constant)
    }
    for text in code.of(ast.Constant):
        if not isinstance(text.value, str) or "__" not in text.value or id(text) in documented:
            continue
        found = _HIDDEN.search(text.value)
        if found is not None:
            yield Mark("hidden_name", text, {"name": found.group()})


def _is_endless(node: ast.While) -> bool:
    if not isinstance(node.test, ast.Constant) or not node.test.value:
        return False
    ways_out = (ast.Break, ast.Return, ast.Raise, ast.Yield, ast.YieldFrom, ast.Await)
    return not any(isinstance(one, ways_out) for one in walk(*node.body, into=False))
