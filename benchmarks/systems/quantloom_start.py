"""`quantloom up` from nothing, from what the first start made, its end, and its memory at rest."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

UP = (sys.executable, "-m", "quantloom_server.cli", "up", "--log-format", "json")
_REST_S = 20.0
_READY = "everything is ready"


class Platform:
    """One start on a folder; its log is read to the line that says that everything is ready."""

    def __init__(self, folder: Path) -> None:
        # Bytecode may be written, as on a user's machine; else each start compiles everything.
        known = {key: value for key, value in os.environ.items() if "DONTWRITE" not in key}
        told = {"QUANTLOOM_SERVICE_DIR": str(folder / "data"), "QUANTLOOM_PORT": str(_free_port())}
        self._folder = folder
        self._began = time.perf_counter()
        self._process = subprocess.Popen(
            UP, env={**known, **told}, cwd=folder, stdout=subprocess.PIPE, text=True
        )
        self.ready_s = self._wait()

    def _wait(self) -> float:
        for line in self._process.stdout or ():
            if _READY in line:
                return time.perf_counter() - self._began
        sys.exit("quantloom up ended before it was ready")

    def memory_mb(self) -> dict[str, float]:
        """The memory of each process with those below it, shared pages counted by their share."""
        state = json.loads((self._folder / "data" / "run" / "state.json").read_text())
        roots = {each["name"]: each["pid"] for each in state["processes"]}
        children = _children()
        found = {name: _pss_mb(_below(pid, children)) for name, pid in roots.items()}
        return {"up": _pss_mb([self._process.pid]), **found}

    def stop(self) -> float:
        began = time.perf_counter()
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate()
        return time.perf_counter() - began


def main() -> None:
    """Do the phase of the job, and print what it took."""
    phase = json.load(sys.stdin)["phase"]
    folder = Path(tempfile.mkdtemp(prefix="quantloom-start-"))
    folder.chmod(0o711)
    try:
        print(json.dumps(_measure(phase, folder)))
    finally:
        shutil.rmtree(folder)


def _measure(phase: str, folder: Path) -> dict[str, Any]:
    platform = Platform(folder)
    if phase == "first":
        seconds = platform.ready_s
        platform.stop()
        return _told(seconds)
    platform.stop()
    platform = Platform(folder)
    if phase == "second":
        platform.stop()
        return _told(platform.ready_s)
    if phase == "stop":
        return _told(platform.stop())
    time.sleep(_REST_S)
    parts = platform.memory_mb()
    platform.stop()
    told = ", ".join(f"{name} {size:.0f} MB" for name, size in parts.items())
    print(f"at rest: {told}", file=sys.stderr)
    return {**_told(platform.ready_s), "peak_rss_mb": sum(parts.values())}


def _told(seconds: float) -> dict[str, float]:
    return {"seconds": seconds, "cpu_seconds": seconds, "peak_rss_mb": 0.0}


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    return found


def _below(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid, *(each for child in children.get(pid, ()) for each in _below(child, children))]


def _pss_mb(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
        total += int(found[1]) if found else 0
    return total / 1024


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


if __name__ == "__main__":
    main()
