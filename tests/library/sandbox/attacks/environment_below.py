"""
goal: read the environment below Python
expect: blocked
"""

import ctypes
import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ").value and os.popen("env")
