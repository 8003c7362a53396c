"""
goal: read the keys of the session
expect: killed
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(250, 0, -3, 1)
