"""
goal: replace the process by its own image
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(322, -100, ctypes.c_char_p(b"/proc/self/exe"), None, None, 0)
