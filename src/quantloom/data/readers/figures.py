"""Numbers as files write them: separators of thousands, Chinese units, percent, empty markers."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from quantloom.data.arrow import Column, bools, floats, ints, nulls
from quantloom.kit import BoolArray, FloatArray

# The stubs of Arrow know fewer of its functions than it has.
pc: Any = pyarrow.compute

MISSING = (
    "",
    "-",
    "--",
    "---",
    "—",
    "——",
    ".",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "nan",
    "nat",
    "none",
    "null",
    "nil",
    "\\n",
    "无",
    "停牌",
)
"""Cells, in lower case, that say that there is no value."""

NO_VALUE = 1e300
"""From here on a number, of either sign, stands for none: CTP writes the largest double."""

_MISSING = f"^(?:{'|'.join(map(re.escape, MISSING))})$"
_UNITS = {
    "%": 1e-2,
    "‰": 1e-3,
    "万亿": 1e12,
    "亿": 1e8,
    "千万": 1e7,
    "百万": 1e6,
    "万": 1e4,
    "千": 1e3,
    "k": 1e3,
    "m": 1e6,
    "b": 1e9,
}
# What stands behind a number and leaves it as it is: shares, lots, yuan, US dollars.
_WORDS = r"(?:股|手|张|元|美元|港元|人民币|usdt|usd|cny|rmb)"
_PLAIN = r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^[+-]?inf(?:inity)?$"


def read_figures(
    column: Column, *, decimal: str = ".", thousands: str | None = None
) -> tuple[FloatArray, BoolArray]:
    """Read a column as float64.

    Args:
        decimal: the decimal mark of text.
        thousands: what sets groups of three digits apart; a comma where the mark is a point.
    Returns:
        (n,) numbers, NaN where there is none or one from `NO_VALUE` on that is finite, and (n,)
        True where a cell holds something else.
    """
    numbers, wrong = _read(column, decimal, thousands)
    is_none = (np.abs(numbers) >= NO_VALUE) & np.isfinite(numbers)
    return (np.where(is_none, np.nan, numbers) if is_none.any() else numbers), wrong


def _read(column: Column, decimal: str, thousands: str | None) -> tuple[FloatArray, BoolArray]:
    kind = column.type
    if is_numeric(kind) or pa.types.is_null(kind):
        return floats(column), np.zeros(len(column), dtype=np.bool_)
    if pa.types.is_boolean(kind):
        return floats(column.cast(pa.uint8())), np.zeros(len(column), dtype=np.bool_)
    if not _is_text(kind):
        return np.full(len(column), np.nan), ~nulls(column)
    if decimal == "." and thousands is None:
        try:
            return floats(column.cast(pa.float64())), np.zeros(len(column), dtype=np.bool_)
        except pa.ArrowInvalid:
            pass
    return _read_text(column, decimal, thousands or ("," if decimal == "." else "."))


def is_missing(text: Any) -> Any:
    """Which cells, trimmed and in lower case, say that there is no value."""
    # Not is_in: a list made into an array would import pandas.
    return pc.match_substring_regex(text, _MISSING)


def empty_text(count: int) -> Any:
    """Text cells with nothing in them."""
    # Not a scalar made of None: that too would import pandas.
    return pa.nulls(count, pa.string())


def is_numeric(kind: pa.DataType) -> bool:
    """Whether a type holds numbers."""
    return bool(
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or (pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))
    )


def _read_text(column: Column, decimal: str, thousands: str) -> tuple[FloatArray, BoolArray]:
    """Read each different cell once."""
    coded: Any = pa.chunked_array([column.cast(pa.string()).combine_chunks()]).dictionary_encode()
    whole = coded.combine_chunks()
    values, wrong = _read_cells(whole.dictionary, decimal, thousands)
    if not len(values):
        return np.full(len(column), np.nan), np.zeros(len(column), dtype=np.bool_)
    rows = ints(pa.chunked_array([whole.indices]))
    empty = nulls(column)
    return np.where(empty, np.nan, values[rows]), wrong[rows] & ~empty


def _read_cells(cells: Any, decimal: str, thousands: str) -> tuple[FloatArray, BoolArray]:
    text: Any = pc.utf8_lower(pc.utf8_trim_whitespace(pc.utf8_normalize(cells, form="NFKC")))
    missing = is_missing(text)
    text = pc.replace_substring_regex(text, rf"{_WORDS}$", "")
    text = pc.replace_substring_regex(text, r"^([+-]?)\s*(?:[$¥€£])\s*", r"\1")
    text = pc.replace_substring_regex(text, r"^\((.*)\)$", r"-\1")
    text, scale = _without_unit(text)
    text = _without_groups(text, decimal, thousands)
    good: Any = pc.match_substring_regex(text, _PLAIN)
    numbers: Any = pc.if_else(good, text, empty_text(len(text))).cast(pa.float64())
    wrong = ~bools(pa.chunked_array([good])) & ~bools(pa.chunked_array([missing]))
    values = floats(pa.chunked_array([numbers]))
    # Divided where it can be: 12.3 % is 0.123, which 12.3 * 0.01 is not.
    divisor = np.maximum(np.rint(1 / scale), 1.0)
    return np.where(scale < 1, values / divisor, values * scale), wrong


def _without_unit(text: Any) -> tuple[Any, FloatArray]:
    scale = np.ones(len(text))
    for unit, factor in _UNITS.items():
        has_unit = pc.match_substring_regex(text, rf"[\d.]\s*{unit}$")
        mask = bools(pa.chunked_array([has_unit])) & (scale == 1)
        if mask.any():
            scale[mask] = factor
            text = pc.if_else(has_unit, pc.replace_substring_regex(text, rf"\s*{unit}$", ""), text)
    return text, scale


def _without_groups(text: Any, decimal: str, thousands: str) -> Any:
    """Take the marks of thousands out, where they do set groups of three apart."""
    mark = {",": ",", ".": r"\.", "'": "'", " ": r"\s"}.get(thousands, thousands)
    point = r"\." if decimal == "." else decimal
    grouped: Any = pc.match_substring_regex(
        text, rf"^[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:{point}\d*)?$"
    )
    text = pc.if_else(grouped, pc.replace_substring_regex(text, mark, ""), text)
    if decimal == ".":
        return text
    # Without a group left, a point is none of a number's signs.
    text = pc.replace_substring_regex(text, r"\.", "?")
    return pc.replace_substring(text, decimal, ".", max_replacements=1)
