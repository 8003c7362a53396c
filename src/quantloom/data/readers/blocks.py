"""Cut a stream of text into blocks of whole rows, and work on several at once."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from quantloom.data.readers.encodings import Recoder
from quantloom.data.readers.raw import UnreadableFile
from quantloom.data.readers.streams import Stream

BLOCK_BYTES = 1 << 20
"""Of text that is parsed at once: about what fits into a core's cache, which doubles the speed."""

LONGEST_LINE = 1 << 25
"""Bytes of a row, beyond which a file is no table."""

WORKERS = 2
_MOST_CUTS = 64
_LINE_END = re.compile(rb"\r\n|\n|\r")

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of text in UTF-8.

    Attributes:
        is_quoted: quotation marks come in pairs, so that they may be trusted.
        done_bytes: how far the file was read, to get here.
    """

    text: bytes
    is_quoted: bool
    done_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutter:
    """Cuts a stream where rows end.

    Attributes:
        skipped_lines: physical lines to leave out at the top.
        has_old_ends: lines end in a carriage return alone.
    """

    path: Path
    encoding: str
    quote: bytes
    skipped_lines: int
    has_old_ends: bool = False

    def blocks(self, stream: Stream) -> Iterator[Block]:
        """Give the rows of a stream in blocks; a row that its end cuts off is left out.

        Raises:
            UnreadableFile: a line does not end.
        """
        recoder = Recoder(self.encoding)
        carry, to_skip = b"", self.skipped_lines
        while piece := _piece(stream):
            piece = self._recoded(recoder, piece)
            text = carry + piece
            end = cut(text, self.quote) if b"\n" in piece else 0
            if not end and len(text) > LONGEST_LINE:
                end = self._demand_line_end(text)
            whole, carry = text[:end], text[end:]
            whole, to_skip = _without_lines(whole, to_skip)
            if whole:
                yield self._block(whole, stream)
        if stream.damage is None or not carry:
            rest = carry + self._recoded(recoder, b"", is_last=True)
            rest, _ = _without_lines(rest, to_skip)
            if rest.strip():
                yield self._block(rest, stream)

    def _recoded(self, recoder: Recoder, piece: bytes, *, is_last: bool = False) -> bytes:
        text = recoder.recode(piece, is_last=is_last)
        return text.replace(b"\r", b"\n") if self.has_old_ends else text

    def _block(self, text: bytes, stream: Stream) -> Block:
        return Block(text, text.count(self.quote) % 2 == 0, stream.done_bytes)

    def _demand_line_end(self, text: bytes) -> int:
        end = text.rfind(b"\n") + 1
        if not end:
            reason = f"a line has more than {LONGEST_LINE >> 20} MiB, so it is no table"
            raise UnreadableFile(self.path, reason)
        return end


def cut(text: bytes, quote: bytes) -> int:
    """Give the place behind the last row that ends in `text`; 0 where none does.

    A line end between quotation marks ends no row. Marks that come alone are found out by looking
    back a few times; text with many of them is cut at no place, and taken as it is when it grows.
    """
    end = text.rfind(b"\n") + 1
    for _ in range(_MOST_CUTS):
        if not end or text.count(quote, 0, end) % 2 == 0:
            return end
        end = text.rfind(b"\n", 0, text.rfind(quote, 0, end)) + 1
    return 0


def pieces_of(text: bytes, quote: bytes, count: int) -> Iterator[bytes]:
    """Part rows into about `count` pieces of whole rows."""
    size = len(text) // count + 1
    start = 0
    while start < len(text):
        end = start + cut(text[start : start + size], quote)
        if end == start or len(text) - start <= size:
            end = len(text)
        yield text[start:end]
        start = end


def ahead(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Do the work in threads and give the results in order, never more than a few at once."""
    rest = iter(items)
    first = list(islice(rest, 2))
    if len(first) < 2:
        yield from map(work, first)
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Result]] = deque(pool.submit(work, item) for item in first)
        for item in rest:
            waiting.append(pool.submit(work, item))
            if len(waiting) > WORKERS + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _piece(stream: Stream) -> bytes:
    parts, size = [], 0
    while size < BLOCK_BYTES and (part := stream.read(BLOCK_BYTES - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _without_lines(text: bytes, count: int) -> tuple[bytes, int]:
    """Take lines off the top; give what is left and how many lines are still to go."""
    place = 0
    while count and (end := _LINE_END.search(text, place)):
        place, count = end.end(), count - 1
    return text[place:] if not count else b"", count
