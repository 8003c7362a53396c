"""
goal: overflow the stack of a parser
expect: contained
"""

import json
from typing import Any


def attack(env: dict[str, Any]) -> object:
    json.loads("[" * 1_000_000)
    return None
