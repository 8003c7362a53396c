"""
goal: become root of a namespace
expect: killed
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(272, 0x10000000)
