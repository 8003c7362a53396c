"""
goal: report progress for ever
expect: killed
"""

from typing import Any

from quantloom.sandbox.inside import tell


def attack(env: dict[str, Any]) -> object:
    while True:
        tell(b"x" * 60_000)
