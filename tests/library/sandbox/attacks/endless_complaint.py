"""
goal: raise an error whose text never ends
expect: killed
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    class Endless(Exception):
        def __str__(self) -> str:
            while True:
                pass

    raise Endless
