"""
goal: take the huge pages of the machine
expect: blocked
"""

import mmap
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return len(mmap.mmap(-1, 1 << 32, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000))
