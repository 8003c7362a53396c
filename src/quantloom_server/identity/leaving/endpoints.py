"""Routes of leaving, and of taking along all that is held of a person."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from fastapi import Request
from fastapi.responses import StreamingResponse

from quantloom_server.identity.access import leaving
from quantloom_server.identity.access.errors import BeyondOwn, LastAdmin, NotOneself
from quantloom_server.identity.endpoints import ActingOf
from quantloom_server.identity.errors import NeedsSession, NoSuchUser, ProofRefused
from quantloom_server.identity.personal import write_export
from quantloom_server.identity.proving import Proof, proven
from quantloom_server.identity.schemas import ProofIn
from quantloom_server.identity.service import own_session
from quantloom_server.platform.errors import TooMany
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import AdminTx, Routes, Tx, caller_of, parts_of

users = Routes("/api/v1/users", tag="Users")
routes = Routes("/api/v1/account", tag="Identity")


@users.delete(
    "/{user_id}",
    needs=Permission.USERS_WRITE,
    status_code=204,
    summary="Delete an account",
    errors=(NoSuchUser, NotOneself, BeyondOwn, LastAdmin),
)
async def delete_user(user_id: UUID, tx: AdminTx) -> None:
    """Names, secrets and the details of its acts are gone; what ledgers need stays, unnamed."""
    own_session(tx)
    await leaving.delete_account(tx, user_id)


@routes.get(
    "/export",
    needs=Permission.PROFILE,
    summary="Export all that is held of you",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    errors=(NeedsSession,),
)
async def export_account(request: Request, tx: Tx) -> StreamingResponse:
    """One JSON object, streamed, with a list for each part of the platform."""
    own_session(tx)
    user_id = tx.asked_by().user_id

    async def parts() -> AsyncIterator[bytes]:
        # Of its own: the request's transaction ends before the last part is sent.
        async with parts_of(request).transaction(caller=caller_of(request)) as mine:
            async for part in write_export(mine, user_id):
                yield part

    headers = {
        "Content-Disposition": 'attachment; filename="account.json"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(parts(), media_type="application/json", headers=headers)


@routes.post(
    "/delete",
    needs=Permission.PROFILE,
    pace=Pace.AUTH,
    status_code=204,
    summary="Delete the own account",
    errors=(ProofRefused, LastAdmin, NeedsSession, TooMany),
)
async def delete_account(body: ProofIn, acting: ActingOf) -> None:
    """For good: names, secrets and the details of your acts are gone; what ledgers need stays."""
    proof = Proof(password=body.password.get_secret_value(), code=body.code)
    scope = replace(acting.caller.scope, purpose="administer")
    async with proven(replace(acting, scope=scope), proof) as given:
        await leaving.leave(given.tx, given.user)
