"""JSON as a raw table: lists or records in an array or by line, columns, answers of servers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import pyarrow as pa

from quantloom.data.readers.elements import decoded, is_lines, of_array, of_lines
from quantloom.data.readers.encodings import Recoder, guess_encoding
from quantloom.data.readers.grids import column_of
from quantloom.data.readers.raw import Account, Form, NoTable, UnreadableFile
from quantloom.data.readers.streams import Source
from quantloom.data.readers.typed import TypedTable

_Blocks: TypeAlias = Callable[[Account], Iterator[list[Any]]]

_HEAD_BYTES = 1 << 18
_MOST_WHOLE = 1 << 27
_DEEPEST = 4
_NOT_ROWS = "it is JSON, but neither lists of cells nor records"


def open_json(source: Source) -> TypedTable:
    """Open JSON.

    Raises:
        UnreadableFile: it is broken, or too large to be read whole where it must be.
        NoTable: there are no rows in it.
    """
    head = source.head(_HEAD_BYTES)
    encoding = guess_encoding(head)
    if encoding is None:
        raise UnreadableFile(source.path, "it is binary, of no kind that is known")
    text = Recoder(encoding).recode(head).lstrip()
    if is_lines(text):
        return _table(source, encoding, partial(of_lines, source, encoding))
    if text.startswith(b"["):
        return _table(source, encoding, partial(of_array, source, encoding))
    content = _whole(source, encoding)
    if is_lines(content):
        return _table(source, encoding, partial(of_lines, source, encoding))
    try:
        rows = _rows_of(source, decoded(content))
    except (ValueError, RecursionError) as fault:
        raise UnreadableFile(source.path, f"its JSON is broken ({fault})") from fault
    return _table(source, encoding, partial(_held, rows))


def _table(source: Source, encoding: str, blocks: _Blocks) -> TypedTable:
    first = next((block for block in blocks(Account()) if block), [])
    names = _names(first)
    if not names:
        raise NoTable(source.path, _NOT_ROWS)
    account = Account()
    columns = _columns(first, names, account)
    form = Form(
        kind="json",
        compression=source.compression,
        member=source.member,
        encoding=encoding,
        has_header=isinstance(names[0], str),
    )
    kinds = [column_of(column).type for column in columns]
    titles = [name if isinstance(name, str) else "" for name in names]
    return TypedTable(
        source.path,
        form,
        schema=pa.schema(list(zip(titles, kinds, strict=True))),
        rows=None,
        size_bytes=source.size_bytes,
        read=partial(_batches, blocks, names),
    )


def _batches(
    blocks: _Blocks, names: Sequence[str | int], account: Account, places: tuple[int, ...]
) -> Iterator[pa.RecordBatch]:
    for block in blocks(account):
        columns = _columns(block, names, account)
        chosen = [column_of(columns[place]) for place in places]
        yield pa.RecordBatch.from_arrays(chosen, names=[str(place) for place in places])


def _names(rows: Sequence[Any]) -> tuple[str | int, ...]:
    """Name the columns of records by their keys, those of lists by their places."""
    records = [_flat(row) for row in rows if isinstance(row, dict)]
    if records:
        return tuple(dict.fromkeys(key for record in records for key in record))
    widths = Counter(len(row) for row in rows if isinstance(row, list))
    return tuple(range(widths.most_common(1)[0][0])) if widths else ()


def _columns(rows: Sequence[Any], names: Sequence[str | int], account: Account) -> list[list[Any]]:
    """Turn rows into columns; what is no row of these names counts as torn."""
    if isinstance(names[0], str):
        records = [_flat(row) for row in rows if isinstance(row, dict)]
        account.torn += len(rows) - len(records)
        return [[record.get(str(name)) for record in records] for name in names]
    lists = [row for row in rows if isinstance(row, list) and len(row) == len(names)]
    account.torn += len(rows) - len(lists)
    return [list(column) for column in zip(*lists, strict=True)] or [[] for _ in names]


def _flat(record: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give a record without records in it: `{"a": {"b": 1}}` as `{"a.b": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and prefix.count(".") < _DEEPEST:
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _whole(source: Source, encoding: str) -> bytes:
    if (source.unpacked_bytes or source.size_bytes) > _MOST_WHOLE:
        reason = f"it is one JSON object of more than {_MOST_WHOLE >> 20} MiB; save it as lines"
        raise UnreadableFile(source.path, reason)
    return Recoder(encoding).recode(source.whole(), is_last=True)


def _held(rows: list[Any], account: Account) -> Iterator[list[Any]]:
    del account
    yield rows


def _rows_of(source: Source, value: Any) -> list[Any]:
    """Find the rows in an object: by column, by time, split as pandas does, or somewhere within."""
    if not isinstance(value, dict) or not value:
        raise NoTable(source.path, _NOT_ROWS)
    return _keyed(value) or _longest_within(source, value)


def _keyed(value: dict[str, Any]) -> list[Any] | None:
    return _split(value) or _by_key(value) or _by_column(value)


def _split(value: dict[str, Any]) -> list[Any] | None:
    columns, data = value.get("columns"), value.get("data")
    if not isinstance(columns, list) or not isinstance(data, list):
        return None
    if not all(isinstance(row, list) for row in data):
        return None
    index = value.get("index")
    rows = [dict(zip(map(str, columns), row, strict=False)) for row in data]
    if isinstance(index, list) and len(index) == len(rows):
        return [{"": label, **row} for label, row in zip(index, rows, strict=True)]
    return rows


def _by_column(value: dict[str, Any]) -> list[Any] | None:
    """Rows of `{"open": [1, 2], "close": [3, 4]}`, or of pandas's `{"open": {"0": 1, "1": 2}}`."""
    lists = {name: column for name, column in value.items() if isinstance(column, list)}
    if len(lists) > 1 and len({len(column) for column in lists.values()}) == 1:
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    columns = list(value.values())
    is_keyed = all(isinstance(column, dict) and column for column in columns)
    if not is_keyed or len(columns) < 2 or len({tuple(column) for column in columns}) != 1:
        return None
    if len(columns[0]) <= len(columns) and not _is_index(list(columns[0])):
        return None
    labels = list(columns[0])
    return [{"": label, **{name: value[name][label] for name in value}} for label in labels]


def _is_index(labels: Sequence[str]) -> bool:
    return all(any(map(str.isdigit, label)) and label[0].isdigit() for label in labels)


def _by_key(value: dict[str, Any]) -> list[Any] | None:
    """Rows of `{"2024-01-02": {"open": 1}}`."""
    is_keyed = _is_index(list(value)) and all(isinstance(row, dict) for row in value.values())
    return [{"": key, **row} for key, row in value.items()] if is_keyed else None


def _longest_within(source: Source, value: dict[str, Any]) -> list[Any]:
    """Find the longest list of rows among what an object holds, as answers of servers wrap them."""
    found = max(_lists_within(source, value, 0), key=len, default=[])
    if not found:
        raise NoTable(source.path, _NOT_ROWS)
    return found


def _lists_within(source: Source, value: Any, depth: int) -> Iterator[list[Any]]:
    if isinstance(value, list) and value and isinstance(value[0], list | dict):
        yield value
    if not isinstance(value, dict) or depth > _DEEPEST:
        return
    for inner in value.values():
        if isinstance(inner, dict) and (rows := _keyed(inner)):
            yield rows
        yield from _lists_within(source, inner, depth + 1)
