"""How far a process is, told by the datagrams that systemd made customary (sd_notify)."""

import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress

NOTIFY_SOCKET = "NOTIFY_SOCKET"
_READY = b"READY=1"
_LONGEST = 4_096


class Notifier:
    """Speaks to the socket that whoever started this process named; silent where there is none."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Notifier":
        return cls(environment.get(NOTIFY_SOCKET))

    def tell(self, *facts: str) -> None:
        """Send facts such as `READY=1`; nobody's absence stops us."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, suppress(OSError):
            line.sendto("\n".join(facts).encode(), _bound(self._address))


class Ear:
    """Hears one process say that it is ready; nobody else can guess where."""

    def __init__(self) -> None:
        self.address = f"@quantloom-{secrets.token_hex(16)}"
        self._is_ready = False
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.settimeout(0)
        self._line.bind(_bound(self.address))

    def has_heard(self) -> bool:
        """Whether it has said so by now."""
        with suppress(OSError):
            while not self._is_ready:
                self._is_ready = _READY in self._line.recv(_LONGEST).split(b"\n")
        return self._is_ready

    def close(self) -> None:
        self._line.close()


def _bound(address: str) -> str:
    # A leading @ stands for the abstract namespace, which leaves no file behind.
    return "\0" + address[1:] if address[0] == "@" else address
