"""Guess from its first lines how text is laid out: separator, header, lines before it, numbers."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quantloom.data.readers.raw import RUNS_OF_SPACE, Form

SEPARATORS = (",", "\t", ";", "|", RUNS_OF_SPACE)
"""What may stand between cells, the likelier first."""

_MOST_RECORDS = 400
_MOST_QUOTED_LINES = 50
_WORST = 0.5
_SPACE_HANDICAP = 0.9
_NUMBER = re.compile(r"[+\-$¥€£(]*\.?\d[\d.,'  _]*(?:[eE][+-]?\d+)?[%)]?")
_FOREIGN = frozenset(",;\t|")
_NAMED_MONTH = re.compile(
    r"(?:[a-z]{3,9}[,.]? +)?(?:\d{1,2}[ -])?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
    r"[a-z]*[ .,-]+\d",
    re.IGNORECASE,
)
_NOTHING = frozenset({"", "-", "--", "nan", "na", "n/a", "#n/a", "null", "none", "nil"})
_COMMENTS = ("#", "//", "%")
_LINE_END = re.compile(r"\r\n|\n|\r")
_SINGLE_QUOTED = re.compile(r"(?:^|[,;\t|])'[^'\n]*'", re.MULTILINE)
_SEP_LINE = re.compile(r"""^"?sep=(.)"?$""", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_DECIMAL_COMMA_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How the lines of a text make rows.

    Attributes:
        columns: their names; "" where nameless.
        skipped_lines: physical lines before the header, or before the data where there is none.
        header_lines: physical lines of the header; 0 where there is none.
    """

    separator: str
    quote: str
    columns: tuple[str, ...]
    skipped_lines: int
    header_lines: int
    decimal: str = "."
    thousands: str | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    text: str
    lines: int
    cells: tuple[str, ...] = ()


def guess_dialect(head: str, *, is_whole: bool, known: Form | None = None) -> Dialect | None:
    """Find the dialect of a text; None where no separator parts its lines into columns.

    Args:
        head: its beginning.
        is_whole: nothing follows; else the last line of `head` may be cut and is not looked at.
        known: how the text is laid out, where somebody has said so; names are still read from it.
    """
    lines = _LINE_END.split(head)
    if lines and not lines[-1]:
        lines.pop()
    if not is_whole and len(lines) > 1:
        lines.pop()
    quote = (known and known.quote) or _quote(lines)
    records = _without_blanks(_records(lines, quote))
    separator = (known and known.separator) or _separator(records, quote)
    if separator is None:
        return None
    rows = [_parted(record, separator, quote) for record in records]
    return _laid_out(rows, separator, quote, known)


def find_names(rows: Sequence[tuple[str, ...]]) -> tuple[int, tuple[str, ...]]:
    """Find the header in a grid of cells.

    Args:
        rows: the first ones, all of one width.
    Returns:
        The place of the first row below the header, and the names of the columns, "" where
        nameless.
    """
    width = len(rows[0])
    # A title fills one cell of a row, names fill most.
    records = [_Record("".join(row), 1, row if _is_filled(row) else row[:1]) for row in rows]
    top, first = _header(records, width)
    return first, _names(rows[top:first], width, rows[first:])


def _is_filled(row: Sequence[str]) -> bool:
    return 2 * sum(map(bool, row)) > len(row)


def cells_of(line: str, separator: str, quote: str) -> tuple[str, ...]:
    """Part one record into its cells, trimmed."""
    if separator == RUNS_OF_SPACE:
        return tuple(line.split())
    try:
        row = next(csv.reader([line], delimiter=separator, quotechar=quote), [])
    except csv.Error:  # a cell beyond the module's limit
        row = line.split(separator)
    return tuple(cell.strip() for cell in row)


