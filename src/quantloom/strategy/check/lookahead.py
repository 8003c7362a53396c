"""What reads the future: shifts, indexes, fills and statistics that know later rows.

Most of it is wrong anywhere; some only where a method is given the whole run at once, as
`generate_signals` and the function of an own indicator are.
"""

import ast
from collections.abc import Iterator

from quantloom.strategy.check.code import (
    Code,
    Function,
    argument_names,
    is_negative,
    keyword,
    number,
    spell,
    walk,
)
from quantloom.strategy.check.findings import Mark

_JOINS = frozenset({"append", "concatenate", "hstack"})
_BACKWARD = frozenset({"bfill", "backfill"})
_TO_BOTH_SIDES = frozenset(
    {"filtfilt", "savgol_filter", "gaussian_filter1d", "uniform_filter1d", "detrend", "gradient"}
    | {"find_peaks", "argrelextrema", "argrelmax", "argrelmin", "hpfilter", "sosfiltfilt"}
    | {"seasonal_decompose"}
)
_REDUCTIONS = frozenset(
    {"mean", "std", "var", "median", "max", "min", "sum", "ptp", "argmax", "argmin"}
    | {"nanmean", "nanstd", "nanvar", "nanmedian", "nanmax", "nanmin", "nansum"}
    | {"quantile", "percentile", "nanquantile", "nanpercentile", "average"}
    | {"polyfit", "corrcoef", "cov", "lstsq", "zscore", "histogram", "rank"}
    | {"fit", "fit_transform", "fit_predict"}
)
_ARRAYS = frozenset({"numpy", "np", "scipy"})


def check(code: Code) -> Iterator[Mark]:
    """Look for what a backtest could know and a live run could not."""
    for call in code.of(ast.Call):
        yield from _check_call(code, call)
    for subscript in code.of(ast.Subscript):
        yield from _check_index(subscript)
    for function in code.functions():
        given = _whole_of(function)
        if given:
            yield from _Whole(code, given).check(function)


def _check_call(code: Code, node: ast.Call) -> Iterator[Mark]:
    name = code.origin(node.func)
    last = name.rpartition(".")[2] or getattr(node.func, "attr", "")
    if last in {"shift", "roll"} and _goes_back(node, last):
        yield Mark("shift_ahead", node, {"name": last})
    elif last in _JOINS and _begins_later(node):
        yield Mark("shift_ahead", node, {"name": f"{last} of what begins later"})
    elif last in _BACKWARD or _fills_backward(node, last):
        yield Mark("fills_backward", node, {"name": last})
    elif last in _TO_BOTH_SIDES or _is_centered(node, last):
        yield Mark("centered", node, {"name": last})


def _goes_back(node: ast.Call, last: str) -> bool:
    if isinstance(node.func, ast.Name) and last == "shift":
        return False
    place = 1 if last == "roll" else 0
    given = node.args[place] if len(node.args) > place else None
    named = keyword(node, "periods") or keyword(node, "shift")
    return is_negative(given if given is not None else named)


