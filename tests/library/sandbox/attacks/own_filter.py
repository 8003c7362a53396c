"""
goal: answer system calls by a filter of its own
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(317, 1, 0, ctypes.create_string_buffer(16))
