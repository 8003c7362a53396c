"""
goal: outlive the job in a session of its own
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    if os.fork() == 0:
        os.setsid()
        os._exit(0)
    return True
