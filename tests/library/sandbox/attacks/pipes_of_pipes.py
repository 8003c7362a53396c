"""
goal: hold memory in pipes
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    held = []
    for _ in range(60):
        held.append(os.pipe())
    return len(held)
