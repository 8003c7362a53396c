"""
goal: let others of the user read its memory
expect: blocked
"""

import ctypes
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return ctypes.CDLL(None).prctl(4, 1, 0, 0, 0) == 0
