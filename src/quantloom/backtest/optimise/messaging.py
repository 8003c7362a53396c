"""How a study and its worker processes talk: a length, then so many bytes of MessagePack."""

from typing import Any, BinaryIO

import msgspec

LENGTH = 8
"""Bytes of the number that stands before each message."""


def write_message(file: BinaryIO, message: object) -> None:
    """Send a message; it is there whole or not at all for who reads it."""
    body = msgspec.msgpack.encode(message)
    file.write(len(body).to_bytes(LENGTH, "big") + body)
    file.flush()


def read_message(file: BinaryIO) -> Any:
    """Wait for a message; None where the other side is gone."""
    head = file.read(LENGTH)
    if len(head) < LENGTH:
        return None
    body = file.read(int.from_bytes(head, "big"))
    return msgspec.msgpack.decode(body)


def padding(size: int) -> int:
    """How many bytes go by until the next array, so that each begins on a cache line."""
    return -size % 64
