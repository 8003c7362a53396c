"""PostgreSQL as our own child: a private socket, passwords for everybody, three roles.

`quantloom_owner` owns the database and migrates it; `quantloom_app` is what the processes are;
`quantloom_system` cannot log in and owns the functions that may cross workspaces. The superuser's
password is kept for backups and tests; nothing else uses it.
"""

import shutil
import signal
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from quantloom_server.platform.embedded.account import make_private
from quantloom_server.platform.embedded.binaries import (
    PostgresPrograms,
    find_postgres,
    within_reach,
)
from quantloom_server.platform.embedded.errors import ServerFailed
from quantloom_server.platform.embedded.holding import noted_process
from quantloom_server.platform.embedded.keys import make_keys, read_keys
from quantloom_server.platform.embedded.server import EmbeddedServer

SUPERUSER, OWNER, APP, SYSTEM = "postgres", "quantloom_owner", "quantloom_app", "quantloom_system"
DATABASE = "quantloom"
_PORT = 5432  # a part of the socket's name only
_BUILTIN_LOCALE_SINCE = 17
_PROTOCOL = 196_608  # 3.0
_ANSWER_S, _ANSWER = 2.0, 4_096
_STATUS_LINE = 7

_DOORS = f"""\
# Written at every start. Whoever connects gives a password; there is no way in but the socket.
local  all          all          scram-sha-256
local  replication  {SUPERUSER}  scram-sha-256
"""
_SETTINGS = """\
# Written at every start; your own settings go into local.conf, which is read last.
max_connections = 100
shared_buffers = 64MB
huge_pages = off
jit = off
work_mem = 8MB
maintenance_work_mem = 64MB
wal_level = replica
max_wal_senders = 3
min_wal_size = 80MB
max_wal_size = 512MB
checkpoint_timeout = 10min
autovacuum_max_workers = 2
max_worker_processes = 4
max_parallel_workers = 2
max_parallel_workers_per_gather = 1
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_checkpoints = off
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
include = 'local.conf'
"""
_CARELESS = ("fsync=off", "full_page_writes=off")


