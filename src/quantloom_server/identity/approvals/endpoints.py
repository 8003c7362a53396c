"""Routes of acts that wait for a second person."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query

from quantloom_server.identity.approvals import service
from quantloom_server.identity.approvals.schemas import ApprovalOut, DecisionIn
from quantloom_server.identity.approvals.service import State
from quantloom_server.identity.approvals.tables import ApprovalRow
from quantloom_server.platform.paging import Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import AdminTx, Routes, Tx
from quantloom_server.platform.transaction import Transaction

routes = Routes("/api/v1/approvals", tag="Access")

_NOTHING_SAID = DecisionIn()
DecisionOf = Annotated[DecisionIn, Body()]


@routes.get(needs=Permission.APPROVALS_READ, summary="List what waits for a second person")
async def list_approvals(
    tx: Tx,
    window: WindowOf,
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
) -> Page[ApprovalOut]:
    """The proposals of your workspace, the newest first; decided ones stay in the list."""
    part = await service.list_approvals(tx, state, window)
    return Page[ApprovalOut].of(part, lambda row: _shown(row, tx))


@routes.get("/{approval_id}", needs=Permission.APPROVALS_READ, summary="Read a proposal")
async def get_approval(approval_id: UUID, tx: Tx) -> ApprovalOut:
    """One proposal with all that the act would be done with."""
    return _shown(await service.get_approval(tx, approval_id), tx)


@routes.post(
    "/{approval_id}/approve", needs=Permission.APPROVALS_DECIDE, summary="Agree to a proposal"
)
async def approve(approval_id: UUID, tx: AdminTx, body: DecisionOf = _NOTHING_SAID) -> ApprovalOut:
    """The act is done at once, for you; you need the permission for the act itself too."""
    return _shown(await service.approve(tx, approval_id, body.note), tx)


@routes.post(
    "/{approval_id}/reject", needs=Permission.APPROVALS_DECIDE, summary="Refuse a proposal"
)
async def reject(approval_id: UUID, tx: Tx, body: DecisionOf = _NOTHING_SAID) -> ApprovalOut:
    """Nothing is done; the proposal stays in the list."""
    return _shown(await service.reject(tx, approval_id, body.note), tx)


@routes.delete(
    "/{approval_id}",
    needs=Permission.APPROVALS_READ,
    status_code=204,
    summary="Withdraw an own proposal",
)
async def withdraw(approval_id: UUID, tx: Tx) -> None:
    """Only whoever proposed an act withdraws it."""
    await service.withdraw(tx, approval_id)


def _shown(row: ApprovalRow, tx: Transaction) -> ApprovalOut:
    shown = ApprovalOut.model_validate(row)
    return shown.model_copy(update={"state": service.state_of(row, tx)})
