"""Runs the command line inside the test's process, as the console script would."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quantloom.cli import backtest as command
from quantloom.cli import main
from quantloom.cli.terms import read_audit_setting
from quantloom.data import random_walk


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Cli:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUANTLOOM_DATA_DIR", str(tmp_path / "catalog"))
    monkeypatch.setenv("QUANTLOOM_LANG", "en")

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["quantloom", *map(str, arguments)])
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        else:
            code = 0
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def unaudited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs look for no look-ahead of their own accord; each would be made several times over."""
    monkeypatch.setattr(
        command, "read_audit_setting", lambda text: text != "auto" and read_audit_setting(text)
    )


@pytest.fixture
def bars_file(tmp_path: Path) -> Path:
    """A CSV file of 400 made-up minute bars."""
    frame = random_walk(400, seed=5).to_frame()
    path = tmp_path / "walk.csv"
    frame.to_csv(path)
    return path
