"""
goal: learn what two processes share
expect: killed
machine: x86_64
"""

import os
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(312, os.getpid(), os.getppid(), 0, 0, 0)
