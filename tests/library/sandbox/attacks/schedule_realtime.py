"""
goal: run before everybody else
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(144, 0, 1, ctypes.create_string_buffer(b"\x01\0\0\0", 4)) == 0
