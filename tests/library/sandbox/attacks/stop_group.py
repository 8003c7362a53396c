"""
goal: stop everything in the session
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(62, 0, 19) == 0
