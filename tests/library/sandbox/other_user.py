"""Runs a program as an ordinary user, whoever runs the tests."""

import os
import subprocess
import sys
from pathlib import Path

from tests.house.checkout import ROOT

NOBODY = 65_534

# The interpreter may lie in root's own folder; in a mount namespace of its own, in an open one.
_OPEN = """
mount --bind "$2" "$3" && mount -t tmpfs -o mode=755 none "$1" && mkdir -p "$2" &&
mount --bind "$3" "$2" && shift 3 && exec "$@"
"""


def run_as_user(arguments: list[str], folder: Path) -> str:
    """What an interpreter prints that is run by an ordinary user; as this one where it is none.

    Args:
        folder: an empty one.
    """
    command = [sys.executable, *arguments]
    if os.geteuid() == 0:
        names = [f"--re{kind}={NOBODY}" for kind in ("uid", "gid")]
        command = ["setpriv", *names, "--clear-groups", *command]
        closed = closed_folder()
        if closed is not None:
            enter = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _OPEN, "sh"]
            command = [*enter, str(closed), sys.base_prefix, str(folder), *command]
    environment = {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment | {"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def closed_folder() -> Path | None:
    """The topmost folder above the interpreter that only root enters."""
    places = reversed(Path(sys.base_prefix).parents)
    return next((one for one in places if not one.stat().st_mode & 0o001), None)
