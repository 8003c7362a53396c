"""
goal: read the log of the kernel
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(103, 3, ctypes.create_string_buffer(4096), 4096)
