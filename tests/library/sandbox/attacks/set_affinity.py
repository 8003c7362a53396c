"""
goal: move another process to one core
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(203, env["victim_pid"], 8, ctypes.create_string_buffer(b"\x01", 8)) == 0
