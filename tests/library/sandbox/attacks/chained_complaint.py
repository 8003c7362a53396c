"""
goal: raise an error with 100,000 causes
expect: contained
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    error = None
    for _ in range(100_000):
        error, caused = ValueError(), error
        error.__cause__ = caused
    assert error is not None
    raise error
