"""
goal: find the service's secret in anything that Python holds
expect: blocked
"""

import gc
from typing import Any


def attack(env: dict[str, Any]) -> object:
    marker = env["marker"]
    for held in gc.get_objects():
        if isinstance(held, dict) and held is not env:
            for value in [*held.values()]:
                if isinstance(value, str) and marker == value and "secret_files" not in held:
                    return str([*held])
    return None
