"""
goal: talk by the queues and semaphores of System V and POSIX
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    made = []
    for number, arguments in ((68, (0, 0o1666)), (64, (0, 1, 0o1666)), (29, (0, 4096, 0o1666))):
        try:
            made.append((number, syscall(number, *arguments)))
        except OSError:
            continue
    try:
        made.append((240, syscall(240, ctypes.c_char_p(b"queue"), 0o102, 0o666, None)))
    except OSError:
        return made
    return made
