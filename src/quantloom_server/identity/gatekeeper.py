"""Recognises callers. It stands before every request, so what it has found out is kept a while."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from quantloom.kit.clock import Clock
from quantloom_server.identity import repository, roles, tokens
from quantloom_server.identity.errors import SessionOver, TokenExpired
from quantloom_server.identity.repository import SessionState
from quantloom_server.identity.tokens import Claims
from quantloom_server.identity.watching import SessionWatch
from quantloom_server.platform.addresses import client_address
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.settings import Settings

_SCHEME = "bearer "
_MOST = 20_000


def make_gatekeeper(
    settings: Settings, database: Database, redis: Redis, clock: Clock
) -> "SessionGatekeeper":
    """Make the gatekeeper of a process; it reads sessions from PostgreSQL, whose word is final."""
    del redis

    async def read(ids: Sequence[UUID]) -> list[SessionState]:
        return await repository.session_states(database, ids)

    return SessionGatekeeper(settings, KeyRing.of(settings), SessionWatch(read, clock), clock)


class SessionGatekeeper:
    """Knows people by their access tokens, as long as the sessions of those count."""

    def __init__(
        self, settings: Settings, ring: KeyRing, watch: SessionWatch, clock: Clock
    ) -> None:
        self._trusted = settings.trusted_proxies
        self._ring = ring
        self._watch = watch
        self._clock = clock
        self._claims: dict[str, Claims] = {}
        self._callers: dict[UUID, tuple[SessionState, Caller]] = {}

    async def recognise(self, request: HTTPConnection, *, fresh: bool = False) -> Caller | None:
        """Find out who sends a request; None where it carries nothing.

        Args:
            request: what carries `Authorization: Bearer ...`.
            fresh: trust nothing that is remembered of the session.
        Raises:
            Unauthenticated: it carries something that is not valid, or not any more.
        """
        given = request.headers.get("authorization")
        if given is None or given[: len(_SCHEME)].lower() != _SCHEME:
            return None
        now = self._clock.now()
        claims = self._read(given[len(_SCHEME) :].strip(), now)
        state = await self._watch.state_of(claims.session_id, fresh=fresh)
        if state is None or not _counts(state, claims, now):
            raise SessionOver
        address = client_address(request, self._trusted)
        return self._caller(state, str(address) if address else None)

    def _caller(self, state: SessionState, address: str | None) -> Caller:
        """The caller of a session; made once for each time that its state is read."""
        known = self._callers.get(state.id)
        if known is not None and known[0] is state and known[1].address == address:
            return known[1]
        caller = Caller(
            user_id=state.user_id,
            workspace_id=state.workspace_id,
            permissions=roles.granted(
                state.role, state.role_permissions, is_operators=state.is_operators
            ),
            must_change_password=state.must_change_password,
            session_id=state.id,
            address=address,
            unlocked_until=state.unlocked_until,
        )
        _make_room(self._callers)
        self._callers[state.id] = state, caller
        return caller

    def _read(self, token: str, now: datetime) -> Claims:
        claims = self._claims.get(token)
        if claims is None:
            claims = tokens.read(token, now, self._ring)
            _make_room(self._claims)
            self._claims[token] = claims
        elif now >= claims.expires_at:
            del self._claims[token]
            raise TokenExpired
        return claims


def _make_room(known: dict[Any, Any]) -> None:
    if len(known) >= _MOST:
        del known[next(iter(known))]


def _counts(state: SessionState, claims: Claims, now: datetime) -> bool:
    return (
        state.counts
        and state.version == claims.version
        and state.workspace_id == claims.workspace_id
        and state.user_id == claims.user_id
        and now < state.expires_at
    )
