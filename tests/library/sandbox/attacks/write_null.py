"""
goal: write to address zero
expect: contained
"""

import ctypes
from typing import Any


def attack(env: dict[str, Any]) -> object:
    ctypes.memset(0, 1, 8)
    return None
