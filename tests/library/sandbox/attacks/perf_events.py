"""
goal: watch the kernel's counters
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0)
