"""
goal: say that the lock has failed, with a text for the log
expect: killed
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 5, 2) + b"{}")
    while True:
        pass
