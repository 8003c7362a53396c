"""Valkey as our own child: a private socket, a password, no state that money hangs on.

It holds queues of job numbers, counters, caches and messages in flight. Whatever it loses, the
rows in PostgreSQL still know: the sweeper queues jobs again, clients fetch a snapshot. So it saves
a snapshot every few minutes and at its end, and spares the disk a write per change.
"""

import hashlib
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from quantloom_server.platform.embedded.account import make_private
from quantloom_server.platform.embedded.binaries import find_valkey, within_reach
from quantloom_server.platform.embedded.keys import make_keys, read_keys
from quantloom_server.platform.embedded.server import EmbeddedServer

_USER = "default"
_ANSWER_S = 2.0


class ValkeyServer(EmbeddedServer):
    """A Valkey server in `data_dir/valkey`."""

    name: ClassVar[str] = "valkey"
    endings: ClassVar[tuple[signal.Signals, ...]] = (signal.SIGTERM, signal.SIGKILL)

    def url(self, db: int = 0) -> str:
        """For redis-py; Celery's address is made of it by `jobs.broker`."""
        return f"unix://:{self._password()}@{quote(str(self._socket))}?db={db}"

    def is_ready(self) -> bool:
        """Whether it answers a ping; while it loads its snapshot it does not."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_ANSWER_S)
            try:
                line.connect(str(self._socket))
                line.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                return line.makefile("rb").read(12) == b"+OK\r\n+PONG\r\n"
            except OSError:
                return False

    def _prepare(self) -> tuple[Sequence[str | Path], bytes]:
        folder = self.data_dir / "valkey"
        make_private(folder, self._account)
        if not self._keys_file.is_file():
            make_keys(self._keys_file, (_USER,))  # nothing in here is worth a lost password
        self._socket.unlink(missing_ok=True)
        program = find_valkey()
        place = within_reach(program.parent, self._account, self.data_dir / "programs")
        return [place / program.name, "-"], self._settings(folder).encode()

    def _settings(self, folder: Path) -> str:
        """Handed over by standard input, so that no file and no command line shows them."""
        digest = hashlib.sha256(self._password().encode()).hexdigest()
        snapshots = "save 300 1" if self._durable else 'save ""'
        return f"""\
port 0
unixsocket "{self._socket}"
unixsocketperm 700
dir "{folder}"
user {_USER} on #{digest} ~* &* +@all
daemonize no
set-proc-title no
databases 4
{snapshots}
appendonly no
# A full disk must not stop the queue.
stop-writes-on-bgsave-error no
maxmemory 256mb
# Queues never expire and so are never evicted; caches and counters go, the unused first.
maxmemory-policy volatile-lru
timeout 0
loglevel warning
always-show-logo no
"""

    def _password(self) -> str:
        return read_keys(self._keys_file, (_USER,))[_USER]

    @property
    def _socket(self) -> Path:
        return self.socket_dir / "valkey.sock"

    @property
    def _keys_file(self) -> Path:
        return self.data_dir / "secrets" / "valkey.json"
