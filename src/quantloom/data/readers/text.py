"""Delimited text as a raw table: CSV of any dialect, parsed by Arrow a block at a time."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from quantloom.data.readers.arrays import emptied, is_text, of_strings, thinned, tidy
from quantloom.data.readers.blocks import BLOCK_BYTES, Block, Cutter, ahead, pieces_of
from quantloom.data.readers.dialects import Dialect, guess_dialect
from quantloom.data.readers.encodings import guess_encoding, mended, to_text
from quantloom.data.readers.raw import RUNS_OF_SPACE, Account, Form, NoTable, Types, UnreadableFile
from quantloom.data.readers.streams import Source

_Kinds: TypeAlias = Mapping[str, pa.DataType]
_HEAD_BYTES = 1 << 18
_SPOT_BYTES = 1 << 16
_SMALLEST_PIECE = 1 << 15
_PARTS = 8
_NOTHING = ["", "-", "--", "NaN", "nan", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "none"]
_LINE_ROOM = re.compile(rb"[ \t]*\r?\n[ \t]*")
_ROOM = re.compile(rb"[ \t]+")


class TextTable:
    """A table of delimited text."""

    def __init__(self, source: Source, form: Form, dialect: Dialect, *, has_old_ends: bool) -> None:
        self.path, self.form, self.columns = source.path, form, dialect.columns
        self.size_bytes = source.size_bytes
        self._source = source
        self._account = Account()
        self._cutter = Cutter(
            path=source.path,
            encoding=form.encoding or "utf-8",
            quote=dialect.quote.encode(),
            skipped_lines=dialect.skipped_lines + dialect.header_lines,
            has_old_ends=has_old_ends,
        )

    @property
    def torn(self) -> int:
        return self._account.torn

    @property
    def done_bytes(self) -> int:
        return self._account.done_bytes

    @property
    def damage(self) -> tuple[str, ...]:
        return tuple(self._account.damage)

    def sample(self, rows: int = 1000) -> pa.Table:
        parser = self._parser(None, ())
        parts = [parser.parse(block).batches for block in self._spots()]
        spots = [pa.Table.from_batches(part, parser.schema) for part in parts]
        if len(spots) == 1:
            return thinned(spots[0], rows)
        shares = (rows // 2, rows // 4, rows // 4)
        return pa.concat_tables(
            [spot.slice(0, share) for spot, share in zip(spots, shares, strict=False)]
        )

    def batches(
        self, types: Types | None = None, *, time_formats: Sequence[str] = ()
    ) -> Iterator[pa.RecordBatch]:
        account = self._account = Account()
        parser = self._parser(types, time_formats)
        with self._source.open() as stream:
            for parsed in ahead(parser.parse, self._cutter.blocks(stream)):
                account.torn += parsed.torn
                account.done_bytes = parsed.done_bytes
                yield from parsed.batches
            account.done_bytes = self.size_bytes
            if stream.damage:
                account.damage.append(stream.damage)

    def _parser(self, types: Types | None, time_formats: Sequence[str]) -> "_Parser":
        wanted = types or [pa.string()] * len(self.columns)
        kinds = {str(place): kind for place, kind in enumerate(wanted) if kind is not None}
        names = [str(place) for place in range(len(self.columns))]
        return _Parser(self._source, self.form, names, kinds, tuple(time_formats))

    def _spots(self) -> Iterator[Block]:
        """Give the first block, and of long plain files some from the middle and the end."""
        with self._source.open() as stream:
            yield next(self._cutter.blocks(stream), Block(b"", is_quoted=True, done_bytes=0))
        is_plain = self.form.compression is None and self.form.encoding != "utf-16-le"
        if not is_plain or self.form.encoding == "utf-16-be" or self.size_bytes < 2 * BLOCK_BYTES:
            return
        for place in (self.size_bytes // 2, self.size_bytes - _SPOT_BYTES):
            yield self._spot(place)

    def _spot(self, place: int) -> Block:
        with self.path.open("rb") as file:
            file.seek(place)
            text = file.read(_SPOT_BYTES)
        start, end = text.find(b"\n") + 1, text.rfind(b"\n") + 1
        whole = text[start:end].decode(self.form.encoding or "utf-8", "replace").encode()
        return Block(whole, whole.count(self._cutter.quote) % 2 == 0, 0)


def open_text(source: Source, form: Form | None = None) -> TextTable:
    """Open delimited text.

    Args:
        form: how to read it, where that is known.
    Raises:
        UnreadableFile: it is no text.
        NoTable: its lines make no columns.
    """
    head = source.head(_HEAD_BYTES)
    encoding = form.encoding if form else guess_encoding(head)
    if encoding is None:
        raise UnreadableFile(source.path, "it is binary, of no kind that is known")
    text = to_text(head, encoding).replace("\0", "")
    is_whole = len(head) < _HEAD_BYTES
    dialect = guess_dialect(text, is_whole=is_whole, known=form)
    if dialect is None or not text.strip():
        reason = "it is text, but nothing parts its lines into columns"
        raise NoTable(source.path, reason if text.strip() else "it is empty")
    has_old_ends = "\r" in text and "\n" not in text
    form = _form(source, encoding, dialect)
    return TextTable(source, form, dialect, has_old_ends=has_old_ends)


def _form(source: Source, encoding: str, dialect: Dialect) -> Form:
    return Form(
        kind="text",
        compression=source.compression,
        member=source.member,
        encoding=encoding,
        separator=dialect.separator,
        quote=dialect.quote,
        has_header=dialect.header_lines > 0,
        skipped_lines=dialect.skipped_lines,
        decimal=dialect.decimal,
        thousands=dialect.thousands,
    )


@dataclass(frozen=True, slots=True)
class _Parsed:
    batches: list[pa.RecordBatch]
    torn: int
    done_bytes: int


@dataclass(frozen=True, slots=True)
class _Parser:
    """Parses blocks of rows into the types that are wanted, or into strings."""

    source: Source
    form: Form
    names: list[str]
    kinds: _Kinds
    time_formats: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        return pa.schema(self.kinds)

    def parse(self, block: Block) -> _Parsed:
        # Before Arrow sees it: a row that is torn and no UTF-8 makes its handler fail unheard.
        text = mended(block.text)
        if self.form.separator == RUNS_OF_SPACE:
            text = _ROOM.sub(b"\t", _LINE_ROOM.sub(b"\n", text).strip(b" \t"))
        batches, torn = self._best(text, is_quoted=block.is_quoted)
        return _Parsed([batch for batch in batches if batch.num_rows], torn, block.done_bytes)

    def _best(self, text: bytes, *, is_quoted: bool) -> tuple[list[pa.RecordBatch], int]:
        """Parse into types; where cells do not convert, give as few rows as strings as can be."""
        if not text.strip():
            return [], 0
        try:
            return self._typed(text, is_quoted=is_quoted)
        except pa.ArrowInvalid:
            if len(text) <= _SMALLEST_PIECE or not is_quoted:
                return self._strings(text, is_quoted=is_quoted)
        parts = pieces_of(text, self._quote.encode(), _PARTS)
        found = [self._best(part, is_quoted=True) for part in parts]
        return [batch for part, _ in found for batch in part], sum(torn for _, torn in found)

    @property
    def _quote(self) -> str:
        return self.form.quote or '"'

    def _typed(self, text: bytes, *, is_quoted: bool) -> tuple[list[pa.RecordBatch], int]:
        kinds = {name: self._read_as(kind) for name, kind in self.kinds.items()}
        table, torn = self._read(text, kinds, is_quoted=is_quoted)
        columns = [self._finished(column, kind) for column, kind in _pairs(table, self.kinds)]
        return _batches(columns, self.kinds), torn

    def _read_as(self, kind: pa.DataType) -> pa.DataType:
        is_number = pa.types.is_floating(kind) or pa.types.is_integer(kind)
        return pa.string() if is_number and self.form.thousands else kind

    def _finished(self, column: Any, kind: pa.DataType) -> Any:
        if is_text(kind):
            return tidy(column)
        if column.type == kind:
            return column
        plain = pc.replace_substring(tidy(column), self.form.thousands or "", "")
        plain = pc.replace_substring(plain, self.form.decimal, ".")
        is_none = pc.is_in(plain, value_set=of_strings(_NOTHING))
        return emptied(plain, is_none).cast(kind)

    def _strings(self, text: bytes, *, is_quoted: bool) -> tuple[list[pa.RecordBatch], int]:
        kinds: _Kinds = dict.fromkeys(self.kinds, pa.string())
        try:
            table, torn = self._read(text, kinds, is_quoted=is_quoted)
        except pa.ArrowInvalid as fault:
            reason = str(fault).partition("\n")[0]
            raise UnreadableFile(self.source.path, reason) from fault
        columns = [tidy(column) for column in table.columns]
        if not is_quoted:
            columns = [pc.utf8_trim(column, characters=self._quote) for column in columns]
        return _batches(columns, kinds), torn

    def _read(self, text: bytes, kinds: _Kinds, *, is_quoted: bool) -> tuple[pa.Table, int]:
        torn: list[None] = []
        separator = self.form.separator or ","
        parsing = pacsv.ParseOptions(
            delimiter="\t" if separator == RUNS_OF_SPACE else separator,
            quote_char=self._quote if is_quoted else False,
            newlines_in_values=True,
            invalid_row_handler=partial(_leave_out, torn),
        )
        reading = pacsv.ReadOptions(
            use_threads=False, column_names=self.names, block_size=len(text) + 1
        )
        formats: list[Any] = [*self.time_formats, pacsv.ISO8601]
        converting = pacsv.ConvertOptions(
            column_types=dict(kinds),
            include_columns=list(kinds),
            null_values=_NOTHING,
            decimal_point=self.form.decimal,
            timestamp_parsers=formats,
        )
        file: Any = pa.BufferReader(text)
        table = pacsv.read_csv(
            file,
            read_options=reading,
            parse_options=parsing,
            convert_options=converting,
        )
        return table, len(torn)


def _leave_out(torn: list[None], _: pacsv.InvalidRow) -> Literal["skip"]:
    torn.append(None)
    return "skip"


def _pairs(table: pa.Table, kinds: _Kinds) -> Iterator[tuple[Any, pa.DataType]]:
    return zip(table.columns, kinds.values(), strict=True)


def _batches(columns: list[Any], kinds: _Kinds) -> list[pa.RecordBatch]:
    table = pa.Table.from_arrays(columns, schema=pa.schema(kinds))
    return table.combine_chunks().to_batches()
