"""
goal: signal a process with a forged sender
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(129, env["victim_pid"], 12, ctypes.create_string_buffer(128)) == 0
