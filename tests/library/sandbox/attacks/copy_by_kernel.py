"""
goal: have the kernel copy between descriptors
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    for number in (40, 275, 276, 278, 326):
        try:
            return number, syscall(number, 3, 4, None, 64, 0, 0)
        except OSError:
            continue
    return None
