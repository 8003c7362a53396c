"""What is told of an act: to the audit trail always, to the account's owner where it is grave."""

from uuid import UUID

from quantloom_server.identity.mails import compose
from quantloom_server.identity.means import Means, Visit
from quantloom_server.identity.tables import UserRow
from quantloom_server.identity.throttling import LOCK
from quantloom_server.platform import mail, outbox, trail
from quantloom_server.platform.trail import Actor
from quantloom_server.platform.transaction import Transaction

_MINUTES = int(LOCK.total_seconds()) // 60


async def note(
    tx: Transaction,
    action: str,
    user_id: UUID,
    *,
    visit: Visit,
    workspace_id: UUID | None = None,
) -> None:
    """Write an act on an account into the audit trail."""
    # Who signs in, or resets a password, is not a caller yet.
    actor = (
        None
        if tx.caller
        else Actor(user_id=user_id, workspace_id=workspace_id, address=visit.address)
    )
    await trail.record(
        tx, action=f"identity.{action}", object_kind="user", object_id=user_id, actor=actor
    )


async def warn(tx: Transaction, means: Means, kind: str, user: UserRow, *, visit: Visit) -> None:
    """Have a mail sent to the owner of an account."""
    written = compose(
        kind,
        user.email,
        is_chinese=visit.is_chinese,
        username=user.username,
        address=visit.address or "?",
        url=means.public_url,
        minutes=_MINUTES,
    )
    await outbox.add(tx, topic=mail.TOPIC, payload=written.payload())
