"""
goal: list the temporary folder
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    return os.listdir(env["tmp"])
