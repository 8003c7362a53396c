"""
goal: answer with bytes that lie about their length
expect: contained
"""

from typing import Any


def attack(env: dict[str, Any]) -> object:
    class Lying(bytes):
        def __len__(self) -> int:
            return 1 << 40

    raise SystemExit(Lying(b"x"))
