"""
goal: start a thread below Python
expect: blocked
"""

import ctypes
from typing import Any


def attack(env: dict[str, Any]) -> object:
    thread = ctypes.c_ulong()
    libc = ctypes.CDLL(None)
    begin = ctypes.cast(libc.getpid, ctypes.c_void_p)
    return libc.pthread_create(ctypes.byref(thread), None, begin, None) == 0
