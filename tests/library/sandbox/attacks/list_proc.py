"""
goal: list the processes of the machine
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return os.listdir("/proc")
