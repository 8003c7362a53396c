"""The embedded PostgreSQL: who gets in, what a crash leaves, who may start it twice."""

import asyncio
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from quantloom_server.platform.embedded.account import choose_account
from quantloom_server.platform.embedded.errors import (
    AlreadyRunning,
    BadSecrets,
    DataOfOtherMajor,
    FolderOutOfReach,
    ServerFailed,
)
from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.embedded.postgres import PostgresServer
from tests.server.platform.embedded.users import as_ordinary_user


@pytest.fixture
def server(made_data_dir: Path) -> Iterator[PostgresServer]:
    made = PostgresServer(made_data_dir, durable=False)
    yield made
    made.stop()


def ask(url: str, query: str) -> object:
    async def asked() -> object:
        line = await asyncpg.connect(url)
        try:
            return await line.fetchval(query)
        finally:
            await line.close()

    return asyncio.run(asked())


def test_each_role_gets_in_by_its_password(postgres: PostgresServer) -> None:
    assert ask(postgres.app_url(), "SELECT current_user") == "quantloom_app"
    assert ask(postgres.owner_url(), "SELECT current_user") == "quantloom_owner"


def test_the_url_serves_sqlalchemy_too(postgres: PostgresServer) -> None:
    async def asked() -> object:
        engine = create_async_engine(postgres.app_url().replace("://", "+asyncpg://", 1))
        async with engine.connect() as line:
            user = await line.scalar(text("SELECT current_user"))
        await engine.dispose()
        return user

    assert asyncio.run(asked()) == "quantloom_app"


@pytest.mark.parametrize("password", [":", ":wrong"])
@pytest.mark.parametrize("role", ["quantloom_app", "postgres", "quantloom_system"])
def test_nobody_gets_in_by_a_wrong_password(
    postgres: PostgresServer, role: str, password: str
) -> None:
    url = f"postgresql://{role}{password}@/quantloom?host={postgres.socket_dir}"

    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(url, "SELECT 1")


def test_the_processes_cannot_make_tables(postgres: PostgresServer) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(postgres.app_url(), "CREATE TABLE mine (id int)")


def test_the_owner_makes_functions_that_belong_to_the_system(postgres: PostgresServer) -> None:
    async def asked() -> object:
        line = await asyncpg.connect(postgres.owner_url())
        await line.execute("CREATE FUNCTION seven() RETURNS int LANGUAGE sql AS 'SELECT 7'")
        await line.execute("ALTER FUNCTION seven() OWNER TO quantloom_system")
        owner = await line.fetchval(
            "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'seven'"
        )
        await line.execute("DROP FUNCTION seven()")
        await line.close()
        return owner

    assert asyncio.run(asked()) == "quantloom_system"


def test_text_is_utf8_and_pages_carry_checksums(postgres: PostgresServer) -> None:
    url = postgres.owner_url()

    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SHOW data_checksums") == "on"
    assert ask(url, "SELECT upper('žluťoučký')") == "ŽLUŤOUČKÝ"


def test_it_listens_on_its_socket_alone(postgres: PostgresServer) -> None:
    assert ask(postgres.owner_url(), "SHOW listen_addresses") == ""


def test_folders_and_files_are_private(postgres: PostgresServer) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(postgres.socket_dir) == 0o700
    assert mode(postgres.data_dir / "postgres") == 0o700
    assert mode(postgres.data_dir / "secrets") == 0o700
    assert mode(postgres.data_dir / "secrets" / "postgres.json") == 0o600


def test_no_password_is_on_a_command_line(postgres: PostgresServer) -> None:
    password = postgres.app_url().split(":")[2].split("@")[0].encode()
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes())

    assert any(str(postgres.data_dir).encode() in line for line in lines)
    assert not any(password in line for line in lines)


@pytest.mark.root
def test_another_local_user_does_not_reach_the_socket(postgres: PostgresServer) -> None:
    code = (
        "import os, socket, sys; os.setresuid(1, 1, 1);"
        "line = socket.socket(socket.AF_UNIX); line.connect(sys.argv[1])"
    )
    path = postgres.socket_dir / ".s.PGSQL.5432"

    tried = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, path], capture_output=True, text=True, check=False
    )

    assert "PermissionError" in tried.stderr


def test_a_second_instance_is_refused_with_the_number_of_the_first(
    postgres: PostgresServer,
) -> None:
    with pytest.raises(AlreadyRunning) as refused:
        PostgresServer(postgres.data_dir).start()

    assert refused.value.pid == os.getpid()
    assert postgres.is_ready()


def test_what_was_committed_is_there_after_a_kill(server: PostgresServer) -> None:
    child = server.start()
    ask(server.owner_url(), "CREATE TABLE kept AS SELECT 7 AS value")

    child.kill()
    child.wait()
    start_patiently(server)

    assert ask(server.owner_url(), "SELECT value FROM kept") == 7


