"""
goal: hide memory from every limit
expect: killed
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(447, 0)
