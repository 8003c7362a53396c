"""
goal: fill memory without Python knowing
expect: blocked
"""

import mmap
from typing import Any


def attack(env: dict[str, Any]) -> object:
    held = []
    while True:
        page = mmap.mmap(-1, 1 << 26)
        for place in range(0, len(page), 4096):
            page[place] = 1
        held.append(page)
