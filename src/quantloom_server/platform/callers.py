"""Who sends a request, and the one way in which the service comes to know it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from starlette.requests import HTTPConnection

from quantloom_server.platform.database import Scope
from quantloom_server.platform.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person or a program of theirs, in one workspace, with what they may do there."""

    user_id: UUID
    workspace_id: UUID
    permissions: frozenset[Permission] = field(default_factory=frozenset)
    session_id: UUID | None = None
    key_id: UUID | None = None
    address: str | None = None
    unlocked_until: datetime | None = None
    must_change_password: bool = False
    requests_per_minute: int | None = None

    @property
    def scope(self) -> Scope:
        return Scope(user_id=self.user_id, workspace_id=self.workspace_id)

    def is_unlocked(self, now: datetime) -> bool:
        """Whether trading is unlocked in the caller's session."""
        return self.unlocked_until is not None and now < self.unlocked_until

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


class Gatekeeper(Protocol):
    """Knows callers by what their requests carry; `identity` is the one that does."""

    async def recognise(self, request: HTTPConnection, *, fresh: bool = False) -> Caller | None:
        """Find out who sends a request; None where it carries nothing.

        Args:
            request: the request.
            fresh: ask the database now, whatever is remembered.
        Raises:
            Unauthenticated: it carries something that is not valid, or not any more.
        """
        ...


class ClosedDoor:
    """The gatekeeper of processes that nobody calls, such as workers."""

    async def recognise(
        self,
        request: HTTPConnection,  # noqa: ARG002  the protocol's
        *,
        fresh: bool = False,  # noqa: ARG002  the protocol's
    ) -> Caller | None:
        return None
