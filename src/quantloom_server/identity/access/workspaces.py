"""Workspaces: which somebody is in, making one, and acting in another."""

from uuid import UUID

from quantloom_server.identity import opening
from quantloom_server.identity import repository as accounts
from quantloom_server.identity.access import repository
from quantloom_server.identity.access.errors import NoSuchWorkspace
from quantloom_server.identity.access.repository import Belonging
from quantloom_server.identity.ended import Ended, announce
from quantloom_server.identity.errors import SessionOver
from quantloom_server.identity.means import Means
from quantloom_server.identity.opening import Tokens
from quantloom_server.identity.roles import ADMIN
from quantloom_server.identity.service import own_session
from quantloom_server.identity.tables import MembershipRow, WorkspaceRow
from quantloom_server.platform import trail
from quantloom_server.platform.transaction import Transaction


async def list_workspaces(tx: Transaction) -> list[Belonging]:
    """The caller's workspaces, the one they have been in for longest first."""
    return await repository.list_belongings(tx.session, tx.asked_by().user_id)


async def get_workspace(tx: Transaction, workspace_id: UUID, *, lock: bool = False) -> Belonging:
    """One of the caller's workspaces.

    Raises:
        NoSuchWorkspace: they are not in it.
    """
    if lock:
        await repository.find_workspace(tx.session, workspace_id, lock=True)
    for belonging in await list_workspaces(tx):
        if belonging.id == workspace_id:
            return belonging
    raise NoSuchWorkspace


async def add_workspace(tx: Transaction, name: str) -> Belonging:
    """Make a workspace; the caller administers it, and goes on acting where they were."""
    caller = tx.asked_by()
    own_session(tx)
    workspace_id = tx.new_id()
    await accounts.add_rows(tx.session, WorkspaceRow(id=workspace_id, name=name))
    await accounts.add_rows(
        tx.session, MembershipRow(workspace_id=workspace_id, user_id=caller.user_id, role=ADMIN)
    )
    await _tell(tx, "workspace_added", workspace_id, after={"name": name})
    return await get_workspace(tx, workspace_id)


async def rename_workspace(tx: Transaction, workspace_id: UUID, name: str) -> Belonging:
    """Rename the workspace that the caller acts in.

    Raises:
        NoSuchWorkspace: they act in another one.
    """
    refuse_elsewhere(tx, workspace_id)
    row = await repository.find_workspace(tx.session, workspace_id, lock=True)
    if row is None:
        raise NoSuchWorkspace
    before, row.name = row.name, name
    await tx.session.flush()
    await _tell(
        tx, "workspace_renamed", workspace_id, before={"name": before}, after={"name": name}
    )
    return await get_workspace(tx, workspace_id)


async def switch(tx: Transaction, means: Means, workspace_id: UUID) -> Tokens:
    """Act in another workspace from now on, in this session; what was unlocked is locked.

    Tokens that were given for the workspace before do not count any more.

    Raises:
        NoSuchWorkspace: the caller is not in it.
        NeedsSession: the caller is a program with a key, which belongs to one workspace.
    """
    session_id = own_session(tx)
    await get_workspace(tx, workspace_id)
    session = await accounts.find_session(tx.session, session_id, lock=True)
    if session is None:
        raise SessionOver
    session.workspace_id, session.unlocked_until = workspace_id, None
    await tx.session.flush()
    await announce(tx, Ended(user_id=session.user_id, session_id=session_id))
    await _tell(tx, "workspace_switched", workspace_id)
    return opening.renew_access(tx, means, session)


def refuse_elsewhere(tx: Transaction, workspace_id: UUID) -> None:
    """Refuse a workspace that the caller does not act in, whether or not it is there.

    Raises:
        NoSuchWorkspace: it is another one.
    """
    if tx.asked_by().workspace_id != workspace_id:
        raise NoSuchWorkspace


async def _tell(
    tx: Transaction,
    done: str,
    workspace_id: UUID,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    await trail.record(
        tx,
        action=f"access.{done}",
        object_kind="workspace",
        object_id=workspace_id,
        before=before,
        after=after,
    )