def is_value(cell: str) -> bool:
    """Tell whether a cell looks like a number, a date or a time: what no column is called."""
    if _NUMBER.fullmatch(cell):
        return True
    if not any(map(str.isdigit, cell)):
        return False
    starts = cell.lstrip("+-$¥€£(.")[:1].isdigit()
    digits = sum(map(str.isdigit, cell))
    return (starts and digits >= 0.4 * len(cell)) or _NAMED_MONTH.match(cell) is not None


def _quote(lines: Sequence[str]) -> str:
    text = "\n".join(lines[:_MOST_RECORDS])
    is_single = '"' not in text and len(_SINGLE_QUOTED.findall(text)) > 1
    return "'" if is_single else '"'


def _records(lines: Sequence[str], quote: str) -> Iterator[_Record]:
    """Join physical lines where a quoted cell goes on over the end of a line."""
    place = 0
    for _ in range(_MOST_RECORDS):
        if place >= len(lines):
            return
        length = _quoted_length(lines[place : place + _MOST_QUOTED_LINES], quote)
        yield _Record("\n".join(lines[place : place + length]), length)
        place += length


def _without_blanks(records: Iterable[_Record]) -> list[_Record]:
    """Count blank lines with the record before them, or at the top with the one after them."""
    kept: list[_Record] = []
    blank = 0
    for record in records:
        if record.text.strip():
            kept.append(_Record(record.text, record.lines + blank))
            blank = 0
        elif kept:
            kept[-1] = _Record(kept[-1].text, kept[-1].lines + 1)
        else:
            blank += 1
    return kept


def _quoted_length(lines: Sequence[str], quote: str) -> int:
    quotes = 0
    for length, line in enumerate(lines, 1):
        quotes += line.count(quote)
        if quotes % 2 == 0:
            return length
    return 1


def _parted(record: _Record, separator: str, quote: str) -> _Record:
    return _Record(record.text, record.lines, cells_of(record.text, separator, quote))


def _separator(records: Sequence[_Record], quote: str) -> str | None:
    if records and (said := _SEP_LINE.match(records[0].text.strip())):
        return said[1]
    texts = [record.text for record in records]
    scores = {separator: _score(texts, separator, quote) for separator in SEPARATORS}
    best = max(scores, key=scores.__getitem__)
    return best if scores[best] >= _WORST else None


