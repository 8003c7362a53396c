"""Opening and closing the parts of a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from pydantic import SecretStr
from redis.asyncio import Redis

from quantloom.kit.clock import Clock, SystemClock
from quantloom.kit.ids import IdMaker
from quantloom_server.platform.bus import Bus
from quantloom_server.platform.database import Database
from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.parts import GatekeeperMaker, Parts
from quantloom_server.platform.rates import Rates
from quantloom_server.settings import Settings


@asynccontextmanager
async def open_parts(
    settings: Settings, keeper: GatekeeperMaker, *, clock: Clock | None = None
) -> AsyncIterator[Parts]:
    """Make the parts that settings describe, and close them at the end.

    Raises:
        NotConfigured: there is no address of PostgreSQL or of Valkey.
    """
    clock = clock or SystemClock()
    database = await Database.open(
        needed(settings.database_url, "QUANTLOOM_DATABASE_URL"),
        connections=settings.database_connections,
        statement_timeout_s=settings.statement_timeout_s,
    )
    redis_url = needed(settings.redis_url, "QUANTLOOM_REDIS_URL")
    redis = Redis.from_url(redis_url)
    bus = Bus(redis_url, Random())  # noqa: S311  how long to wait, nothing secret
    rates = Rates.of(settings, redis_url)
    try:
        yield Parts(
            settings=settings,
            database=database,
            redis=redis,
            bus=bus,
            clock=clock,
            ids=IdMaker(clock),
            gatekeeper=keeper(settings, database, redis, clock),
            rates=rates,
        )
    finally:
        await rates.close()
        await bus.close()
        await redis.aclose()
        await database.close()


def needed(secret: SecretStr | None, setting: str) -> str:
    """Read a setting without which there is nothing to do.

    Raises:
        NotConfigured: it is not set.
    """
    if secret is None:
        raise NotConfigured(setting)
    return secret.get_secret_value()
