"""
goal: load a library from a folder of the service
expect: blocked
"""

import ctypes
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return ctypes.CDLL(env["tmp"] + "/planted.so")
