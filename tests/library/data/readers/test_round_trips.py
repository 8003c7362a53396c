"""Tables written in a dialect that is drawn come back cell by cell."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantloom.data.readers import RawTable
from tests.library.data.readers.cells import cells, open_one

NAMES = ("date", "price", "amount", "note")
PREAMBLES = ("", "Exported prices\n", "# made by hand\n#\n", "Symbol: X\n\n")
PACKERS: tuple[Callable[[bytes], bytes], ...] = (
    bytes,
    gzip.compress,
    lambda content: pa.compress(content, codec="zstd", asbytes=True),
)
quiet = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@st.composite
def tables(draw: st.DrawFn, separator: str) -> list[tuple[str, ...]]:
    letters = st.sampled_from("abcXYZ浦发银行 .\n" + separator + '"')
    texts = st.text(letters, max_size=12).map(str.strip)
    prices = st.decimals(-(10**6), 10**6, places=4).map(str)
    amounts = st.integers(0, 10**12).map(str)
    days = draw(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
    count = draw(st.integers(2, 12))
    return [
        ((days + timedelta(place)).isoformat(), draw(prices), draw(amounts), draw(texts))
        for place in range(count)
    ]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, bool, list[tuple[str, ...]]]:
    separator = draw(st.sampled_from(",;\t|"))
    rows, has_header = draw(tables(separator)), draw(st.booleans())
    buffer = io.StringIO()
    writer = csv.writer(
        buffer,
        delimiter=separator,
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )
    writer.writerows([NAMES, *rows] if has_header else rows)
    text = draw(st.sampled_from(PREAMBLES if has_header else PREAMBLES[:1])) + buffer.getvalue()
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
    content = text.encode(encoding)
    return draw(st.sampled_from(PACKERS))(content), has_header, rows


def seen(table: RawTable) -> list[tuple[Any, ...]]:
    return [tuple(cell or "" for cell in row) for row in cells(table)]


@quiet
@given(files())
def test_text_of_any_dialect_keeps_its_cells(
    tmp_path: Path, drawn: tuple[bytes, bool, list[tuple[str, ...]]]
) -> None:
    content, has_header, rows = drawn

    table = open_one(tmp_path, content)

    assert table.columns == (NAMES if has_header else ("",) * len(NAMES))
    assert seen(table) == rows
    assert (table.torn, table.damage) == (0, ())


numbers = (
    st.none() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
)
rows_of_json = st.lists(
    st.tuples(st.integers(0, 2**60), numbers, st.none() | st.text(max_size=8)), min_size=1
)


@quiet
@given(rows_of_json, st.sampled_from([None, 1]), st.booleans())
def test_json_keeps_its_cells(
    tmp_path: Path, rows: list[tuple[Any, ...]], indent: int | None, by_name: bool
) -> None:
    content = [dict(zip("tpn", row, strict=True)) for row in rows] if by_name else rows

    table = open_one(tmp_path, json.dumps(content, indent=indent))

    assert len(cells(table)) == len(rows)
    for found, wanted in zip(cells(table), rows, strict=True):
        assert (found[0], found[1]) == (wanted[0], wanted[1])
        assert str(found[2] or "").strip() == (wanted[2] or "").strip()
