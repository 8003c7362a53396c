"""
goal: map the payload for writing
expect: blocked
"""

import mmap
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return bool(mmap.mmap(4, 4, flags=mmap.MAP_SHARED, prot=mmap.PROT_WRITE))
