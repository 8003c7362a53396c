"""A whole command, from its start to its end, as a user waits for it."""

import json
import os
import resource
import subprocess
import sys
import time


def main() -> None:
    """Run the command of the job once to warm the disk's cache, then once by the clock."""
    command = json.load(sys.stdin)["command"]
    _run(command)
    started = time.perf_counter()
    usage = _run(command)
    spent = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
    }
    print(json.dumps(spent | {"peak_rss_mb": usage.ru_maxrss / 1024}))


def _run(command: list[str]) -> resource.struct_rusage:
    # The parent's own peak counts as the child's on Linux, so this program stays small.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command} ended with {process.returncode}")
    return usage


if __name__ == "__main__":
    main()
