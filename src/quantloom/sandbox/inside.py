"""What runs in a locked child: one function, its answer, and nothing else."""

import json
import mmap
import os
import sys
import traceback
from collections.abc import Callable

from quantloom.sandbox import frames
from quantloom.sandbox.frames import Kind
from quantloom.sandbox.lockdown import PAYLOAD, RESULT

Tell = Callable[[bytes], None]
"""Tells the parent something on the way, at most `frames.SMALL` bytes."""

Function = Callable[[memoryview, Tell], bytes]
"""What a sandbox runs: takes the payload and a way to tell, gives the answer."""

_TEXT, _TRACE = 4_000, 16_000
_NO_MEMORY = b'{"kind":"MemoryError","text":"no memory left"}'


def tell(content: bytes) -> None:
    """Tell the parent something on the way.

    Raises:
        ValueError: it is longer than a frame.
    """
    if len(content) > frames.SMALL:
        raise ValueError(f"{len(content)} bytes; at most {frames.SMALL} can be told at once")
    frames.write(RESULT, Kind.PROGRESS, content)


def answer(function: Function, given: memoryview) -> None:
    """Run a function over its payload and send what comes of it."""
    try:
        content: object = function(given, tell)
        if not isinstance(content, bytes | bytearray | memoryview):
            raise TypeError(f"{type(content).__name__} was returned; only bytes leave")  # noqa: TRY301
    except BaseException as error:  # noqa: BLE001  whatever it is, the parent is told
        _flush()
        _send_error(error)
        return
    _flush()
    frames.write(RESULT, Kind.VALUE, content)


def payload() -> memoryview:
    """The payload, read-only and not copied; taken before calls are filtered."""
    size = os.fstat(PAYLOAD).st_size
    if not size:
        return memoryview(b"")
    return memoryview(mmap.mmap(PAYLOAD, size, flags=mmap.MAP_SHARED, prot=mmap.PROT_READ))


def _send_error(error: BaseException) -> None:
    try:
        content = json.dumps(_described(error)).encode()
    except BaseException:  # noqa: BLE001  its text may be made by code that fails too
        content = _NO_MEMORY if isinstance(error, MemoryError) else b'{"kind":"?","text":""}'
    frames.write(RESULT, Kind.RAISED, content)


def _described(error: BaseException) -> dict[str, str]:
    trace = "".join(traceback.format_exception(error, limit=-20))
    return {
        "kind": type(error).__name__[:200],
        "text": str(error)[:_TEXT],
        "trace": trace[-_TRACE:] if len(trace) > _TRACE else trace,
    }


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: BLE001, S112  a job may have put anything there
            continue
