"""Runs attacks in a sandbox and says what became of each; also as a program, for other users."""

import argparse
import ctypes
import json
import os
import platform
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantloom.sandbox import (
    Bound,
    Crashed,
    Layer,
    Limits,
    Outcome,
    OverLimit,
    Profile,
    Refused,
    Sandbox,
    TimedOut,
    Value,
)
from tests.shared_data import SHARED

OWN = Path(__file__).parent / "attacks"
GIVEN = SHARED / "sandbox-attacks"
MARKER = "MARKER-5f1c0d"
LIMITS = Limits(memory=192 << 20, cpu_s=1, wall_s=0.4, output=1 << 20, progress=1 << 20)
PATIENT = Limits(memory=192 << 20, cpu_s=2, wall_s=3, output=1 << 20, progress=1 << 20)
QUICK = (
    *("encodings.idna", "encodings.latin_1", "encodings.ascii"),
    *("ctypes", "gc", "importlib", "io", "json", "mmap", "os", "pickle", "random", "re"),
    *("resource", "select", "signal", "socket", "sqlite3", "struct", "subprocess", "sys"),
    *("tempfile", "threading", "time", "multiprocessing", "numpy", "tests.library.sandbox.jobs"),
)
"""What is loaded for attacks, so that they fail at the kernel and not at an import."""

WHOLE = (*QUICK, "numba", "pandas")
_FOLDER_MODE = 0o777
_SHARED_MEMORY_MODE = 0o1666


@dataclass(frozen=True, slots=True)
class Attack:
    """One file of a corpus."""

    name: str
    source: str
    expected: str

    @classmethod
    def read(cls, path: Path) -> "Attack":
        source = path.read_text(encoding="utf-8")
        found = re.search(r"^expect: (\w+)", source, re.MULTILINE)
        assert found is not None, path
        return cls(f"{path.parent.name}/{path.stem}", source, found[1])


def read_corpus(folder: Path) -> list[Attack]:
    """The attacks of a folder that mean something on this architecture."""
    paths = sorted(path for path in folder.glob("*.py") if path.stem != "__init__")
    read = [Attack.read(path) for path in paths]
    machine = f"machine: {platform.machine()}"
    return [one for one in read if "machine: " not in one.source or machine in one.source]


def judge(outcome: Outcome) -> tuple[str, str]:
    """What became of an attack, and the evidence or the reason."""
    if isinstance(outcome, Value):
        return ("escaped" if outcome.content else "blocked"), outcome.content.decode()
    if isinstance(outcome, Refused):
        return "blocked", f"{outcome.kind}: {outcome.text[:80]}"
    if isinstance(outcome, OverLimit):
        return ("blocked" if outcome.bound is Bound.MEMORY else "killed"), outcome.bound
    if isinstance(outcome, Crashed):
        ended = outcome.reason in {"hostile_call", "protocol"}
        return ("killed" if ended else "contained"), outcome.reason
    return ("killed", "timed out") if isinstance(outcome, TimedOut) else ("escaped", repr(outcome))


def is_held(expected: str, found: str) -> bool:
    """Whether a verdict is as good as what a file expects."""
    accepted = {
        "killed": {"killed"},
        "blocked": {"blocked", "killed", "contained"},
        "contained": {"blocked", "killed", "contained"},
    }
    return found in accepted[expected]


def run_all(
    attacks: Iterable[Attack], sandbox: Sandbox, prey: dict[str, Any]
) -> Iterator[tuple[Attack, str, str]]:
    """Each attack with its verdict and the reason of it."""
    for attack in attacks:
        payload = json.dumps({"env": prey, "source": attack.source}).encode()
        outcome = sandbox.run("tests.library.sandbox.jobs:attack", payload)
        yield attack, *judge(outcome)


def make_sandbox(
    profile: Profile,
    *,
    preload: tuple[str, ...] = QUICK,
    without: tuple[Layer, ...] = (),
    limits: Limits = LIMITS,
) -> Sandbox:
    return Sandbox(preload=preload, profile=profile, limits=limits, without=without)


@contextmanager
def made_prey() -> Iterator[dict[str, Any]]:
    """What attacks aim at; open to every user, so that it is the sandbox alone that holds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="prey")))
        folder.chmod(_FOLDER_MODE)
        prey: dict[str, Any] = {"marker": MARKER, "service_pid": os.getpid(), **_files(folder)}
        victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        prey["victim_pid"] = victim.pid
        prey |= _listeners(stack, folder)
        prey["shm_key"] = _shared_memory(stack)
        before = _state_of(folder)
        os.environ["SANDBOX_TEST_SECRET"] = MARKER
        stack.callback(os.environ.pop, "SANDBOX_TEST_SECRET")
        yield prey
        assert victim.poll() is None, "the victim was ended"
        assert _state_of(folder) == before, "files were changed"


def _files(folder: Path) -> dict[str, Any]:
    secrets = [folder / "open.env", folder / "closed.env"]
    own = folder / "own.txt"
    for path in (*secrets, own):
        path.write_text(f"KEY={MARKER}\n" * 20, encoding="utf-8")
        path.chmod(0o644)
    secrets[1].chmod(0o600)
    (folder / "planted.py").write_text(f"MARKER = {MARKER!r}\n", encoding="utf-8")
    database = sqlite3.connect(folder / "service.db")
    database.execute("create table t (secret text)")
    database.execute("insert into t values (?)", (MARKER,))
    database.commit()
    database.close()
    return {
        "secret_files": [str(one) for one in secrets],
        "db": str(folder / "service.db"),
        "tmp": str(folder),
        "own_file": str(own),
    }


def _listeners(stack: ExitStack, folder: Path) -> dict[str, Any]:
    tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.bind(("127.0.0.1", 0))
    path, name = str(folder / "service.sock"), f"sandbox-test-{os.getpid()}"
    for address in (path, f"\0{name}"):
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(address)
        listener.listen()
    Path(path).chmod(_FOLDER_MODE)
    return {
        "tcp_port": tcp.getsockname()[1],
        "udp_port": udp.getsockname()[1],
        "unix_path": path,
        "abstract": name,
    }


def _shared_memory(stack: ExitStack) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    key = 0x51000000 | (os.getpid() & 0xFFFFFF)
    segment = libc.shmget(key, 4096, _SHARED_MEMORY_MODE)
    place = libc.shmat(segment, None, 0)
    ctypes.memmove(place, MARKER.encode(), len(MARKER))
    stack.callback(libc.shmctl, segment, 0, None)
    return key


def _state_of(folder: Path) -> dict[str, tuple[int, int, float]]:
    found = {}
    for path in sorted(folder.iterdir()):
        with suppress(FileNotFoundError):
            told = path.stat()
            found[path.name] = (told.st_mode, told.st_size, told.st_mtime)
    return found


def main() -> None:
    """Run both corpora as whoever runs this; print a JSON object of what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--profile", type=Profile, required=True)
    parser.add_argument("--names", nargs="*", default=[])
    asked = parser.parse_args()
    attacks = [*read_corpus(OWN), *read_corpus(GIVEN)]
    if asked.names:
        attacks = [one for one in attacks if one.name in asked.names]
    with made_prey() as prey, make_sandbox(asked.profile) as sandbox:
        rows = [
            {"name": attack.name, "expected": attack.expected, "found": found, "why": why}
            for attack, found, why in run_all(attacks, sandbox, prey)
        ]
        facts = {name: getattr(sandbox.layers, name) for name in type(sandbox.layers).__slots__}
    print(json.dumps({"user": os.getuid(), "layers": facts, "rows": rows}))


if __name__ == "__main__":
    main()
