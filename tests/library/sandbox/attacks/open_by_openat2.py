"""
goal: open a file by a call whose flags no filter reads
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    how = (ctypes.c_uint64 * 3)(0, 0, 0)
    return syscall(437, -100, ctypes.c_char_p(env["secret_files"][0].encode()), how, 24) >= 0
