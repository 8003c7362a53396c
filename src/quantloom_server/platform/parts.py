"""The parts that a process is made of, put together at its entry point."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis

from quantloom.kit.clock import Clock
from quantloom.kit.ids import IdMaker
from quantloom_server.platform.bus import Bus
from quantloom_server.platform.callers import Caller, Gatekeeper
from quantloom_server.platform.database import NOBODY, Database, Scope
from quantloom_server.platform.rates import Rates
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import Settings

GatekeeperMaker = Callable[[Settings, Database, Redis, Clock], Gatekeeper]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What requests and jobs need; each process has one of each."""

    settings: Settings
    database: Database
    redis: Redis
    bus: Bus
    clock: Clock
    ids: IdMaker
    gatekeeper: Gatekeeper
    rates: Rates

    @asynccontextmanager
    async def transaction(
        self, *, caller: Caller | None = None, scope: Scope | None = None, request_id: str = ""
    ) -> AsyncIterator[Transaction]:
        """Work for a caller, or within a scope named outright; committed at the end."""
        chosen = scope or (caller.scope if caller else NOBODY)
        async with self.database.transaction(chosen) as session:
            yield Transaction(
                session=session,
                clock=self.clock,
                ids=self.ids,
                caller=caller,
                request_id=request_id,
            )
