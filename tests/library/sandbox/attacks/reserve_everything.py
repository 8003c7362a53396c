"""
goal: reserve more than there is
expect: blocked
"""

import mmap
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return len(mmap.mmap(-1, 1 << 40))
