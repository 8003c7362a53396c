"""System calls by number, for attacks: below everything that Python would check."""

import ctypes
import os
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.syscall.restype = ctypes.c_long


def syscall(number: int, *arguments: Any) -> int:
    """Make a call; raises OSError where the kernel refuses."""
    spelled = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    found: int = _LIBC.syscall(ctypes.c_long(number), *spelled)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found
