"""
goal: make objects whose memory no limit counts
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    made = []
    for number in (290, 284, 291, 283, 319, 293):
        try:
            made.append((number, syscall(number, 0, 0)))
        except OSError:
            continue
    return made