class PostgresServer(EmbeddedServer):
    """A PostgreSQL server in `data_dir/postgres`, made at its first start."""

    name: ClassVar[str] = "postgres"
    # Fast shutdown; immediate shutdown, which recovers at the next start; the end.
    endings: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    def owner_url(self, database: str = DATABASE) -> str:
        """For migrations: the role that owns the database."""
        return self._url(OWNER, database)

    def app_url(self, database: str = DATABASE) -> str:
        """For the processes: a role that owns nothing."""
        return self._url(APP, database)

    def superuser_url(self, database: str = DATABASE) -> str:
        """For backups, and for tests that make databases."""
        return self._url(SUPERUSER, database)

    def is_ready(self) -> bool:
        """Whether it takes connections and asks for a password."""
        if not self._says_ready():
            return False  # so that its log holds no refusals of our own asking
        hello = b"".join(part.encode() + b"\0" for part in ("user", APP, "database", DATABASE))
        packet = struct.pack("!ii", 9 + len(hello), _PROTOCOL) + hello + b"\0"
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_ANSWER_S)
            try:
                line.connect(str(self.socket_dir / f".s.PGSQL.{_PORT}"))
                line.sendall(packet)
                return line.recv(_ANSWER).startswith(b"R")
            except OSError:
                return False

    def _says_ready(self) -> bool:
        """Whether the server's own file says so, in the line that pg_ctl waits for."""
        try:
            lines = (self._folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > _STATUS_LINE and lines[_STATUS_LINE].strip() == "ready"

    def _prepare(self) -> tuple[Sequence[str | Path], bytes]:
        programs = self._programs()
        if not self._folder.is_dir():
            if self.child is not None:
                # A disk that went away under us; an empty database in its place would hide that.
                raise ServerFailed(self.name, f"finds its data in {self._folder} gone", "")
            self._make(programs)
        self._keys()
        make_private(self._folder, self._account)
        self._forget_stale_locks()
        self._write("pg_hba.conf", _DOORS)
        self._write("postgresql.conf", _SETTINGS)
        if not (self._folder / "local.conf").exists():
            self._write("local.conf", "")
        return self._command(programs), b""

    def _command(self, programs: PostgresPrograms) -> Sequence[str | Path]:
        # On the command line, so that no local.conf opens what must stay shut.
        walls = [
            "listen_addresses=",
            f"unix_socket_directories={self.socket_dir}",
            "unix_socket_permissions=0700",
            f"port={_PORT}",
            "password_encryption=scram-sha-256",
            "log_line_prefix=",
            f"hba_file={self._folder / 'pg_hba.conf'}",
        ]
        settings = [part for each in walls for part in ("-c", each)]
        return (programs.postgres, "-D", self._folder, *settings, *self._careless())

    def _make(self, programs: PostgresPrograms) -> None:
        """Make the database aside and move it into place, whole or not at all."""
        unfinished = self.data_dir / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        make_private(unfinished, self._account)
        self._run_briefly([programs.initdb, "-D", unfinished, *self._initdb_options(programs)])
        keys = make_keys(self._keys_file, (SUPERUSER, OWNER, APP))
        single = (programs.postgres, "--single", "-D", unfinished, "-c", "exit_on_error=on")
        self._run_briefly(
            [*single, *self._careless(), "template1"], "".join(_bootstrap(keys)).encode()
        )
        unfinished.rename(self._folder)

    def _initdb_options(self, programs: PostgresPrograms) -> Iterator[str]:
        # Nothing ever listens under `trust`: passwords and doors are there before the first start.
        yield from (f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8")
        yield from ("--data-checksums", "--no-instructions", "--no-locale")
        if programs.major >= _BUILTIN_LOCALE_SINCE:
            yield from ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        if not self._durable:
            yield "--no-sync"

    def _careless(self) -> list[str]:
        return [] if self._durable else [part for each in _CARELESS for part in ("-c", each)]

    def _programs(self) -> PostgresPrograms:
        found = find_postgres(self._folder)
        place = within_reach(found.bin.parent, self._account, self.data_dir / "programs")
        return PostgresPrograms(place / "bin", found.major)

    def _leftover(self) -> int | None:
        """By our own record, or by the server's: its command line names the folder."""
        noted = noted_process(self._record)
        if noted is not None:
            return noted
        try:
            pid = int((self._folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self._folder).encode() in command else None

    def _forget_stale_locks(self) -> None:
        """Remove what a killed server left, whose number another process may have by now.

        We hold the folder and nothing of an earlier start lives, so the files speak of no one.
        PostgreSQL still looks for backends that use its shared memory.
        """
        (self._folder / "postmaster.pid").unlink(missing_ok=True)
        for left in self.socket_dir.glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)  # inside a folder of mode 0700

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._keys()[role]}@/{database}?host={quote(str(self.socket_dir))}"

    def _keys(self) -> dict[str, str]:
        return read_keys(self._keys_file, (SUPERUSER, OWNER, APP))

    @property
    def _folder(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def _keys_file(self) -> Path:
        return self.data_dir / "secrets" / "postgres.json"


def _bootstrap(keys: dict[str, str]) -> Iterator[str]:
    """What only a superuser can do, a line each. What is done in template1 holds in every copy."""
    yield f"ALTER ROLE {SUPERUSER} PASSWORD '{keys[SUPERUSER]}';\n"
    yield f"CREATE ROLE {SYSTEM} NOLOGIN;\n"
    yield f"CREATE ROLE {OWNER} LOGIN PASSWORD '{keys[OWNER]}';\n"
    yield f"CREATE ROLE {APP} LOGIN PASSWORD '{keys[APP]}';\n"
    yield f"GRANT {SYSTEM} TO {OWNER};\n"
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {SYSTEM};\n"
    yield "REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;\n"
    yield f"CREATE DATABASE {DATABASE} OWNER {OWNER};\n"
    yield f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;\n"
    yield f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP};\n"
