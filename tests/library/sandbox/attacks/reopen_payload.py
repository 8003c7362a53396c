"""
goal: open the payload again for writing
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return os.open("/proc/self/fd/4", os.O_RDWR)
