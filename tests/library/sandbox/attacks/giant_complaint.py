"""
goal: raise an error with a text of 100 MB
expect: contained
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    raise ValueError("x" * 100_000_000)
