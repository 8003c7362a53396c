"""
goal: close every descriptor and stay
expect: killed
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.closerange(0, 64)
    while True:
        pass
