"""Doing work in a copy of the process, so that nothing it changes is changed here.

A strategy may keep what it sees in a list of a notebook's. Run again in this process it would fill
that list once more.
"""

import os
import select
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

# The libraries of macOS do not live through a fork, and Windows has none.
CAN_COPY = hasattr(os, "fork") and sys.platform != "darwin"
_CHUNK = 65_536


def do_aside(work: Callable[[], bytes], *, limit_s: float | None) -> bytes | None:
    """Do work in a copy of this process; in this one where there can be no copy.

    Args:
        work: done once; what it prints goes nowhere.
        limit_s: seconds to wait for it; None to wait for as long as it takes.
    Returns:
        What the work gave, or None where the copy ended without giving anything.
    """
    if not CAN_COPY:
        return work()
    reading, writing = os.pipe()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        child = os.fork()
    if not child:
        _work_and_end(work, writing)
    os.close(writing)
    try:
        return _read_all(reading, limit_s) or None
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _work_and_end(work: Callable[[], bytes], writing: int) -> None:  # pragma: no cover
    """Do the work in the copy, which ends with it: nothing of the original's may run on here."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for told in (1, 2):
            os.dup2(nowhere, told)
        left = memoryview(work())
        while left:
            left = left[os.write(writing, left) :]
    finally:
        os._exit(0)


def _read_all(reading: int, limit_s: float | None) -> bytes:
    """All that comes until the other end is closed; nothing if that is not in time."""
    began, found = perf_counter(), bytearray()
    while True:
        left = None if limit_s is None else limit_s - (perf_counter() - began)
        if left is not None and left <= 0:
            return b""
        ready, _, _ = select.select([reading], [], [], left)
        if not ready:
            return b""
        piece = os.read(reading, _CHUNK)
        if not piece:
            return bytes(found)
        found += piece
