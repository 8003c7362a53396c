"""
goal: write to standard error for ever
expect: killed
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    while True:
        os.write(2, b"x" * 65_536)
