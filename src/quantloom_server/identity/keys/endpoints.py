"""Routes of the caller's API keys."""

from datetime import timedelta
from uuid import UUID

from fastapi import Response

from quantloom_server.identity.endpoints import MeansOf
from quantloom_server.identity.errors import NeedsSession
from quantloom_server.identity.keys import service
from quantloom_server.identity.keys.errors import NoSuchKey, ScopesBeyond, TooManyKeys
from quantloom_server.identity.keys.schemas import KeyIn, KeyMadeOut, KeyOut
from quantloom_server.identity.keys.service import NewKey
from quantloom_server.platform.errors import StepUpRequired
from quantloom_server.platform.paging import Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import Routes, Tx

routes = Routes("/api/v1/keys", tag="Access")


@routes.get(needs=Permission.KEYS, summary="List own API keys")
async def list_keys(tx: Tx, window: WindowOf) -> Page[KeyOut]:
    """The newest first, those too that do not count any more."""
    return Page[KeyOut].of(await service.list_keys(tx, window), KeyOut.model_validate)


@routes.post(
    needs=Permission.KEYS,
    step_up=True,
    pace=Pace.AUTH,
    status_code=201,
    summary="Make an API key",
    errors=(ScopesBeyond, TooManyKeys, NeedsSession, StepUpRequired),
)
async def add_key(body: KeyIn, tx: Tx, means: MeansOf, response: Response) -> KeyMadeOut:
    """For programs of yours, in this workspace. Unlock trading first; no key makes another."""
    new = NewKey(
        name=body.name,
        scopes=frozenset(body.scopes),
        networks=tuple(str(network) for network in body.networks),
        life=timedelta(days=body.expires_in_days),
        requests_per_minute=body.requests_per_minute,
    )
    row, text = await service.add_key(tx, means.ring, new)
    response.headers["Cache-Control"] = "no-store"
    return KeyMadeOut(**KeyOut.model_validate(row).model_dump(), key=text)


@routes.delete(
    "/{key_id}",
    needs=Permission.KEYS,
    status_code=204,
    summary="Revoke an API key",
    errors=(NoSuchKey, NeedsSession),
)
async def revoke_key(key_id: UUID, tx: Tx) -> None:
    """It counts nowhere any more within a second, and stays in the list."""
    await service.revoke_key(tx, key_id)