def _score(texts: Sequence[str], separator: str, quote: str) -> float:
    """Share of rows of the usual width, times the share of their cells that are one thing."""
    rows = [cells_of(text, separator, quote) for text in texts]
    if not rows:
        return 0.0
    # The later half: what stands before a header must not outvote a short table.
    width = Counter(len(row) for row in rows[len(rows) // 2 :]).most_common(1)[0][0]
    usual = [row for row in rows if len(row) == width]
    cells = [cell for row in usual for cell in row]
    is_prose = len(rows) > 1 and not any(map(is_value, cells))
    if width < 2 or is_prose:
        return 0.0
    whole = sum(_is_one_thing(cell, separator) for cell in cells) / len(cells)
    later = rows[len(rows) // 2 :]
    even = sum(len(row) == width for row in later) / len(later)
    handicap = _SPACE_HANDICAP if separator == RUNS_OF_SPACE else 1.0
    return even * whole * handicap


def _is_one_thing(cell: str, separator: str) -> bool:
    """Whether a cell holds no other separator; its own it has where it is quoted."""
    return _NUMBER.fullmatch(cell) is not None or not _FOREIGN - {separator} & set(cell)


def _laid_out(rows: Sequence[_Record], separator: str, quote: str, known: Form | None) -> Dialect:
    width = _width(rows)
    top, first = _header(rows, width)
    if known is not None:
        top, first = _said_header(rows, known, (top, first))
    below = [row.cells for row in rows[first:] if len(row.cells) == width]
    names = _names([row.cells for row in rows[top:first]], width, below)
    decimal, thousands = _marks(below, separator)
    return Dialect(
        separator=separator,
        quote=quote,
        columns=names,
        skipped_lines=sum(row.lines for row in rows[:top]),
        header_lines=sum(row.lines for row in rows[top:first]),
        decimal=known.decimal if known else decimal,
        thousands=known.thousands if known else thousands,
    )


def _header(rows: Sequence[_Record], width: int) -> tuple[int, int]:
    """Give the places of the first row of names and of the first row below them."""
    first = _first_row(rows, width)
    top = first
    while top > 0 and _is_name_row(rows[top - 1], width):
        top -= 1
    if top == first and first < len(rows) and _names_what_follows(rows[first:], width):
        first += 1
    return top, first


def _said_header(rows: Sequence[_Record], known: Form, guessed: tuple[int, int]) -> tuple[int, int]:
    top, lines = 0, known.skipped_lines
    while lines > 0 and top < len(rows):
        lines -= rows[top].lines
        top += 1
    if not known.has_header:
        return top, top
    return guessed if guessed[0] == top < guessed[1] else (top, top + 1)


def _width(rows: Sequence[_Record]) -> int:
    later = rows[len(rows) // 2 :]
    return Counter(len(row.cells) for row in later).most_common(1)[0][0]


def _first_row(rows: Sequence[_Record], width: int) -> int:
    """Place of the first row with values; behind the last row where there is none."""
    for place, row in enumerate(rows):
        is_row = len(row.cells) == width and not row.text.startswith(_COMMENTS)
        if is_row and any(map(is_value, row.cells)):
            return place
    wide = [place for place, row in enumerate(rows) if len(row.cells) == width]
    return wide[0] + 1 if wide else len(rows)


def _is_name_row(row: _Record, width: int) -> bool:
    fits = abs(len(row.cells) - width) <= 1 and any(row.cells)
    is_said = _SEP_LINE.match(row.text.strip()) is not None
    return fits and not is_said and not any(map(is_value, row.cells))


def _names_what_follows(rows: Sequence[_Record], width: int) -> bool:
    """Whether the first row holds names, though some of them look like numbers."""
    top = rows[0].cells
    if top == tuple(map(str, range(width))) or top == ("", *map(str, range(width - 1))):
        return len(rows) > 1
    below = [row.cells for row in rows[1:50] if len(row.cells) == width]
    if not below:
        return not any(map(is_value, top))
    votes = 0
    for place, name in enumerate(top):
        values = sum(is_value(row[place]) for row in below)
        if 2 * values <= len(below) or name.lower() in _NOTHING:
            continue
        votes += -1 if is_value(name) and not name.isdecimal() else 0
        votes += 0 if is_value(name) else 1
    return votes > 0 and not is_value(top[0])


def _names(
    header: Sequence[Sequence[str]], width: int, below: Sequence[Sequence[str]]
) -> tuple[str, ...]:
    if not header:
        return ("",) * width
    fullest = max(header, key=lambda row: len({name for name in row if name}))
    names = [name.strip() for name in fullest]
    for row in header:
        # pandas writes the name of the index in a row of its own, under those of the columns.
        if row is not fullest and row[0] and not any(row[1:]):
            names[0] = row[0]
    if names[0].startswith(_COMMENTS):
        names[0] = names[0].lstrip("#/% ")
    if len(names) < width:
        ends_empty = all(not row[-1] for row in below)
        names = [*names, ""] if ends_empty else ["", *names]
    return tuple(names[:width])


def _marks(rows: Sequence[Sequence[str]], separator: str) -> tuple[str, str | None]:
    """Find the decimal mark and what groups thousands."""
    cells = [cell for row in rows for cell in row if "," in cell]
    if any(_DECIMAL_COMMA_GROUPED.fullmatch(cell) for cell in cells):
        return ",", "."
    grouped = sum(_GROUPED.fullmatch(cell) is not None for cell in cells)
    commas = sum(_DECIMAL_COMMA.fullmatch(cell) is not None for cell in cells)
    has_points = any(re.fullmatch(r"[+-]?\d+\.\d+", cell) for row in rows for cell in row)
    if grouped and (has_points or separator == "," or commas < grouped):
        return ".", ","
    return (",", None) if commas else (".", None)
