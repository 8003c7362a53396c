"""
goal: watch what the service does with its files
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    for number in (253, 294, 300):
        try:
            return number, syscall(number, 0, 0)
        except OSError:
            continue
    return None
