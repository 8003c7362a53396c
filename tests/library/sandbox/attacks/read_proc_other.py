"""
goal: read the command line of others
expect: blocked
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    with open(f"/proc/{env['victim_pid']}/cmdline", "rb") as file:
        return file.read()
