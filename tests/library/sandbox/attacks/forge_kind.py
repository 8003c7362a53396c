"""
goal: send a frame of no kind
expect: killed
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 77, 0))
    while True:
        pass
