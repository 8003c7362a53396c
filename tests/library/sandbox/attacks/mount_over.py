"""
goal: put another file system over one
expect: killed
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    source, target, kind = (ctypes.c_char_p(text) for text in (b"none", b"/tmp", b"tmpfs"))
    return syscall(165, source, target, kind, 0, None)
