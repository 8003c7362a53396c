"""
goal: write the memory of the process that forked this one
expect: killed
machine: x86_64
"""

import os
from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    return syscall(311, os.getppid(), None, 0, None, 0, 0) >= 0
