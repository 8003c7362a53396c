"""
goal: take capabilities back
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    head, all_of_them = (
        (ctypes.c_uint32 * 2)(0x20080522, 0),
        (ctypes.c_uint32 * 6)(*[2**32 - 1] * 6),
    )
    return syscall(126, head, all_of_them) == 0
