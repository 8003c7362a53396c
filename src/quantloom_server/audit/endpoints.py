"""The audit trail over HTTP: read it, export it, see how far its chain is."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request
from fastapi.responses import StreamingResponse

from quantloom_server.audit import service
from quantloom_server.audit.exporting import MEDIA_TYPES, Format, lines_of
from quantloom_server.audit.repository import Sought
from quantloom_server.audit.schemas import EntryOut, EntryWithDetails
from quantloom_server.platform.paging import Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import Routes, Tx, caller_of, parts_of
from quantloom_server.platform.streaming import begun

routes = Routes("/api/v1/audit", tag="Audit")
_TEXT = {"schema": {"type": "string"}}


async def ask_sought(
    *,
    actor_id: Annotated[UUID | None, Query(description="Who acted.")] = None,
    action: Annotated[
        str | None, Query(max_length=100, description="The act, or how it begins: `identity.`")
    ] = None,
    object_kind: Annotated[
        str | None, Query(max_length=100, description="What was acted on, such as `user`.")
    ] = None,
    object_id: Annotated[str | None, Query(max_length=200, description="Which of them.")] = None,
    since: Annotated[datetime | None, Query(description="From this moment on.")] = None,
    until: Annotated[datetime | None, Query(description="Before this moment.")] = None,
) -> Sought:
    return Sought(
        actor_id=actor_id,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        since=since,
        until=until,
    )


SoughtOf = Annotated[Sought, Depends(ask_sought)]


@routes.get(needs=Permission.AUDIT_READ, summary="List who did what")
async def list_entries(tx: Tx, sought: SoughtOf, window: WindowOf) -> Page[EntryOut]:
    """The acts of your workspace and your own ones, newest first."""
    part = await service.list_entries(tx, sought, window)
    return Page[EntryOut].of(part, EntryOut.model_validate)


@routes.get(
    "/export",
    needs=Permission.AUDIT_READ,
    summary="Export who did what",
    response_class=StreamingResponse,
    responses={200: {"content": dict.fromkeys(MEDIA_TYPES.values(), _TEXT)}},
)
async def export_entries(
    request: Request,
    sought: SoughtOf,
    form: Annotated[Format, Query(alias="format", description="Of the file.")] = Format.CSV,
) -> StreamingResponse:
    """The same acts as a file, oldest first, streamed."""
    headers = {"Content-Disposition": f'attachment; filename="audit.{form}"'}

    async def lines() -> AsyncIterator[bytes]:
        # Of its own: the request's transaction ends before the last line is sent.
        async with parts_of(request).transaction(caller=caller_of(request)) as tx:
            async for line in lines_of(service.stream_entries(tx, sought), form):
                yield line

    return StreamingResponse(await begun(lines()), media_type=MEDIA_TYPES[form], headers=headers)


@routes.get("/{entry_id}", needs=Permission.AUDIT_READ, summary="Read one act")
async def get_entry(tx: Tx, entry_id: UUID) -> EntryWithDetails:
    """One act, with what the thing was before and after it."""
    entry, detail = await service.get_entry(tx, entry_id)
    shown = EntryWithDetails.model_validate(entry)
    if detail is None:
        return shown
    return shown.model_copy(update={"before": detail.before, "after": detail.after})
