"""A skip must not hide a missing install where everything is there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

TWO_TESTS = """
import pytest

def test_runs():
    assert True

@pytest.mark.skip(reason="absent")
def test_skips():
    assert True
"""


def run_two_tests(folder: Path, *, no_skips: str, workers: str) -> int:
    (folder / "test_two.py").write_text(TWO_TESTS)
    environment = {**os.environ, "QUANTLOOM_NO_SKIPS": no_skips}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-n", workers]
    return subprocess.run(
        [*command, "--rootdir", str(folder), "-c", os.devnull, str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=False,
    ).returncode


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.untraced
def test_a_skip_fails_the_run_where_nothing_is_missing(tmp_path: Path, workers: str) -> None:
    assert run_two_tests(tmp_path, no_skips="1", workers=workers) == pytest.ExitCode.TESTS_FAILED


@pytest.mark.untraced
def test_a_skip_is_accepted_elsewhere(tmp_path: Path) -> None:
    assert run_two_tests(tmp_path, no_skips="", workers="0") == pytest.ExitCode.OK
