"""
goal: learn where everything lies in memory
expect: blocked
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    with open("/proc/self/maps") as file:
        return file.read(40)
