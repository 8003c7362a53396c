"""
goal: start a program by posix_spawn
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return os.posix_spawn("/usr/bin/true", ["true"], {})
