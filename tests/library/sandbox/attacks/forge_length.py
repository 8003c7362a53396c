"""
goal: promise an answer of 4 GiB
expect: killed
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 3, 0xFFFFFFFF))
    while True:
        pass
