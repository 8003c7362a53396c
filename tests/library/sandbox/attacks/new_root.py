"""
goal: choose another root
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(161, ctypes.c_char_p(b"/tmp"))
