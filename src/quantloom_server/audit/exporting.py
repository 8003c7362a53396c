"""Entries as lines of a file."""

import csv
import io
from collections.abc import AsyncIterator
from enum import StrEnum

from quantloom_server.audit.schemas import EntryOut
from quantloom_server.platform.trail import AuditEntryRow

# Spreadsheets run what begins so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Format(StrEnum):
    """How an export is written."""

    NDJSON = "ndjson"
    CSV = "csv"


MEDIA_TYPES = {Format.NDJSON: "application/x-ndjson", Format.CSV: "text/csv; charset=utf-8"}


async def lines_of(entries: AsyncIterator[AuditEntryRow], form: Format) -> AsyncIterator[bytes]:
    """Write entries one by one; nothing comes before the first of them was read."""
    head = _csv_line(list(EntryOut.model_fields)) if form is Format.CSV else b""
    async for entry in entries:
        told = EntryOut.model_validate(entry)
        if form is Format.NDJSON:
            yield told.model_dump_json().encode() + b"\n"
        else:
            cells = [_safe(value) for value in told.model_dump(mode="json").values()]
            yield head + _csv_line(cells)
            head = b""
    if head:
        yield head


def _csv_line(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue().encode()


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
