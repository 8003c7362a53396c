"""
goal: open a file by its number, past every folder
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(304, -100, ctypes.create_string_buffer(32), 0)
