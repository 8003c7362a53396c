"""
goal: refuse in words that overflow a parser
expect: contained
"""

import os
import struct
from typing import Any


def attack(env: dict[str, Any]) -> object:
    text = b"[" * 60_000
    os.write(3, struct.pack("<4sBxxxI", b"QLSB", 4, len(text)) + text)
    os._exit(0)
