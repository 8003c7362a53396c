"""Guess how text was encoded, and turn it into UTF-8 a piece at a time."""

import codecs
import re

UTF8 = "utf-8"
_MARKS = (
    (codecs.BOM_UTF8, UTF8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PAIRS = re.compile(rb"[\x80-\xff][\x00-\xff]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_CONTROL = 0.01
_MOST_NULS = 0.5


def guess_encoding(head: bytes) -> str | None:
    """Name the codec of text by its first bytes; None where they are no text.

    Args:
        head: as many first bytes as can be had; a character may be cut at their end.
    """
    encoding = _by_mark(head) or _by_nuls(head) or _by_decoding(head)
    if encoding is None:
        return None
    text = to_text(head, encoding)
    is_text = len(_CONTROL.findall(text)) <= _MOST_CONTROL * len(text)
    return encoding if is_text and text.count("\0") <= _MOST_NULS * len(text) else None


def to_text(head: bytes, encoding: str) -> str:
    """Decode first bytes, less the mark before them and a character cut at their end."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    return decoder.decode(head).removeprefix("\ufeff")


class Recoder:
    """Turns bytes of any encoding into UTF-8 without NULs and byte order mark.

    Attributes:
        has_nuls: a NUL was left out, as crashes leave them behind in logs.
    """

    def __init__(self, encoding: str) -> None:
        is_same = encoding == UTF8
        self._decoder = None if is_same else codecs.getincrementaldecoder(encoding)("replace")
        self._is_first = True
        self.has_nuls = False

    def recode(self, piece: bytes, *, is_last: bool = False) -> bytes:
        """Give the piece as UTF-8, a character cut at its end held back for the next."""
        if self._decoder is not None:
            piece = self._decoder.decode(piece, is_last).encode(UTF8, "replace")
        if self._is_first and piece:
            piece = piece.removeprefix(codecs.BOM_UTF8)
            self._is_first = False
        if b"\0" in piece:
            self.has_nuls = True
            piece = piece.replace(b"\0", b"")
        return piece


def mended(block: bytes) -> bytes:
    """Give a block as UTF-8, whose lines should be but need not all be.

    A line that is none is taken for GB18030, or has marks in the place of what is nothing at all.
    """
    if _is_text(block, UTF8):
        return block
    return b"".join(map(_mended, block.splitlines(keepends=True)))


def _mended(line: bytes) -> bytes:
    if _is_text(line, UTF8):
        return line
    encoding = "gb18030" if _is_text(line, "gb18030") else UTF8
    return line.decode(encoding, "replace").encode(UTF8)


def _is_text(whole: bytes, encoding: str) -> bool:
    if whole.isascii():
        return True
    try:
        whole.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _by_mark(head: bytes) -> str | None:
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def _by_nuls(head: bytes) -> str | None:
    """Text of UTF-16 without a mark: every other byte of its digits and commas is 0."""
    half = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / half, head[1::2].count(0) / half
    if max(even, odd) < 0.4 or min(even, odd) > 0.1:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _by_decoding(head: bytes) -> str | None:
    if _decodes(head, UTF8):
        return UTF8
    if _decodes(head, "gb18030") and _looks_chinese(head):
        return "gb18030"
    return "cp1252" if head.count(0) == 0 else None


def _decodes(head: bytes, encoding: str) -> bool:
    """Whether these are first bytes of text; a character may be cut at their end."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(head: bytes) -> bool:
    """Whether most pairs are both of high bytes, as common characters are; accents stand alone."""
    pairs: list[bytes] = _PAIRS.findall(head)
    return sum(pair[1] >= 0xA1 for pair in pairs) >= 0.5 * len(pairs)
