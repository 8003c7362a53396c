"""API keys of a user: made once, shown once, revoked at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from quantloom_server.identity.ended import Ended, announce
from quantloom_server.identity.keys import repository, tokens
from quantloom_server.identity.keys.errors import NoSuchKey, ScopesBeyond, TooManyKeys
from quantloom_server.identity.keys.tables import KeyRow
from quantloom_server.identity.personal import Part, forgets, tells
from quantloom_server.identity.roles import PERSONAL, Permissions
from quantloom_server.identity.service import own_session
from quantloom_server.platform import trail
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction

MOST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a key is to be for."""

    name: str
    scopes: Permissions
    networks: tuple[str, ...]
    life: timedelta
    requests_per_minute: int


async def add_key(tx: Transaction, ring: KeyRing, new: NewKey) -> tuple[KeyRow, str]:
    """Make a key in the caller's workspace; its text is told this once.

    Raises:
        NeedsSession: a key asks for another one.
        ScopesBeyond: it would hold what its owner does not, or what a program must not.
        TooManyKeys: the caller has as many as anyone may.
    """
    own_session(tx)
    caller = tx.asked_by()
    beyond = new.scopes - (caller.permissions - PERSONAL)
    if beyond:
        raise ScopesBeyond(", ".join(sorted(beyond)))
    if await repository.count_open(tx.session, caller.user_id, tx.now()) >= MOST:
        raise TooManyKeys(MOST)
    key = tokens.make(tx.new_id())
    row = KeyRow(
        id=key.id,
        user_id=caller.user_id,
        workspace_id=caller.workspace_id,
        name=new.name,
        hint=key.hint,
        secret_hmac=ring.digest(tokens.PURPOSE, key.text.encode()),
        scopes=sorted(new.scopes),
        networks=list(new.networks),
        requests_per_minute=new.requests_per_minute,
        created_at=tx.now(),
        expires_at=tx.now() + new.life,
    )
    tx.session.add(row)
    await tx.session.flush()
    await _tell(tx, "made", row)
    return row, key.text


async def list_keys(tx: Transaction, window: Window) -> Slice[KeyRow]:
    """The caller's keys, the newest first, those too that do not count any more."""
    return await repository.list_page(tx.session, tx.asked_by().user_id, window)


async def revoke_key(tx: Transaction, key_id: UUID) -> None:
    """Have a key of the caller's count no more, everywhere within a second.

    Raises:
        NeedsSession: a key asks for it.
        NoSuchKey: the caller has none by that id.
    """
    own_session(tx)
    row = await repository.find(tx.session, tx.asked_by().user_id, key_id)
    if row is None:
        raise NoSuchKey
    if row.revoked_at is None:
        row.revoked_at = tx.now()
        await tx.session.flush()
        await announce(tx, Ended(user_id=row.user_id, key_id=row.id))
        await _tell(tx, "revoked", row)


@tells("api_keys")
async def tell_keys(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    for row in await repository.list_all(tx.session, user_id):
        yield {
            "name": row.name,
            "hint": row.hint,
            "scopes": row.scopes,
            "networks": row.networks,
            "created_at": row.created_at,
            "last_used_at": row.last_used_at,
            "last_address": row.last_address,
        }


@forgets("api_keys")
async def forget_keys(tx: Transaction, user_id: UUID) -> None:
    await repository.drop_all(tx.session, user_id)


async def _tell(tx: Transaction, done: str, row: KeyRow) -> None:
    told = {"name": row.name, "hint": row.hint, "scopes": row.scopes, "networks": row.networks}
    await trail.record(
        tx, action=f"keys.{done}", object_kind="api_key", object_id=row.id, after=told
    )
