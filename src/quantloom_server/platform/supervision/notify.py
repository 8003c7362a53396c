"""How far a process is, told by the datagrams that systemd made customary (sd_notify)."""

import asyncio
import os
import secrets
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic

NOTIFY_SOCKET = "NOTIFY_SOCKET"
# How long a process may say nothing before it counts as hung, in microseconds; and for whom.
WATCHDOG, WATCHED_PID = "WATCHDOG_USEC", "WATCHDOG_PID"
_READY = b"READY=1"
_ALIVE = "WATCHDOG=1"
_OFTEN = 4
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
            line.setblocking(False)  # noqa: FBT003  the socket's own
            line.sendto("\n".join(facts).encode(), _bound(self._address))


class Pulse:
    """Says again and again that this process does not hang, where somebody wants to know."""

    def __init__(self, notifier: Notifier, every_s: float | None) -> None:
        self._notifier, self._every_s = notifier, every_s

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Pulse":
        asked = environment.get(WATCHDOG, "")
        is_meant = environment.get(WATCHED_PID, str(os.getpid())) == str(os.getpid())
        every_s = int(asked) / 1e6 / _OFTEN if asked.isdecimal() and is_meant else None
        return cls(Notifier.of(environment), every_s)

    async def beat(self) -> None:
        """Tell it from an event loop, which is what may hang; until cancelled."""
        while self._every_s is not None:
            self._notifier.tell(_ALIVE)
            await asyncio.sleep(self._every_s)

    def beat_while(self, wait: Callable[[float], bool]) -> None:
        """Tell it from a thread of its own, until `wait` (an Event's) says that it is over."""
        while self._every_s is not None:
            self._notifier.tell(_ALIVE)
            if wait(self._every_s):
                return


class Ear:
    """Hears one process say that it is ready, then that it lives; nobody else can guess where."""

    def __init__(self) -> None:
        self.address = f"@quantloom-{secrets.token_hex(16)}"
        self._is_ready = False
        self._heard_at = monotonic()
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.settimeout(0)
        self._line.bind(_bound(self.address))

    def has_heard(self) -> bool:
        """Whether it has said by now that it is ready."""
        with suppress(OSError):
            while said := self._line.recv(_LONGEST):
                self._heard_at = monotonic()
                self._is_ready |= _READY in said.split(b"\n")
        return self._is_ready

    def silent_s(self) -> float:
        """For how long it has said nothing."""
        self.has_heard()
        return monotonic() - self._heard_at

    def forgive(self) -> None:
        """Count its silence anew: it was us who did not listen."""
        self._heard_at = monotonic()

    def close(self) -> None:
        self._line.close()


def _bound(address: str) -> str:
    # A leading @ stands for the abstract namespace, which leaves no file behind.
    return "\0" + address[1:] if address[0] == "@" else address
