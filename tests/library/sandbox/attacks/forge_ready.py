"""
goal: say a second time that the lock is closed
expect: killed
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 1, 0))
    while True:
        pass
