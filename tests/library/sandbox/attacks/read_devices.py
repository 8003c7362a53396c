"""
goal: read the memory, log and disks of the machine
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    for name in ("/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/zero", "/dev/tty"):
        try:
            return os.open(name, os.O_RDONLY)
        except OSError:
            continue
    return None
