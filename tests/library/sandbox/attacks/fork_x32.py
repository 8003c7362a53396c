"""
goal: fork by the x32 table of calls
expect: killed
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(0x40000000 | 57)
