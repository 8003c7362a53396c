"""
goal: signal another process by a descriptor of it
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(424, syscall(434, env["victim_pid"], 0), 9, None, 0) == 0
