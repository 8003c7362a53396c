"""
goal: slow others down
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(141, 0, env["victim_pid"], 19) == 0
