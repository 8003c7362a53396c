"""
goal: have the kernel send signals later
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    made = []
    for number, arguments in (
        (222, (0, None, ctypes.create_string_buffer(8))),
        (38, (0, (ctypes.c_uint64 * 4)(0, 0, 1, 0), None)),
        (37, (1,)),
    ):
        try:
            syscall(number, *arguments)
            made.append(number)
        except OSError:
            continue
    return made
