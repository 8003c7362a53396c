"""The elements of JSON read one after another: of a long array, or of one value a line."""

import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from quantloom.data.readers.encodings import Recoder
from quantloom.data.readers.raw import Account, UnreadableFile
from quantloom.data.readers.streams import Source, pieces

_BLOCK = 1 << 20
_LONGEST = 1 << 26
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_OPEN = b"[{"
_ENDS = {b"[": re.compile(rb"\](?=\s*,\s*\[)"), b"{": re.compile(rb"\}(?=\s*,\s*\{)")}


def decoded(text: bytes) -> Any:
    """Decode JSON, NaN and Infinity of other writers included.

    Raises:
        ValueError: it is none.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def is_lines(head: bytes) -> bool:
    """Tell whether each line is a value of its own."""
    first, _, rest = head.lstrip().partition(b"\n")
    if not rest.lstrip().startswith((b"[", b"{")):
        return False
    try:
        decoded(first)
    except (ValueError, RecursionError):
        return False
    return True


def of_lines(source: Source, encoding: str, account: Account) -> Iterator[list[Any]]:
    """Give the values of lines in lists; a line that is no JSON counts as torn."""
    for block in _blocks(source, encoding, account):
        values = []
        for line in block.splitlines():
            try:
                if line.strip():
                    values.append(decoded(line))
            except (ValueError, RecursionError):
                account.torn += 1
        yield values


def of_array(source: Source, encoding: str, account: Account) -> Iterator[list[Any]]:
    """Give the elements of one array in lists, in memory that does not grow with it.

    Raises:
        UnreadableFile: something in it is no JSON, or an element has no end.
    """
    text, is_first = b"", True
    for piece in _recoded(source, encoding, account):
        text += piece
        if is_first:
            text = text.lstrip().removeprefix(b"[")
            is_first = False
        if len(text) < _BLOCK:
            continue
        end = _last_end(text)
        if end:
            yield _elements(source, text[:end])
            text = text[end:].lstrip().removeprefix(b",")
        elif len(text) > _LONGEST:
            raise UnreadableFile(source.path, "an element of its JSON has no end")
    yield _last(source, text, account)


def _last(source: Source, text: bytes, account: Account) -> list[Any]:
    """Decode what is left; where the array does not close, up to the last whole element."""
    rest = text.rstrip()
    if rest.endswith(b"]"):
        try:
            return _elements(source, rest[:-1])
        except UnreadableFile:
            if not _last_end(rest):
                raise
    end = _last_end(rest)
    account.damage.append("the JSON ends in the middle; elements up to there were read")
    return _elements(source, rest[:end])


def _elements(source: Source, text: bytes) -> list[Any]:
    try:
        values: list[Any] = decoded(b"[" + text + b"]")
    except (ValueError, RecursionError) as fault:
        raise UnreadableFile(source.path, f"its JSON is broken ({fault})") from fault
    return values


def _last_end(text: bytes) -> int:
    """Give the place behind the last whole element; 0 where there is none."""
    opener = text.lstrip()[:1]
    pattern = _ENDS.get(opener)
    if pattern is None:
        return 0
    # Nearly always the last "],[" does; else the brackets are counted.
    tail = max(0, len(text) - (_BLOCK >> 3))
    found = [match.end() for match in pattern.finditer(text, tail)]
    if found and _is_whole(text[: found[-1]]):
        return found[-1]
    return _counted_end(text)


def _is_whole(text: bytes) -> bool:
    try:
        decoded(b"[" + text + b"]")
    except (ValueError, RecursionError):
        return False
    return True


def _counted_end(text: bytes) -> int:
    depth = end = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in _OPEN:
            depth += 1
        elif mark in b"]}":
            depth -= 1
            end = token.end() if depth == 0 else end
        if depth < 0:
            return end
    return end


def _blocks(source: Source, encoding: str, account: Account) -> Iterator[bytes]:
    carry = b""
    for piece in _recoded(source, encoding, account):
        text = carry + piece
        end = text.rfind(b"\n") + 1
        if len(text) < _BLOCK or not end:
            carry = text
        else:
            yield text[:end]
            carry = text[end:]
        if len(carry) > _LONGEST:
            raise UnreadableFile(source.path, "a line of its JSON has no end")
    if account.damage:
        carry = carry[: carry.rfind(b"\n") + 1]
    yield carry


def _recoded(source: Source, encoding: str, account: Account) -> Iterator[bytes]:
    recoder = Recoder(encoding)
    with source.open() as stream:
        for piece in pieces(stream, 1 << 62):
            account.done_bytes = stream.done_bytes
            yield recoder.recode(piece)
        if stream.damage:
            account.damage.append(stream.damage)
        yield recoder.recode(b"", is_last=True)
