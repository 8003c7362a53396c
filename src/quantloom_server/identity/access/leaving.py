"""Leaving: an account that is deleted keeps its id and loses everything that names a person."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select

from quantloom_server.identity import repository as known
from quantloom_server.identity.access import repository
from quantloom_server.identity.access.accounts import get_row, tell
from quantloom_server.identity.access.errors import NotOneself
from quantloom_server.identity.access.rules import refuse_higher, refuse_last_admin
from quantloom_server.identity.personal import Part, forget_parts, tells
from quantloom_server.identity.service import end_sessions
from quantloom_server.identity.tables import UserRow
from quantloom_server.platform.trail import AuditDetailRow, AuditEntryRow
from quantloom_server.platform.transaction import Transaction

_NO_PASSWORD = "!"  # noqa: S105  no hash begins so: nothing verifies against it


async def delete_account(tx: Transaction, user_id: UUID) -> None:
    """Delete somebody else's account.

    Raises:
        NoSuchUser: there is none, or it was deleted.
        NotOneself: it is the caller's own.
        BeyondOwn: the user may do more than the caller.
        LastAdmin: a workspace with others in it would have no administrator.
    """
    if user_id == tx.asked_by().user_id:
        raise NotOneself
    row = await get_row(tx, user_id, lock=True)
    await refuse_higher(tx, user_id)
    await leave(tx, row)


async def leave(tx: Transaction, row: UserRow) -> None:
    """Delete an account: rows that ledgers need stay, and nothing in them names the person.

    Raises:
        LastAdmin: a workspace with others in it would have no administrator.
    """
    await _leave_workspaces(tx, row)
    await end_sessions(tx, row.id)
    await tx.session.refresh(row)
    await repository.drop_secrets(tx.session, row.id)
    await forget_parts(tx, row.id)
    _anonymise(row, tx)
    await tx.session.flush()
    await tell(tx, "user_deleted", row.id)
    await repository.forget_details(tx.session, row.id)


async def _leave_workspaces(tx: Transaction, row: UserRow) -> None:
    for belonging in await repository.list_belongings(tx.session, row.id):
        if belonging.is_operators or await repository.has_other_member(
            tx.session, belonging.id, row.id
        ):
            await refuse_last_admin(tx, belonging.id, row.id)
            continue
        own = await repository.find_workspace(tx.session, belonging.id, lock=True)
        if own is not None:
            # It was named after its owner.
            own.name = "left"
    await repository.drop_memberships(tx.session, row.id)


def _anonymise(row: UserRow, tx: Transaction) -> None:
    row.username = f"left-{row.id.hex}"
    row.email = f"{row.id.hex}@left.invalid"
    row.full_name, row.avatar_url, row.phone = "", None, None
    row.password_hash, row.is_active = _NO_PASSWORD, False
    row.deleted_at = tx.now()


@tells("account")
async def tell_account(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    row = await get_row(tx, user_id)
    yield {
        "id": row.id,
        "username": row.username,
        "email": row.email,
        "email_verified_at": row.email_verified_at,
        "full_name": row.full_name,
        "avatar_url": row.avatar_url,
        "phone": row.phone,
        "created_at": row.created_at,
        "terms_agreed_at": row.terms_agreed_at,
    }


@tells("workspaces")
async def tell_workspaces(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    for belonging in await repository.list_belongings(tx.session, user_id):
        yield {
            "id": belonging.id,
            "name": belonging.name,
            "role": belonging.role,
            "since": belonging.since,
        }


@tells("sessions")
async def tell_sessions(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    for row in await known.open_sessions(tx.session, user_id, tx.now()):
        yield {
            "id": row.id,
            "address": row.address,
            "user_agent": row.user_agent,
            "created_at": row.created_at,
            "last_used_at": row.last_used_at,
        }


@tells("acts")
async def tell_acts(tx: Transaction, user_id: UUID) -> AsyncIterator[Part]:
    """What the audit trail holds of the person's own acts."""
    statement = (
        select(AuditEntryRow, AuditDetailRow.before, AuditDetailRow.after)
        .outerjoin(AuditDetailRow, AuditDetailRow.entry_id == AuditEntryRow.id)
        .where(AuditEntryRow.actor_id == user_id)
        .order_by(AuditEntryRow.id)
    )
    async for entry, before, after in await tx.session.stream(
        statement.execution_options(yield_per=500)
    ):
        yield {
            "at": entry.at,
            "action": entry.action,
            "object_kind": entry.object_kind,
            "object_id": entry.object_id,
            "address": entry.address,
            "before": before,
            "after": after,
        }