def _begins_later(node: ast.Call) -> bool:
    """Whether the first of what is joined is an array without its beginning."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.List | ast.Tuple):
        first = first.elts[0] if first.elts else None
    if not isinstance(first, ast.Subscript) or not isinstance(first.slice, ast.Slice):
        return False
    lower = number(first.slice.lower)
    return lower is not None and lower > 0 and first.slice.upper is None


def _fills_backward(node: ast.Call, last: str) -> bool:
    if last in {"fillna", "reindex", "reindex_like", "asfreq"}:
        return _says(node, "method", _BACKWARD)
    if last == "merge_asof":
        return _says(node, "direction", {"forward", "nearest"})
    if last == "interpolate":
        return not _says(node, "method", {"ffill", "pad"})
    return False


def _is_centered(node: ast.Call, last: str) -> bool:
    if last in {"rolling", "ewm"}:
        found = keyword(node, "center")
        return isinstance(found, ast.Constant) and found.value is True
    return last == "convolve" and _says(node, "mode", {"same"})


def _says(node: ast.Call, name: str, words: frozenset[str] | set[str]) -> bool:
    found = keyword(node, name)
    return isinstance(found, ast.Constant) and found.value in words


def _check_index(node: ast.Subscript) -> Iterator[Mark]:
    if not isinstance(node.ctx, ast.Load) or not _is_ahead(node.slice):
        return
    name = spell(node.value)
    is_line = name.startswith("self.")
    if is_line or name.rpartition(".")[2] in {"iloc", "iat"}:
        yield Mark("index_ahead", node, {})


def _is_ahead(index: ast.expr) -> bool:
    if isinstance(index, ast.Tuple) and index.elts:
        index = index.elts[0]
    if not isinstance(index, ast.BinOp) or not isinstance(index.op, ast.Add):
        return False
    added = number(index.right)
    return added is None or added > 0


def _whole_of(function: Function) -> set[str]:
    """The names under which a function is given whole columns; none for most functions."""
    names = argument_names(function)
    if function.name == "generate_signals" and len(names) > 1:
        return {names[1]}
    is_indicator = any(
        spell(one.func if isinstance(one, ast.Call) else one).rpartition(".")[2] == "indicator"
        for one in function.decorator_list
    )
    return set(names) if is_indicator else set()


class _Whole:
    """A function that is given the whole run at once, and the names that hold columns of it."""

    def __init__(self, code: Code, given: set[str]) -> None:
        self._code = code
        self._given = given
        self._columns: set[str] = set()
        self._loops: set[str] = set()

    def check(self, function: Function) -> Iterator[Mark]:
        for node in sorted(walk(*function.body, into=False), key=_where):
            if isinstance(node, ast.Assign) and self._is_column(node.value):
                self._columns |= {spell(one) for one in node.targets if isinstance(one, ast.Name)}
            elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                self._loops.add(node.target.id)
            elif isinstance(node, ast.Call):
                yield from self._check_call(node)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                yield from self._check_subscript(node)

    def _check_call(self, node: ast.Call) -> Iterator[Mark]:
        name = self._code.origin(node.func)
        last = name.rpartition(".")[2]
        if last not in _REDUCTIONS:
            return
        if name.partition(".")[0] in _ARRAYS:
            is_whole = any(map(self._is_column, node.args[:2])) and not _is_by_row(node)
        elif isinstance(node.func, ast.Attribute):
            is_fit = last.startswith("fit") and any(map(self._is_column, node.args))
            is_whole = is_fit or (self._is_column(node.func.value) and not _is_by_row(node))
        else:
            # max, min and sum of Python itself.
            is_whole = len(node.args) == 1 and self._is_column(node.args[0])
        if is_whole:
            yield Mark("whole_sample", node, {"name": last})

    def _check_subscript(self, node: ast.Subscript) -> Iterator[Mark]:
        name, index = spell(node.value), node.slice
        if isinstance(index, ast.Slice):
            step = number(index.step)
            if step is not None and step < 0 and self._is_column(node.value):
                yield Mark("reversed_time", node, {"name": name or "an array"})
            elif self._ends_later(index):
                yield Mark("index_ahead", node, {})
        elif self._is_column(node.value) and (back := number(index)) is not None and back < 0:
            yield Mark("last_of_all", node, {"name": name or "an array", "back": f"{-back:g}"})
        elif isinstance(index, ast.BinOp) and _is_ahead(index) and self._is_loop(index.left):
            yield Mark("index_ahead", node, {})

    def _ends_later(self, index: ast.Slice) -> bool:
        """Whether a window begins with the row of a loop and goes on from there."""
        upper = index.upper
        if not self._is_loop(index.lower):
            return False
        if upper is None:
            return True
        if not isinstance(upper, ast.BinOp) or not isinstance(upper.op, ast.Add):
            return False
        return self._is_loop(upper.left) and number(upper.right) != 1

    def _is_loop(self, node: ast.AST | None) -> bool:
        return isinstance(node, ast.Name) and node.id in self._loops

    def _is_column(self, node: ast.AST) -> bool:
        """Whether an expression is a whole column of the run, or made of one."""
        for one in walk(node, into=False):
            if isinstance(one, ast.Subscript) and not self._keeps_all(one):
                return False
            if isinstance(one, ast.Name) and one.id in self._columns | self._given:
                return True
        return False

    def _keeps_all(self, node: ast.Subscript) -> bool:
        """Whether what is taken of an array is more than one of its rows, or a named column."""
        is_name = isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        return is_name or isinstance(node.slice, ast.Compare | ast.UnaryOp) or _is_stepped(node)


def _is_stepped(node: ast.Subscript) -> bool:
    return isinstance(node.slice, ast.Slice) and node.slice.step is not None


def _is_by_row(node: ast.Call) -> bool:
    """Whether it goes along each row, as over a table of windows."""
    axis = number(keyword(node, "axis"))
    return axis is not None and axis != 0


def _where(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
