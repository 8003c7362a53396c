"""
goal: keep something in the kernel beyond the job
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    kind, name, held = (ctypes.c_char_p(text) for text in (b"user", b"x", b"y"))
    return syscall(248, kind, name, held, 1, -3)
