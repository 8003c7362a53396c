"""An environment of its own for each peer, so that none is ever a dependency of the product."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKSHOP = ROOT / ".benchmarks"
INSTALL_LIMIT_S = 900
STAMP = "made-from"


class PeerNotInstalled(Exception):
    """The packages of a peer could not be had here."""

    def __init__(self, peer: str, problem: str) -> None:
        super().__init__(peer, problem)
        self.peer, self.problem = peer, problem

    def __str__(self) -> str:
        return f"{self.peer} cannot be installed: {self.problem}"


def interpreter(peer: str | None) -> Path:
    """Give a peer's interpreter, our own for None; make the peer's environment if need be.

    Raises:
        PeerNotInstalled: the packages could not be had.
    """
    if peer is None:
        return Path(sys.executable)
    home = WORKSHOP / f"{peer}-py{sys.version_info.major}.{sys.version_info.minor}"
    wanted = requirements(peer)
    if not is_current(home, wanted):
        _install(peer, home, wanted)
        mark(home, wanted)
    return home / "bin" / "python"


def requirements(peer: str) -> Path:
    return ROOT / "benchmarks" / "peers" / f"requirements-{peer}.txt"


def is_current(home: Path, wanted: Path) -> bool:
    """Whether an environment was made, to its end, from these very requirements."""
    stamp = home / STAMP
    return stamp.is_file() and stamp.read_text() == _digest(wanted)


def mark(home: Path, wanted: Path) -> None:
    """Note what an environment was made from."""
    (home / STAMP).write_text(_digest(wanted))


def _install(peer: str, home: Path, wanted: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    # The files name every package needed and nothing else: vn.py's own list would bring Qt.
    packages = ["--no-deps", "-r", str(wanted)]
    uv = shutil.which("uv")
    if uv:
        _run(peer, [uv, "venv", "-q", "-p", sys.executable, str(home)])
        _run(peer, [uv, "pip", "install", "-q", "-p", str(home), *packages])
    else:
        _run(peer, [sys.executable, "-m", "venv", str(home)])
        _run(peer, [str(home / "bin" / "python"), "-m", "pip", "install", "-q", *packages])


def _run(peer: str, command: list[str]) -> None:
    print(f"  {peer}: {' '.join(command[:4])} …", file=sys.stderr, flush=True)
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_LIMIT_S
        )
    except subprocess.TimeoutExpired as late:
        raise PeerNotInstalled(peer, f"no end after {late.timeout:.0f} s") from late
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
        raise PeerNotInstalled(peer, lines[-1])


def _digest(wanted: Path) -> str:
    return hashlib.sha256(wanted.read_bytes()).hexdigest()
