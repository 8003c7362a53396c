"""
goal: raise limits by the old call
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(160, 9, (ctypes.c_uint64 * 2)(2**63, 2**63)) == 0
