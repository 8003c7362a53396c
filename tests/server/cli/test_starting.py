"""What keeps a command from starting ends it with one line and a code for scripts, and no more."""

import re
import sys
from pathlib import Path

import pytest

from quantloom_server.cli import __main__ as command
from quantloom_server.platform.embedded.postgres import PostgresServer

SECRET = "hunter2hunter2"
KEY = "a key of thirty-two bytes or more, for tests alone"
INVALID, UNAVAILABLE = 2, 6

NOWHERE = {"DATABASE_URL": f"postgresql://app:{SECRET}@127.0.0.1:1/quantloom"}
SHORT = {"SECRET_KEY": SECRET}
SHORT_AT_REST = {"ENCRYPTION_KEY": SECRET}
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": "", "DATABASE_URL": ""}

NO_ADDRESS = [
    {"DATABASE_URL": f"{SECRET}@there"},
    {"DATABASE_URL": f"postgresql://app:{SECRET}@there:port/name"},
    {"DATABASE_OWNER_URL": f"mysql://app:{SECRET}@there/name"},
    {"REDIS_URL": f"https://:{SECRET}@there"},
]

STARTS = [
    *((("db", "check"), spoiled, INVALID) for spoiled in NO_ADDRESS),
    *(((name,), SHORT, INVALID) for name in ("serve", "worker", "beat")),
    *(((name,), SHORT_AT_REST, INVALID) for name in ("serve", "worker", "beat")),
    *(((name,), PRODUCTION, INVALID) for name in ("serve", "worker", "beat")),
    (("db", "check"), NOWHERE, UNAVAILABLE),
    (("db", "upgrade"), NOWHERE, UNAVAILABLE),
    (("user", "list"), NOWHERE, UNAVAILABLE),
    (("audit", "verify"), NOWHERE, UNAVAILABLE),
    (("secrets", "rotate"), NOWHERE, UNAVAILABLE),
    (("secrets", "rotate"), SHORT_AT_REST, INVALID),
    (("user", "list"), SHORT, INVALID),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a service whose settings are good until a test spoils some."""
    good = {
        **NOWHERE,
        "REDIS_URL": f"redis://:{SECRET}@127.0.0.1:1/0",
        "SECRET_KEY": KEY,
        "SERVICE_DIR": str(tmp_path / "service"),
    }
    set_all(monkeypatch, good)
    monkeypatch.chdir("/")
    return tmp_path / "service"


def set_all(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"QUANTLOOM_{name}", value)


def refusal(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> tuple[int, str]:
    """Run a command; its exit code, and what it wrote."""
    monkeypatch.setattr(sys, "argv", ["quantloom", *arguments])
    with pytest.raises(SystemExit) as ended:
        command.main()
    return int(ended.value.code or 0), "".join(capsys.readouterr())


@pytest.mark.parametrize(("arguments", "spoiled", "code"), STARTS)
def test_what_cannot_start_says_why_in_one_line(
    folder: Path,
    arguments: tuple[str, ...],
    spoiled: dict[str, str],
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_all(monkeypatch, spoiled)

    ended, told = refusal(arguments, monkeypatch, capsys)

    assert ended == code, told
    assert re.fullmatch(r"error: [^\n]+\n", told)
    assert SECRET not in told
    assert not folder.exists()


def test_a_setting_that_cannot_be_read_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_all(monkeypatch, {"PORT": "eighty", "REDIS_URL": "there", "WORKERS": "-1"})

    told = refusal(("serve",), monkeypatch, capsys)[1]

    assert "QUANTLOOM_PORT is refused: Input should be a valid integer" in told
    assert "QUANTLOOM_REDIS_URL is not an address like redis://" in told
    assert "QUANTLOOM_WORKERS is refused" in told


def test_a_weak_key_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_all(monkeypatch, SHORT_AT_REST)

    assert "QUANTLOOM_ENCRYPTION_KEY has 14 bytes" in refusal(("serve",), monkeypatch, capsys)[1]


def test_a_wrong_password_is_told_without_showing_it(
    folder: Path,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    wrong = re.sub(r":[^:@/]+@", f":{SECRET}@", postgres.app_url())
    set_all(monkeypatch, {"DATABASE_URL": wrong})

    ended, told = refusal(("db", "check"), monkeypatch, capsys)

    assert ended == UNAVAILABLE
    assert "InvalidPasswordError" in told
    assert SECRET not in told
