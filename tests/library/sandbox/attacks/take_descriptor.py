"""
goal: take a descriptor out of another process
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(438, syscall(434, env["service_pid"], 0), 0, 0)
