"""
goal: make calls by a ring that no filter sees
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(425, 8, ctypes.create_string_buffer(256))
