"""
goal: join the namespace of another process
expect: killed
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(308, 4, 0)
