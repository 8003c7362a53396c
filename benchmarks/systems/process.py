"""A whole command, from its start to its end, as a user waits for it."""

import json
import os
import subprocess
import sys
import time


def main() -> None:
    """Run the command of the job once to warm the disk's cache, then once by the clock."""
    command = json.load(sys.stdin)["command"]
    _run(command)
    started = time.perf_counter()
    peak_kb = _run(command)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_rss_mb": peak_kb / 1024}))


def _run(command: list[str]) -> int:
    # The parent's own peak counts as the child's on Linux, so this program stays small.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return usage.ru_maxrss


if __name__ == "__main__":
    main()
