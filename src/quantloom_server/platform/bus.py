"""Messages between processes, over Valkey: passing ones, and ones that can be read again.

`publish` reaches who listens just then. `append` adds to a stream, of which the last messages are
kept, so that a reader goes on where it was. Nothing here is the truth of anything: who misses
messages reads the database.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import RedisError

from quantloom.errors import Unavailable
from quantloom_server.platform.backoff import backoff_s

NEWEST = "$"
"""Where a reader of a stream begins that wants what comes from now on."""

OLDEST = "0-0"
"""Where a reader begins that wants all that is kept."""

_BLOCK_MS = 5_000
_MOST_AT_ONCE = 200
_FIELD = b"m"

log = structlog.get_logger("app")


class BusDown(Unavailable):
    """Valkey does not answer, or the connection to it was lost."""

    code = "platform.bus_down"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the message bus does not answer ({self.reason}); begin again with a fresh snapshot"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that was published."""

    channel: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of a stream. `id` is where to go on after it."""

    id: str
    message: bytes


class Bus:
    """One way to Valkey's channels and streams; its connections are its own."""

    def __init__(self, url: str, dice: Random) -> None:
        self._dice = dice
        self._talking = Redis.from_url(url)
        # redis-py ends a silent connection after 5 s and repeats a command ten times: a reader that
        # waits would hear of an error instead of a message, and of a gap not at all.
        self._waiting = Redis.from_url(
            url, socket_timeout=None, retry=Retry(NoBackoff(), 0), socket_connect_timeout=5
        )

    async def close(self) -> None:
        await self._talking.aclose()
        await self._waiting.aclose()

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell whoever listens now.

        Raises:
            BusDown: nobody could be told.
        """
        try:
            await self._talking.publish(channel, message)
        except (RedisError, OSError) as error:
            raise BusDown(type(error).__name__) from error

    async def append(self, stream: str, message: bytes, *, keep: int) -> str:
        """Add to a stream, and tell where a reader goes on after it.

        Args:
            stream: its name.
            message: any bytes.
            keep: how many messages are kept at least; a few more may be.

        Raises:
            BusDown: it could not be added, or nobody knows whether it was.
        """
        fields: dict[Any, Any] = {_FIELD: message}
        try:
            added: Any = await self._talking.xadd(stream, fields, maxlen=keep, approximate=True)
        except (RedisError, OSError) as error:
            raise BusDown(type(error).__name__) from error
        return str(added, "ascii")

    @asynccontextmanager
    async def listen(self, *channels: str) -> AsyncIterator[AsyncIterator[Heard]]:
        """Hear what is published from now on.

        Raises:
            BusDown: the connection was lost, so that messages may have been missed.
        """
        async with self._waiting.pubsub(ignore_subscribe_messages=True) as heard:
            try:
                await heard.subscribe(*channels)
                # The answer to the first subscription: from here on nothing is missed.
                await heard.parse_response()
                yield _read(heard)
            except (RedisError, OSError) as error:
                raise BusDown(type(error).__name__) from error

    async def follow(self, stream: str, after: str = NEWEST) -> AsyncIterator[Entry]:
        """Read a stream for ever, waiting for what comes; a lost connection is made again.

        Args:
            stream: its name.
            after: the id of the message before the first one wanted, `NEWEST` or `OLDEST`.
        """
        failures = 0
        while True:
            try:
                if after == NEWEST:
                    after = await self._last_of(stream)
                found: Any = await self._waiting.xread(
                    {stream: after}, count=_MOST_AT_ONCE, block=_BLOCK_MS
                )
            except (LostConnection, OSError) as error:
                failures += 1
                log.warning("bus.lost", stream=stream, reason=repr(error))
                await asyncio.sleep(backoff_s(failures, self._dice, first_s=0.2, most_s=5.0))
                continue
            failures = 0
            for entry in _entries_of(found):
                after = entry.id
                yield entry

    async def _last_of(self, stream: str) -> str:
        last: Any = await self._waiting.xrevrange(stream, count=1)
        return last[0][0].decode() if last else OLDEST


async def _read(heard: Any) -> AsyncIterator[Heard]:
    async for each in heard.listen():
        if each["type"] == "message":
            yield Heard(each["channel"].decode(), each["data"])


def _entries_of(found: Any) -> list[Entry]:
    """The replies of both protocols: a list of pairs, or a mapping to lists of lists."""
    if isinstance(found, dict):
        parts = [entries for lists in found.values() for entries in lists]
    else:
        parts = [entries for _, entries in found or ()]
    return [Entry(key.decode(), fields[_FIELD]) for part in parts for key, fields in part]
