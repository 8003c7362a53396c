"""What `quantloom doctor` says of the service: what is there, what is wrong, and what to do."""

import os
import socket
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from quantloom.cli import doctor as library
from quantloom.cli.doctor import Check, State
from quantloom.kit.clock import SystemClock
from quantloom_server.cli.doctor import checks
from quantloom_server.messages import FINDINGS
from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.supervision import board
from quantloom_server.platform.supervision.board import Board
from quantloom_server.settings import Settings
from tests.server.cli.ports import free_port


@pytest.fixture(autouse=True)
def place(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service folder that nothing was started in yet, and a free port."""
    monkeypatch.chdir(data_dir.parent)
    monkeypatch.setenv("QUANTLOOM_SERVICE_DIR", str(data_dir))
    monkeypatch.setenv("QUANTLOOM_PORT", str(free_port()))
    monkeypatch.setenv("QUANTLOOM_LANG", "en")
    return data_dir


def found() -> dict[str, Check]:
    return {check.name.removeprefix("service "): check for check in checks()}


def test_where_nothing_was_started_yet_nothing_is_wrong() -> None:
    told = found()

    # Whether something keeps the clock in time hangs on the machine.
    assert {each.state for name, each in told.items() if name != "clock"} == {State.OK}
    assert "not running, `quantloom up` starts it" in told["postgres"].detail
    assert "made by the first start" in told["folder"].detail
    assert "made by the first start" in told["keys"].detail


def test_servers_elsewhere_are_asked(
    migrated: PostgresServer,
    valkey: ValkeyServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUANTLOOM_DATABASE_URL", migrated.owner_url())
    monkeypatch.setenv("QUANTLOOM_REDIS_URL", valkey.url())

    told = found()

    assert told["postgres"].detail.startswith("PostgreSQL ")
    assert told["postgres"].state in {State.OK, State.WARNING}  # nobody may administer it yet
    assert told["valkey"].state is State.OK
    monkeypatch.setenv("QUANTLOOM_DATABASE_URL", migrated.superuser_url("nowhere"))
    monkeypatch.setenv("QUANTLOOM_REDIS_URL", "redis://127.0.0.1:1")
    told = found()
    assert told["postgres"].state is told["valkey"].state is State.FAILED
    assert "createdb" in told["postgres"].detail
    assert "check that it runs" in told["valkey"].detail


def test_what_is_wrong_says_what_to_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "secrets").mkdir(parents=True)
    (place / "secrets").chmod(0o755)
    monkeypatch.setenv("QUANTLOOM_ENVIRONMENT", "production")
    monkeypatch.setenv("QUANTLOOM_SECRET_KEY", "short")
    monkeypatch.setenv("QUANTLOOM_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("QUANTLOOM_SMTP_PORT", "1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("QUANTLOOM_PORT", str(taken.getsockname()[1]))
        told = found()

    failed = {name: each.detail for name, each in told.items() if each.state is State.FAILED}
    assert failed.keys() == {"settings", "folder", "keys", "port", "mail"}
    assert "chmod 700" in failed["folder"]
    assert "openssl rand" in failed["keys"]
    assert "QUANTLOOM_PORT" in failed["port"]
    assert "QUANTLOOM_SMTP_HOST" in failed["mail"]


def test_what_runs_is_told(place: Path) -> None:
    (place / "run").mkdir(parents=True)
    kept = Board(place / "run" / "state.json", SystemClock())
    own = {"pid": os.getpid(), "started": started(os.getpid())}
    kept.change("serve", state=board.State.READY, **own)
    kept.change("worker", state=board.State.READY, **own)
    well = found()
    kept.change("worker", state=board.State.CRASH_LOOP, pid=None, started=None)

    assert well["processes"].detail == "serve ready, worker ready"
    assert f"served by process {os.getpid()}" in well["port"].detail
    assert found()["processes"].state is State.FAILED
    assert "worker crash_loop; the log says why" in found()["processes"].detail


def test_everything_is_said_in_both_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTLOOM_LANG", "zh")

    assert "未运行" in found()["postgres"].detail
    for english, chinese in FINDINGS.values():
        fields = {part.split("}")[0] for part in english.split("{")[1:]}
        assert fields == {part.split("}")[0] for part in chinese.split("{")[1:]}


def test_settings_that_cannot_be_read_are_one_failed_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTLOOM_PORT", "many")

    (told,) = checks()

    assert (told.name, told.state) == ("settings", State.FAILED)


def test_the_one_command_asks_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def point(value: str) -> EntryPoint:
        return EntryPoint("service", value, library.ENTRY_POINTS)

    told = [*library._of_package(point("quantloom_server.cli.doctor:checks"))]
    (missing,) = library._of_package(point("no_such_package:checks"))

    assert {"service kernel", "service processes"} <= {each.name for each in told}
    assert missing.state is State.MISSING
    assert "pip install" in missing.detail
