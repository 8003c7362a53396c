"""
goal: take a descriptor for a socket of the service
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    for number in range(3, 1024):
        try:
            sent = syscall(44, number, ctypes.c_char_p(b'{"function": "os:abort"}'), 24, 0, None, 0)
            return number, sent
        except OSError:
            continue
    return None
