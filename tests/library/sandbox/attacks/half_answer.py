"""
goal: leave in the middle of an answer
expect: contained
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 3, 1000) + b"x" * 10)
    os._exit(0)
