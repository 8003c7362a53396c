"""Builds the wheel, installs it beside the locked packages alone, and runs the command from it."""

import subprocess
import sys
import sysconfig
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN_COMMAND = """
import sys
from importlib.metadata import entry_points
import quantloom
assert quantloom.__file__.startswith(sys.prefix), quantloom.__file__
(command,) = entry_points(group="console_scripts", name="quantloom")
sys.exit(command.load()())
"""


def main() -> int:
    """Say what is wrong with the wheel and return how many faults there are."""
    with tempfile.TemporaryDirectory() as folder:
        wheel = build(Path(folder))
        missing = find_missing(wheel)
        for name in missing:
            print(f"not in {wheel.name}: {name}")
        python = install(wheel, Path(folder) / "venv")
        failed = [line for line in ("--version", "demo") if not works(python, line)]
    print(f"wheel: {len(missing)} files missing, {len(failed)} commands failed")
    return len(missing) + len(failed)


def build(folder: Path) -> Path:
    """Make the wheel in the folder and give its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def find_missing(wheel: Path) -> list[str]:
    """List the tracked files of `src/` that the wheel lacks."""
    tracked = subprocess.run(
        ["git", "ls-files", "src"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    packed = set(zipfile.ZipFile(wheel).namelist())
    return [line for line in tracked.stdout.splitlines() if line.removeprefix("src/") not in packed]


def install(wheel: Path, home: Path) -> Path:
    """Unpack the wheel into a new environment that sees the locked packages, not the checkout."""
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home)}))
    zipfile.ZipFile(wheel).extractall(site)
    # A folder named in a .pth file is searched, but its own .pth files, the checkout's among
    # them, are not read.
    (site / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def works(python: Path, line: str) -> bool:
    """Run a `quantloom` command line in the new environment."""
    print(f"$ quantloom {line}", flush=True)
    command = [str(python), "-I", "-c", RUN_COMMAND, *line.split()]
    return subprocess.run(command, cwd=python.parent.parent, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
