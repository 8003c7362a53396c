"""What the tests run inside: honest jobs, and one that runs whatever attack it is handed."""

import json
import os
import time
from typing import Any

import tests.library.sandbox.raw  # noqa: F401  attacks use it
from quantloom.sandbox import Tell


def echo(payload: memoryview, tell: Tell) -> bytes:
    return bytes(payload)


def size(payload: memoryview, tell: Tell) -> bytes:
    return str(len(payload)).encode()


def nothing(payload: memoryview, tell: Tell) -> None:
    return None


def complain(payload: memoryview, tell: Tell) -> bytes:
    raise ValueError("the 42nd line is wrong")


def talk(payload: memoryview, tell: Tell) -> bytes:
    for step in range(3):
        tell(f"step {step}".encode())
        print("line", step)
    return b"done"


def shout(payload: memoryview, tell: Tell) -> bytes:
    print("x" * int(bytes(payload)))
    return b"done"


def zeros(payload: memoryview, tell: Tell) -> bytes:
    return bytes(int(bytes(payload)))


def spin(payload: memoryview, tell: Tell) -> bytes:
    while True:
        pass


def sleep(payload: memoryview, tell: Tell) -> bytes:
    tell(str(os.getpid()).encode())
    while True:
        time.sleep(60)


def remember(payload: memoryview, tell: Tell) -> bytes:
    """What an earlier job left in a module, if anything; and leave something there."""
    found = bytes(getattr(json, "left", b""))
    json.left = b"here"  # type: ignore[attr-defined]
    return found


def private(payload: memoryview, tell: Tell) -> bytes:
    """Who it is, and where its payload has been read up to."""
    return json.dumps({"user": os.getuid(), "offset": os.lseek(4, 0, os.SEEK_CUR)}).encode()


def attack(payload: memoryview, tell: Tell) -> bytes:
    """Run an attack; the answer is its evidence, empty where it has none."""
    asked = json.loads(bytes(payload))
    space: dict[str, Any] = {"__name__": "attack", "_resp": 3}
    exec(compile(asked["source"], "attack.py", "exec"), space)
    evidence = space["attack"](asked["env"])
    return repr(evidence)[:2000].encode() if evidence else b""
