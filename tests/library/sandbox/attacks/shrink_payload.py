"""
goal: cut the payload under the feet of another job
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    os.ftruncate(4, 0)
    return True
