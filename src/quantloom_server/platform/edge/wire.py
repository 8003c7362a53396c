"""What a connection may send before the application hears of it."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
# Most clients hear an answer only after they have sent the whole body; closing at once would reset
# the connection under them.
_MOST_UNHEARD = 32 * 1024 * 1024
_HEAD_WITHIN_S = 30.0
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"connection: close\r\ncontent-length: 0\r\n\r\n"
)


class BoundedHttp(HttpToolsProtocol):
    """uvicorn's protocol, which keeps a head as it comes in, however long and however slowly.

    A head, or what trails a body, is kept until it is whole. One that is longer than any that the
    application would take, or that does not come, ends the connection.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._kept_bytes = self._unheard_bytes = 0
        self._has_head = self._has_come_to_use = False
        self._waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._has_come_to_use = False
        super().data_received(data)
        self._kept_bytes = 0 if self._has_come_to_use else self._kept_bytes + len(data)
        if self._kept_bytes > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LONG)
            self.transport.close()
        elif not self._has_head and self._waiting is None:
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._has_head, self._unheard_bytes = False, 0

    def on_headers_complete(self) -> None:
        self._has_head = self._has_come_to_use = True
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._has_come_to_use = True
        super().on_body(body)
        if self.cycle.response_complete:
            self._unheard_bytes += len(body)
            if self._unheard_bytes > _MOST_UNHEARD:
                self.transport.close()

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(_HEAD_WITHIN_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.close()
