"""How many requests one user, key or address may send, counted in Valkey for all processes.

Requests of a user are counted together, whichever of their sessions and keys sends them; a key has
a limit of its own besides. Permits are taken a few at a time, so that most requests ask nobody.
Where Valkey does not answer, each process counts for itself until it does: a limit is never lifted.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Any, TypeAlias
from uuid import UUID

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from quantloom_server.platform.errors import TooMany
from quantloom_server.settings import Settings

_ANSWER_S = 0.25
_AGAIN_S = 5.0
_LEASE_S = 1.0
# A part of a limit that one process may hold unused.
_SHARE = 50
_MOST_AT_ONCE = 1_000
_MOST_SUBJECTS = 20_000

log = structlog.get_logger("app")


class Pace(StrEnum):
    """What kind of request it is; each kind has a limit of its own."""

    DEFAULT = "default"
    AUTH = "auth"
    ORDER = "order"
    BACKTEST = "backtest"
    ASSISTANT = "assistant"
    ADDRESS = "address"


KEY = "key"
Counted: TypeAlias = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Lease:
    """Permits that were taken and not used yet; the last one of a window holds none."""

    left: int
    beyond: int
    resets_at: float
    until: float
    is_last: bool


class Rates:
    """The limits of one process; one serves one event loop."""

    def __init__(self, paces: Mapping[Pace, str], redis_url: str, *, most_at_once: int) -> None:
        self._items = {pace: parse(text) for pace, text in paces.items()}
        self._pool = _pool(redis_url)
        self._shared = SlidingWindowCounterRateLimiter(_shared_storage(self._pool))
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._leases: dict[Counted, Lease] = {}
        self._asking: dict[Counted, asyncio.Lock] = {}
        self._alone_until = 0.0
        self._most_at_once = most_at_once
        self._at_once: dict[str, int] = {}

    @classmethod
    def of(cls, settings: Settings, redis_url: str) -> "Rates":
        paces = {pace: getattr(settings, f"rate_{pace.value}") for pace in Pace}
        return cls(paces, redis_url, most_at_once=settings.concurrent_requests)

    async def close(self) -> None:
        await self._pool.aclose()

    async def take(self, pace: Pace, subject: str) -> dict[str, str]:
        """Count one request; returns the headers that tell how many are left.

        Raises:
            TooMany: there were too many.
        """
        return await self._take((pace, subject), self._items[pace])

    async def take_of_key(self, key_id: UUID, per_minute: int) -> dict[str, str]:
        """Count one request of an API key against what its owner allows it.

        Raises:
            TooMany: there were too many.
        """
        return await self._take((KEY, key_id.hex), RateLimitItemPerMinute(per_minute))

    async def _take(self, key: Counted, item: RateLimitItem) -> dict[str, str]:
        lease = self._held(key)
        if lease is None:
            lease = await self._renew(key, item)
        resets_in_s = _seconds_until(lease.resets_at)
        if lease.left <= 0:
            raise TooMany(resets_in_s, f"{key[0]} requests, {item}", item.amount)
        lease.left -= 1
        return told(item.amount, lease.left + lease.beyond, resets_in_s)

    @contextmanager
    def one_of(self, subject: str) -> Iterator[None]:
        """Hold one of the places for requests that are answered at the same time.

        Raises:
            TooMany: all are taken.
        """
        count = self._at_once.get(subject, 0)
        if count >= self._most_at_once:
            raise TooMany(1, "requests at once")
        self._at_once[subject] = count + 1
        try:
            yield
        finally:
            if self._at_once[subject] == 1:
                del self._at_once[subject]
            else:
                self._at_once[subject] -= 1

    def _held(self, key: Counted) -> Lease | None:
        lease = self._leases.get(key)
        if lease is None or time.monotonic() >= lease.until:
            return None
        return lease if lease.left > 0 or lease.is_last else None

    async def _renew(self, key: Counted, item: RateLimitItem) -> Lease:
        """Have one request ask for all those that wait."""
        try:
            async with self._asking.setdefault(key, asyncio.Lock()):
                return self._held(key) or await self._ask(key, item)
        finally:
            self._asking.pop(key, None)

    async def _ask(self, key: Counted, item: RateLimitItem) -> Lease:
        """Take a few permits, or the last one, or none."""
        if time.monotonic() >= self._alone_until:
            try:
                return await self._take_from(self._shared, key, item)
            except (RedisError, OSError, TimeoutError) as error:
                self._alone_until = time.monotonic() + _AGAIN_S
                log.warning("rates.alone", reason=type(error).__name__)
        return await self._take_from(self._own, key, item)

    async def _take_from(
        self, limiter: SlidingWindowCounterRateLimiter, key: Counted, item: RateLimitItem
    ) -> Lease:
        few = max(1, min(item.amount // _SHARE, _MOST_AT_ONCE))
        count = few if await limiter.hit(item, *key, cost=few) else 0
        if count == 0 and few > 1:
            count = int(await limiter.hit(item, *key, cost=1))
        stats = await limiter.get_window_stats(item, *key)
        lease = Lease(
            left=count,
            beyond=stats.remaining,
            resets_at=stats.reset_time,
            until=time.monotonic() + _LEASE_S,
            is_last=count == 0,
        )
        self._remember(key, lease)
        return lease

    def _remember(self, key: Counted, lease: Lease) -> None:
        self._leases.pop(key, None)
        if len(self._leases) >= _MOST_SUBJECTS:
            del self._leases[next(iter(self._leases))]
        self._leases[key] = lease


def told(limit: int, left: int, resets_in_s: int) -> dict[str, str]:
    """The headers that tell of a limit."""
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(max(0, left)),
        "X-RateLimit-Reset": str(resets_in_s),
    }


def _pool(redis_url: str) -> ConnectionPool:
    """Connections that give up soon: a request waits for each."""
    return ConnectionPool.from_url(
        redis_url,
        socket_timeout=_ANSWER_S,
        socket_connect_timeout=_ANSWER_S,
        retry=Retry(NoBackoff(), 0),
    )


def _shared_storage(pool: ConnectionPool) -> RedisStorage:
    # `limits` reads the address for its kind alone where it is given connections.
    options: dict[str, Any] = {"connection_pool": pool}
    return RedisStorage("async+redis://", implementation="redispy", **options)


def _seconds_until(moment: float) -> int:
    return max(1, ceil(moment - time.time()))  # noqa: TID251  `limits` tells wall clock times