@pytest.mark.parametrize("forgotten", [False, True], ids=["noted", "not noted"])
def test_a_server_left_running_is_stopped_first(server: PostgresServer, forgotten: bool) -> None:
    left = server.start()
    server._hold.release()  # as if we had died and the kernel had not told the child
    if forgotten:
        server._record.unlink()

    second = PostgresServer(server.data_dir, durable=False)
    started = second.start()

    assert left.wait(timeout=5) == 0
    assert ask(second.app_url(), "SELECT 1") == 1
    assert started.poll() is None
    second.stop()


def test_a_number_that_went_to_another_process_stops_nobody(server: PostgresServer) -> None:
    server.start()
    server.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    stale = server.data_dir / "postgres" / "postmaster.pid"
    stale.write_text(f"{stranger.pid}\n{server.data_dir / 'postgres'}\n1\n5432\n")
    server._record.write_text(f'{{"pid": {stranger.pid}, "started": "another boot:1"}}')

    server.start()

    assert server.is_ready()
    assert stranger.poll() is None
    stranger.communicate()


def test_it_dies_with_the_process_that_started_it(server: PostgresServer) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from quantloom_server.platform.embedded.postgres import PostgresServer;"
        "print(PostgresServer(Path(sys.argv[1]), durable=False).start().pid, flush=True); input()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, server.data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())

    starter.kill()
    starter.communicate()
    server.start()

    assert started(pid) is None
    assert server.is_ready()


def test_a_first_start_cut_short_is_made_again(data_dir: Path) -> None:
    unfinished = data_dir / "postgres.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    server = PostgresServer(data_dir, durable=False)

    server.start()

    assert server.is_ready()
    assert not unfinished.exists()
    server.stop()


def test_a_disk_that_went_away_is_not_replaced_by_an_empty_database(
    server: PostgresServer,
) -> None:
    child = server.start()
    child.kill()
    child.wait()
    (server.data_dir / "postgres").rename(server.data_dir / "elsewhere")

    with pytest.raises(ServerFailed, match="gone"):
        server.launch()

    assert not (server.data_dir / "postgres").exists()


def test_lost_passwords_are_told_before_anything_starts(server: PostgresServer) -> None:
    (server.data_dir / "secrets" / "postgres.json").unlink()

    with pytest.raises(BadSecrets):
        server.start()


def test_data_of_a_version_that_is_not_here_is_refused(server: PostgresServer) -> None:
    folder = server.data_dir / "postgres"
    (folder / "PG_VERSION").write_text("9\n")

    with pytest.raises(DataOfOtherMajor, match="written by PostgreSQL 9"):
        server.start()


def test_a_server_that_ends_at_once_is_told_with_its_last_words(server: PostgresServer) -> None:
    (server.data_dir / "postgres" / "local.conf").write_text("shared_buffers = nonsense\n")

    with pytest.raises(ServerFailed, match="shared_buffers"):
        server.start()


def test_a_local_setting_counts_and_opens_no_door(server: PostgresServer) -> None:
    local = "work_mem = '9MB'\nlisten_addresses = '*'\npassword_encryption = 'md5'\n"
    (server.data_dir / "postgres" / "local.conf").write_text(local)

    server.start()

    assert ask(server.owner_url(), "SHOW work_mem") == "9MB"
    assert ask(server.owner_url(), "SHOW listen_addresses") == ""
    assert ask(server.owner_url(), "SHOW password_encryption") == "scram-sha-256"


@pytest.mark.root
def test_a_folder_that_the_account_cannot_pass_is_refused(data_dir: Path) -> None:
    shut = data_dir.parent / "shut"
    shut.mkdir(mode=0o700)

    with pytest.raises(FolderOutOfReach) as refused:
        PostgresServer(shut / "data").start()

    assert refused.value.blocked == shut


@pytest.mark.root
def test_root_starts_it_as_an_unprivileged_account(postgres: PostgresServer) -> None:
    account = choose_account()
    child = postgres.child

    assert account is not None
    assert child is not None
    status = Path(f"/proc/{child.pid}/status").read_text()
    assert f"Uid:\t{account.uid}\t{account.uid}\t{account.uid}\t{account.uid}\n" in status
    assert "NoNewPrivs:\t1" in status


@pytest.mark.root
def test_an_ordinary_user_starts_it_too(data_dir: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path;"
        "from quantloom_server.platform.embedded.postgres import PostgresServer;"
        "server = PostgresServer(Path(sys.argv[1]), durable=False); child = server.start();"
        "print(os.getuid(), os.stat(f'/proc/{child.pid}').st_uid, server.is_ready());"
        "server.stop()"
    )
    os.chown(data_dir.parent, 65_534, 65_534)

    ran = subprocess.run(
        [*as_ordinary_user(), sys.executable, "-c", code, str(data_dir)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout == "65534 65534 True\n", ran.stderr


def start_patiently(server: PostgresServer) -> None:
    # Backends of a killed server take a moment to see that it is gone.
    deadline = time.monotonic() + 10
    while True:
        try:
            server.start()
        except ServerFailed:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return
