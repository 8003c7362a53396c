"""
goal: fork with a terminal of its own
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    pid, _ = os.forkpty()
    if pid == 0:
        os._exit(0)
    return pid
