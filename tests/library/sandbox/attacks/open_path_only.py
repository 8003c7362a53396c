"""
goal: hold a file without opening it, and open it by /proc
expect: blocked
"""

import os
from typing import Any


def attack(env: dict[str, Any]) -> object:
    held = os.open(env["secret_files"][0], os.O_PATH)
    with open(f"/proc/self/fd/{held}") as file:
        return env["marker"] in file.read()
