"""
goal: type into a terminal of the service
expect: blocked
machine: x86_64
"""

import ctypes
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    done = []
    for descriptor in range(5):
        for request in (0x5412, 0x540E, 0x541D, 0x8902):
            try:
                syscall(16, descriptor, request, ctypes.create_string_buffer(b"x", 64))
                done.append((descriptor, request))
            except OSError:
                continue
    return done
