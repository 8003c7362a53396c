"""
goal: make, rename and remove files
expect: blocked
"""

import os
from collections.abc import Callable
from typing import Any


def attack(env: dict[str, Any]) -> object:
    done = []
    tricks: dict[str, Callable[[], object]] = {
        "mkdir": lambda: os.mkdir(env["tmp"] + "/made"),
        "mkfifo": lambda: os.mkfifo(env["tmp"] + "/pipe"),
        "rename": lambda: os.rename(env["own_file"], env["own_file"] + ".moved"),
        "unlink": lambda: os.unlink(env["own_file"]),
        "truncate": lambda: os.truncate(env["own_file"], 0),
        "symlink": lambda: os.symlink("/etc/passwd", env["tmp"] + "/link"),
    }
    for name, trick in tricks.items():
        try:
            trick()
            done.append(name)
        except OSError:
            continue
    return done
