"""API keys as text: `ql_live_`, the key's id and its secret, and a checksum.

The prefix lets scanners find a key that was published by mistake; the checksum lets them, and us,
tell one from a typing error without asking the database.
"""

import secrets
import zlib
from dataclasses import dataclass, field
from uuid import UUID

PREFIX = "ql_live_"
PURPOSE = "api-key"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_ID, _SECRET = 16, 32
_BODY, _SUM = 65, 6
LENGTH = len(PREFIX) + _BODY + _SUM
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as its holder has it; the text is never stored."""

    id: UUID
    text: str = field(repr=False)

    @property
    def hint(self) -> str:
        """What its holder can know it by."""
        return f"{PREFIX}...{self.text[-_SHOWN:]}"


def make(key_id: UUID) -> KeyText:
    """Make a new key with 256 bits that nobody can guess."""
    body = _written(key_id.bytes + secrets.token_bytes(_SECRET), _BODY)
    return KeyText(key_id, PREFIX + body + _checksum(body))


def read(text: str) -> KeyText | None:
    """Read a key; None where it cannot be one of ours."""
    if len(text) != LENGTH or not text.startswith(PREFIX):
        return None
    body, checksum = text[len(PREFIX) : -_SUM], text[-_SUM:]
    if any(digit not in _VALUES for digit in body) or _checksum(body) != checksum:
        return None
    number = 0
    for digit in body:
        number = number * len(_DIGITS) + _VALUES[digit]
    if number.bit_length() > 8 * (_ID + _SECRET):
        return None
    return KeyText(UUID(bytes=number.to_bytes(_ID + _SECRET)[:_ID]), text)


def _checksum(body: str) -> str:
    return _written(zlib.crc32((PREFIX + body).encode("ascii")).to_bytes(4), _SUM)


def _written(raw: bytes, width: int) -> str:
    number, digits = int.from_bytes(raw), []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
