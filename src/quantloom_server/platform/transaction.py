"""What a service works with: one open transaction, who asked for it, and the clock.

Services are functions that take it first. They never commit: the edge does, once, when the request
or job is over, so that an act, its audit row and its messages are kept together or not at all.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from quantloom.kit.clock import Clock
from quantloom.kit.ids import IdMaker
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.errors import Unauthenticated


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One request's or job's work on the database."""

    session: AsyncSession
    clock: Clock
    ids: IdMaker
    caller: Caller | None = None
    request_id: str = ""

    def now(self) -> datetime:
        return self.clock.now()

    def new_id(self) -> UUID:
        return self.ids.new()

    def asked_by(self) -> Caller:
        """Who asked.

        Raises:
            Unauthenticated: nobody did; the route is a public one.
        """
        if self.caller is None:
            raise Unauthenticated
        return self.caller
