"""
goal: make a socket of any family
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    made = []
    for family in range(46):
        for kind in (1, 2, 3, 5):
            try:
                made.append((family, kind, syscall(41, family, kind, 0)))
            except OSError:
                continue
    return made
