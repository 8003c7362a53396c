"""
goal: write to the sealed payload
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return os.pwrite(4, b"x", 0)
