"""Four eyes: one person proposes an act, another decides, and the act is done as they do.

The act is done in the transaction of the decision: both are kept, or neither is.
"""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel

from quantloom_server.identity.approvals import repository
from quantloom_server.identity.approvals.errors import (
    AlreadyProposed,
    ApprovalIsOver,
    NoSuchApproval,
    NotProposer,
    OwnProposal,
    ProposerGone,
)
from quantloom_server.identity.approvals.kinds import KINDS
from quantloom_server.identity.approvals.tables import ApprovalRow
from quantloom_server.identity.repository import find_membership
from quantloom_server.identity.service import own_session
from quantloom_server.platform import trail
from quantloom_server.platform.errors import NotPermitted
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction

LIFE = timedelta(days=7)


class State(StrEnum):
    """What has become of a proposal."""

    OPEN = repository.OPEN
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


async def propose(
    tx: Transaction, *, kind: str, subject: str, payload: BaseModel, reason: str = ""
) -> UUID:
    """Write down an act that somebody else has to agree to; the id of its approval.

    Args:
        tx: the transaction of whoever proposes.
        kind: a name that `@approvable` declared.
        subject: what the act is about, such as `member <id>`; one act of a kind waits for each.
        payload: of the type that the kind names.
        reason: what the second person should know.
    Raises:
        AlreadyProposed: the same waits for a decision.
    """
    caller = tx.asked_by()
    await _refuse_twice(tx, caller.workspace_id, kind, subject)
    row = ApprovalRow(
        id=tx.new_id(),
        workspace_id=caller.workspace_id,
        kind=kind,
        payload=KINDS[kind].payload.model_validate(payload).model_dump(mode="json"),
        subject=subject,
        reason=reason,
        note="",
        state=State.OPEN,
        proposed_by=caller.user_id,
        created_at=tx.now(),
        expires_at=tx.now() + LIFE,
    )
    tx.session.add(row)
    await tx.session.flush()
    await _tell(tx, row, "proposed")
    return row.id


async def list_approvals(
    tx: Transaction, state: State | None, window: Window
) -> Slice[ApprovalRow]:
    """The proposals of the caller's workspace, the newest first."""
    return await repository.list_page(tx.session, tx.asked_by().workspace_id, state, window)


async def get_approval(tx: Transaction, approval_id: UUID, *, lock: bool = False) -> ApprovalRow:
    """Read one proposal.

    Raises:
        NoSuchApproval: there is none in the caller's workspace.
    """
    workspace_id = tx.asked_by().workspace_id
    row = await repository.find(tx.session, workspace_id, approval_id, lock=lock)
    if row is None:
        raise NoSuchApproval(approval_id)
    return row


async def approve(tx: Transaction, approval_id: UUID, note: str = "") -> ApprovalRow:
    """Agree to an act, and do it.

    Raises:
        NoSuchApproval: there is none in the caller's workspace.
        ApprovalIsOver: it was decided or withdrawn, or waited too long.
        OwnProposal: the caller proposed it.
        NotPermitted: the caller could not do the act either.
        ProposerGone: whoever proposed it has left.
    """
    row = await _get_open(tx, approval_id)
    caller, kind = tx.asked_by(), KINDS[row.kind]
    if row.proposed_by == caller.user_id:
        raise OwnProposal
    if not caller.may(kind.needs):
        raise NotPermitted(kind.needs)
    if await find_membership(tx.session, row.proposed_by, row.workspace_id) is None:
        raise ProposerGone
    await _decide(tx, row, State.APPROVED, note)
    await kind.act(tx, kind.payload.model_validate(row.payload))
    return row


async def reject(tx: Transaction, approval_id: UUID, note: str = "") -> ApprovalRow:
    """Refuse an act.

    Raises:
        NoSuchApproval: there is none in the caller's workspace.
        ApprovalIsOver: it was decided or withdrawn, or waited too long.
        OwnProposal: the caller proposed it, and can withdraw it.
    """
    row = await _get_open(tx, approval_id)
    if row.proposed_by == tx.asked_by().user_id:
        raise OwnProposal
    await _decide(tx, row, State.REJECTED, note)
    return row


async def withdraw(tx: Transaction, approval_id: UUID) -> None:
    """Take back what the caller proposed.

    Raises:
        NoSuchApproval: there is none in the caller's workspace.
        ApprovalIsOver: it was decided or withdrawn, or waited too long.
        NotProposer: somebody else proposed it.
    """
    row = await _get_open(tx, approval_id)
    if row.proposed_by != tx.asked_by().user_id:
        raise NotProposer
    await _decide(tx, row, State.WITHDRAWN, "")


def state_of(row: ApprovalRow, tx: Transaction) -> State:
    """What has become of a proposal by now."""
    if row.state == State.OPEN and tx.now() >= row.expires_at:
        return State.EXPIRED
    return State(row.state)


async def _get_open(tx: Transaction, approval_id: UUID) -> ApprovalRow:
    own_session(tx)
    row = await get_approval(tx, approval_id, lock=True)
    state = state_of(row, tx)
    if state is not State.OPEN:
        raise ApprovalIsOver(approval_id, state)
    return row


async def _refuse_twice(tx: Transaction, workspace_id: UUID, kind: str, subject: str) -> None:
    waiting = await repository.find_open(tx.session, workspace_id, kind, subject)
    if waiting is None:
        return
    if state_of(waiting, tx) is State.OPEN:
        raise AlreadyProposed(waiting.id)
    waiting.state = State.EXPIRED


async def _decide(tx: Transaction, row: ApprovalRow, state: State, note: str) -> None:
    row.state, row.note = state, note
    row.decided_by, row.decided_at = tx.asked_by().user_id, tx.now()
    await tx.session.flush()
    await _tell(tx, row, state)


async def _tell(tx: Transaction, row: ApprovalRow, done: str) -> None:
    await trail.record(
        tx,
        action=f"approvals.{done}",
        object_kind="approval",
        object_id=row.id,
        after={
            "kind": row.kind,
            "subject": row.subject,
            "payload": row.payload,
            "reason": row.reason,
            "note": row.note,
        },
    )
