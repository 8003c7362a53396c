"""Telling systemd how far we are, over the socket that it names."""

import socket


class Notifier:
    """Speaks to the socket in NOTIFY_SOCKET; silent where there is none."""

    def __init__(self, address: str | None) -> None:
        self._address = address

    def tell(self, *facts: str) -> None:
        """Send facts such as `READY=1`; systemd's absence stops nobody."""
        if not self._address:
            return
        # A leading @ stands for the abstract namespace.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            try:
                line.sendto("\n".join(facts).encode(), address)
            except OSError:
                return
