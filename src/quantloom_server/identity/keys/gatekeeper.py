"""Recognises programs by their API keys, and leaves everybody else to the sessions."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

from redis.asyncio import Redis
from starlette.requests import HTTPConnection

from quantloom.kit.clock import Clock
from quantloom_server.identity import gatekeeper as sessions
from quantloom_server.identity.keys import repository, tokens
from quantloom_server.identity.keys.errors import AddressRefused, BadKey
from quantloom_server.identity.keys.repository import KeyState
from quantloom_server.identity.keys.tokens import KeyText
from quantloom_server.identity.means import SIGN_IN
from quantloom_server.identity.roles import PERSONAL, Permissions, granted
from quantloom_server.identity.watching import Watch
from quantloom_server.platform.addresses import Address, client_address
from quantloom_server.platform.callers import Caller, Gatekeeper
from quantloom_server.platform.database import Database
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.settings import Settings

HEADER = "X-API-Key"
_BEARER = "bearer "
# More often would write a row for every request.
_NOTED_EVERY = timedelta(minutes=1)
_MOST_NOTED = 20_000

Note = Callable[[UUID, datetime, str | None], Awaitable[None]]


def make_gatekeeper(
    settings: Settings, database: Database, redis: Redis, clock: Clock
) -> "KeyGatekeeper":
    """Make the gatekeeper of a process: it knows people and their programs."""

    async def read(ids: Sequence[UUID]) -> list[KeyState]:
        return await repository.key_states(database, ids)

    async def note(key_id: UUID, at: datetime, address: str | None) -> None:
        async with database.direct(SIGN_IN) as connection:
            await repository.note_use(connection, key_id, at, address)

    people = sessions.make_gatekeeper(settings, database, redis, clock)
    return KeyGatekeeper(settings, people, watch=Watch(read, clock), note=note, clock=clock)


class KeyGatekeeper:
    """Knows programs by their keys, from where their owners allow."""

    def __init__(
        self,
        settings: Settings,
        people: Gatekeeper,
        *,
        watch: Watch[KeyState],
        note: Note,
        clock: Clock,
    ) -> None:
        self._trusted = settings.trusted_proxies
        self._ring = KeyRing.of(settings)
        self._people = people
        self._watch = watch
        self._note = note
        self._clock = clock
        self._noted: dict[UUID, datetime] = {}

    async def recognise(self, request: HTTPConnection, *, fresh: bool = False) -> Caller | None:
        """Find out who sends a request; None where it carries nothing.

        Raises:
            Unauthenticated: it carries something that is not valid, or not any more.
            AddressRefused: the key is not allowed from there.
        """
        given = _key_in(request)
        if given is None:
            return await self._people.recognise(request, fresh=fresh)
        now = self._clock.now()
        state = await self._state_of(given, now, fresh=fresh)
        address = client_address(request, self._trusted)
        if state.networks and not _is_in(address, state.networks):
            raise AddressRefused(state.hint, str(address or "a local socket"))
        told = str(address) if address else None
        await self._note_use(state, now, told)
        return Caller(
            user_id=state.user_id,
            workspace_id=state.workspace_id,
            permissions=_permissions(state),
            key_id=state.id,
            address=told,
            requests_per_minute=state.requests_per_minute,
        )

    async def _state_of(self, given: str, now: datetime, *, fresh: bool) -> KeyState:
        key = tokens.read(given)
        if key is None:
            raise BadKey
        state = await self._watch.state_of(key.id, fresh=fresh)
        if state is None or now >= state.expires_at or not self._is_right(key, state):
            raise BadKey
        return state

    def _is_right(self, key: KeyText, state: KeyState) -> bool:
        return self._ring.is_digest(tokens.PURPOSE, key.text.encode(), state.secret_hmac)

    async def _note_use(self, state: KeyState, now: datetime, address: str | None) -> None:
        last = max(filter(None, (state.last_used_at, self._noted.get(state.id))), default=None)
        if last is not None and now - last < _NOTED_EVERY:
            return
        if len(self._noted) >= _MOST_NOTED:
            self._noted.clear()
        self._noted[state.id] = now
        await self._note(state.id, now, address)


def _key_in(request: HTTPConnection) -> str | None:
    """The key that a request carries, in the header of its own or as a bearer token."""
    own = request.headers.get(HEADER)
    if own is not None:
        return own
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() != _BEARER:
        return None
    token = given[len(_BEARER) :].strip()
    return token if token.startswith(tokens.PREFIX) else None


def _permissions(state: KeyState) -> Permissions:
    """What the key was made for, of what its owner may still do."""
    held = granted(state.role, state.role_permissions, is_operators=state.is_operators)
    return frozenset(each for each in held - PERSONAL if each.value in state.scopes)


def _is_in(address: Address | None, networks: Sequence[str]) -> bool:
    if address is None:
        return False
    read = (ip_network(network) for network in networks)
    return any(address in network for network in read if network.version == address.version)
