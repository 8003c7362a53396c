"""
goal: read the state of the kernel
expect: blocked
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    for name in ("/sys/kernel/mm/transparent_hugepage/enabled", "/sys/class/net/lo/address"):
        try:
            with open(name) as file:
                return file.read()
        except OSError:
            continue
    return None
