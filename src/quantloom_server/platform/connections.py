"""Bare connections to PostgreSQL, kept open and handed from one short transaction to the next.

Nothing is sent when one is handed on: whoever holds one ends their transaction, and what outlives
a transaction (session settings, session locks, `LISTEN`) has no place on these connections. Whoever
waits gets the next one that is free, first come, first served.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import asyncpg

from quantloom_server.platform.errors import DatabaseDown
from quantloom_server.platform.outages import outage_at_connecting

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Connect = Callable[[], Awaitable[Connection]]

_PATIENCE_S = 10.0
_CLOSING_S = 10.0
# A backend keeps what it has prepared and planned, so none lives for ever.
_OLDEST_S = 1800.0


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    connection: Connection
    born_s: float

    def is_fit(self) -> bool:
        is_young = time.monotonic() - self.born_s < _OLDEST_S
        return is_young and not self.connection.is_closed()


class Connections:
    """The bare connections of one process; one serves one event loop."""

    def __init__(self, connect: Connect, *, most: int, patience_s: float = _PATIENCE_S) -> None:
        self._connect = connect
        self._most = most
        self._patience_s = patience_s
        self._places = 0
        self._free: list[_Kept] = []
        self._held: dict[Connection, _Kept] = {}
        self._waiting: deque[asyncio.Future[_Kept | None]] = deque()

    async def take(self) -> Connection:
        """Have a connection until it is given back.

        Raises:
            DatabaseDown: there is none to be had.
        """
        kept = self._find_free()
        if kept is None and self._places < self._most:
            self._places += 1
        elif kept is None:
            kept = await self._wait()
        if kept is None:
            kept = await self._open()
        self._held[kept.connection] = kept
        return kept.connection

    def give_back(self, connection: Connection) -> None:
        """Leave a connection to the next; one that is still in a transaction is ended."""
        kept = self._held.pop(connection)
        if not kept.is_fit() or connection.is_in_transaction():
            connection.terminate()
            self._hand_on(None)
        else:
            self._hand_on(kept)

    async def close(self) -> None:
        """End every connection, and have nobody wait for one."""
        for turn in self._waiting:
            turn.cancel()
        for held in self._held:
            held.terminate()
        while self._free:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._free.pop().connection.close(timeout=_CLOSING_S)

    def _find_free(self) -> _Kept | None:
        # The one used last is the likeliest to be well.
        while self._free:
            kept = self._free.pop()
            if kept.is_fit():
                return kept
            kept.connection.terminate()
            self._places -= 1
        return None

    async def _open(self) -> _Kept:
        """Open a connection on a place that is held already."""
        try:
            return _Kept(await self._connect(), time.monotonic())
        except BaseException as error:
            self._hand_on(None)
            told = outage_at_connecting(error)
            if told is None:
                raise
            raise told from error

    async def _wait(self) -> _Kept | None:
        """Wait for a connection, or for the place to open one."""
        turn: asyncio.Future[_Kept | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._patience_s):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._hand_on(turn.result())
            if isinstance(error, TimeoutError):
                raise DatabaseDown(type(error).__name__) from error
            raise

    def _hand_on(self, kept: _Kept | None) -> None:
        """Give a connection, or the place of one that is gone, to who has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(kept)
                return
        if kept is None:
            self._places -= 1
        else:
            self._free.append(kept)
