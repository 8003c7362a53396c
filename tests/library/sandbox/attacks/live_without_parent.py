"""
goal: outlive the process that forked this one
expect: blocked
"""

import ctypes
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return ctypes.CDLL(None).prctl(1, 0, 0, 0, 0) == 0
