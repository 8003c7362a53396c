"""`quantloom config`, and the file it writes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from quantloom_server.cli import config
from quantloom_server.platform.errors import UnsafeSettings
from quantloom_server.settings import Settings, name_of

EXAMPLE = Path(__file__).parents[3] / ".env.example"
SECRET = "a key of thirty-two bytes or more, for tests alone"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing set, and no `.env` in the folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUANTLOOM_SECRET_KEY", SECRET)


def test_the_example_in_the_checkout_is_what_the_command_writes() -> None:
    written = CliRunner().invoke(config.app, ["example"])

    assert written.stdout == EXAMPLE.read_text(encoding="utf-8")


def test_the_example_is_read_as_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUANTLOOM_SECRET_KEY")
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    values = [line.removeprefix("# ") for line in lines if line.startswith("# QUANTLOOM_")]
    Path(".env").write_text("\n".join(values), encoding="utf-8")

    read, default = Settings(), Settings(_env_file=None)

    assert len(values) == len(Settings.model_fields)
    skipped = {"data_dir"}  # whose default is of whoever runs this
    assert read.model_dump(exclude=skipped) == default.model_dump(exclude=skipped)


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, info in Settings.model_fields.items() if not info.description] == []


def test_secrets_are_not_shown() -> None:
    shown = CliRunner().invoke(config.app, ["show", "--json"])

    found = json.loads(shown.stdout)
    assert found["QUANTLOOM_SECRET_KEY"] == "(hidden)"
    assert found["QUANTLOOM_PORT"] == 8000
    assert SECRET not in shown.stdout
    assert found.keys() == {name_of(*each) for each in Settings.model_fields.items()}


def test_showing_unfit_settings_of_production_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTLOOM_ENVIRONMENT", "production")

    shown = CliRunner().invoke(config.app, ["show"])

    assert isinstance(shown.exception, UnsafeSettings)
    assert "QUANTLOOM_DATABASE_URL is not set" in str(shown.exception)
