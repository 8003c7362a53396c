"""
goal: signal one thread of the service
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(234, env["service_pid"], env["service_pid"], 10) == 0
