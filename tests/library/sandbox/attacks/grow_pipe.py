"""
goal: make the answer's pipe larger, and own its signals
expect: blocked
machine: x86_64
"""

from typing import Any

from tests.library.sandbox.raw import syscall


def attack(env: dict[str, Any]) -> object:
    done = []
    settings = {1031: 1 << 24, 8: env["victim_pid"], 10: 9, 1026: 1, 1024: 1, 4: 2048}
    for command, value in settings.items():
        try:
            syscall(72, 3, command, value)
            done.append(command)
        except OSError:
            continue
    return done
