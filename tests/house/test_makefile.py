"""The make targets, and the script that prepares what they run in."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.house.checkout import ROOT

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
TOUR = {"run", "demo", "test", "fmt", "lint", "types", "imports", "bench", "soak", "clean"}


def bootstrap(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "tools").mkdir()
    for name in ("tools/bootstrap.sh", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    command = ["sh", "tools/bootstrap.sh", ".venv", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_make_offers_the_whole_tour() -> None:
    assert TOUR <= TARGETS


def test_help_explains_every_target() -> None:
    shown = subprocess.run(
        ["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert {line.split()[0] for line in shown.stdout.splitlines()} == TARGETS


def test_ci_runs_only_targets_that_exist() -> None:
    called = re.findall(r"^(?:check )?make (\w+)", (ROOT / ".ci/run").read_text(), re.MULTILINE)

    assert "test" in called
    assert set(called) <= TARGETS


def test_an_unfit_python_is_refused_in_one_line(tmp_path: Path) -> None:
    done = bootstrap(tmp_path, "/bin/false")

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "quantloom: /bin/false is not Python 3.11, 3.12 or 3.13; name one by PYTHON=..."
    ]
    assert not (tmp_path / ".venv").exists()
