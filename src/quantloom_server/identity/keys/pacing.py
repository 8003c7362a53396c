"""How many requests of one key are let in within a minute, over all processes."""

import asyncio
from datetime import datetime
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from quantloom_server.platform.errors import TooMany

_WINDOW_S = 60
_PATIENCE_S = 0.25
_MOST_KEYS = 10_000


class Pacing:
    """Counts in Valkey, and in this process alone while that does not answer."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._counted: dict[str, int] = {}

    async def count(self, key_id: UUID, most: int, now: datetime) -> None:
        """Count one request.

        Raises:
            TooMany: there were more than `most` in this minute.
        """
        second = int(now.timestamp())
        window, passed_s = divmod(second, _WINDOW_S)
        name = f"ql:key:{key_id.hex}:{window}"
        if await self._counted_so_far(name) > most:
            raise TooMany(_WINDOW_S - passed_s, f"{most} requests a minute of this API key")

    async def _counted_so_far(self, name: str) -> int:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._redis.pipeline() as line:
                line.incr(name)
                line.expire(name, 2 * _WINDOW_S)
                return int((await line.execute())[0])
        except (RedisError, OSError, TimeoutError):
            return self._counted_here(name)

    def _counted_here(self, name: str) -> int:
        if len(self._counted) >= _MOST_KEYS:
            self._counted.clear()
        self._counted[name] = self._counted.get(name, 0) + 1
        return self._counted[name]
