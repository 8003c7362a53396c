"""Routes of others' accounts, of roles, workspaces and their members."""

from dataclasses import dataclass, field, replace
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from quantloom_server.identity.access import accounts, members, rolebook, workspaces
from quantloom_server.identity.access.accounts import (
    Account,
    AccountChange,
    NewUser,
    Office,
    one_time_password,
)
from quantloom_server.identity.access.errors import (
    AlreadyMember,
    BeyondOwn,
    LastAdmin,
    NoSuchRole,
    NoSuchWorkspace,
    NotOneself,
    RoleFixed,
    RoleInUse,
    RoleThere,
)
from quantloom_server.identity.access.repository import Belonging, Member
from quantloom_server.identity.access.rolebook import RoleChange
from quantloom_server.identity.access.schemas import (
    MemberIn,
    MemberOut,
    MembersOut,
    NewMemberIn,
    NewRoleIn,
    OneTimePasswordOut,
    RoleIn,
    RoleOut,
    RolesOut,
    SwitchedOut,
    UserAddedOut,
    UserChangeIn,
    UserIn,
    UserOut,
    WorkspaceIn,
    WorkspaceOut,
    WorkspacesOut,
)
from quantloom_server.identity.approvals.errors import AlreadyProposed
from quantloom_server.identity.endpoints import MeansOf, VisitOf
from quantloom_server.identity.errors import NameTaken, NeedsSession, NoFactor, NoSuchUser
from quantloom_server.identity.roles import SHIPPED, meant
from quantloom_server.identity.service import own_session
from quantloom_server.identity.tables import RoleRow
from quantloom_server.platform.edge.conditions import Expected, IfMatch
from quantloom_server.platform.errors import PreconditionFailed
from quantloom_server.platform.paging import Page, WindowOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import (
    AdminTx,
    PartsOf,
    Routes,
    Tx,
)
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import FourEyes

users = Routes("/api/v1/users", tag="Users")
roles = Routes("/api/v1/roles", tag="Access")
places = Routes("/api/v1/workspaces", tag="Access")

_RIGHTS = (NoSuchUser, NoSuchRole, BeyondOwn, LastAdmin, AlreadyProposed)


async def _four_eyes(parts: PartsOf) -> FourEyes:
    return parts.settings.four_eyes


PolicyOf = Annotated[FourEyes, Depends(_four_eyes)]


async def _office(means: MeansOf, visit: VisitOf, policy: PolicyOf) -> Office:
    # Mails go in both languages: who acts is not who reads them.
    return Office(means, replace(visit, is_chinese=None), policy)


OfficeOf = Annotated[Office, Depends(_office)]


@dataclass(frozen=True, slots=True)
class OneTime:
    """A password for one sign-in, and what is stored of it."""

    password: str = field(repr=False)
    hashed: str = field(repr=False)


async def _one_time(means: MeansOf) -> OneTime:
    # Named before the transaction, which would stay open for as long as hashing takes.
    password = one_time_password()
    return OneTime(password, await means.hasher.hash(password))


OneTimeOf = Annotated[OneTime, Depends(_one_time)]


@users.get(needs=Permission.USERS_READ, summary="List accounts")
async def list_users(
    tx: AdminTx,
    window: WindowOf,
    q: Annotated[
        str | None, Query(max_length=100, description="Part of a name or an e-mail address.")
    ] = None,
    is_active: Annotated[bool | None, Query(description="Only open ones, or shut ones.")] = None,
) -> Page[UserOut]:
    """Every account of the platform, the newest first."""
    part = await accounts.list_accounts(tx, named=q, is_active=is_active, window=window)
    return Page[UserOut].of(part, _shown_user)


@users.post(
    needs=Permission.USERS_WRITE,
    pace=Pace.AUTH,
    status_code=201,
    summary="Add an account",
    errors=(NameTaken, AlreadyMember, *_RIGHTS),
)
async def add_user(
    body: UserIn, response: Response, given: OneTimeOf, *, tx: AdminTx, policy: PolicyOf
) -> UserAddedOut:
    """The answer holds a password for the first sign-in, which must be changed then.

    The account is a member of this workspace. A role that gives away weighty rights waits for a
    second person; until then the account is a viewer.
    """
    new = NewUser(**body.model_dump(exclude={"role"}))
    made = await accounts.add_account(
        tx, new, role=body.role, password_hash=given.hashed, policy=policy
    )
    response.headers["Cache-Control"] = "no-store"
    return UserAddedOut(**_shown_user(made).model_dump(), one_time_password=given.password)


@users.get("/{user_id}", needs=Permission.USERS_READ, summary="Read an account")
async def get_user(user_id: UUID, tx: AdminTx) -> UserOut:
    """One account of the platform."""
    return _shown_user(await accounts.get_account(tx, user_id))


@users.patch(
    "/{user_id}",
    needs=Permission.USERS_WRITE,
    summary="Change an account",
    errors=(NameTaken, NotOneself, PreconditionFailed, *_RIGHTS),
)
async def change_user(
    user_id: UUID, body: UserChangeIn, *, tx: AdminTx, office: OfficeOf, expected: IfMatch
) -> UserOut:
    """Its names, whether it is open, and what it is in this workspace; what is left out stays.

    Another e-mail address has yet to be confirmed by its owner; a mail to the old one tells them.
    """
    own_session(tx)
    if expected.is_said:
        expected.refuse_changed(_shown_user(await accounts.get_account(tx, user_id, lock=True)))
    change = AccountChange(**body.model_dump())
    return _shown_user(await accounts.change_account(tx, user_id, change, office))


@users.post(
    "/{user_id}/password",
    needs=Permission.USERS_WRITE,
    pace=Pace.AUTH,
    summary="Give an account a password for one sign-in",
    errors=(NotOneself, BeyondOwn),
)
async def give_password(
    user_id: UUID, response: Response, given: OneTimeOf, tx: AdminTx
) -> OneTimePasswordOut:
    """All its sessions end; the password must be changed at the next sign-in."""
    own_session(tx)
    await accounts.give_password(tx, user_id, password_hash=given.hashed)
    response.headers["Cache-Control"] = "no-store"
    return OneTimePasswordOut(one_time_password=given.password)


@users.post(
    "/{user_id}/unlock",
    needs=Permission.USERS_WRITE,
    status_code=204,
    summary="Let a locked account be tried again",
)
async def unlock_user(user_id: UUID, tx: AdminTx, means: MeansOf) -> None:
    """Too many wrong passwords lock an account for a quarter of an hour; this ends that."""
    await accounts.unlock(tx, means, user_id)


@users.post(
    "/{user_id}/reset-second-factor",
    needs=Permission.USERS_WRITE,
    step_up=True,
    status_code=204,
    summary="Take the second factor of somebody who lost it away",
    errors=(NotOneself, BeyondOwn, NoFactor),
)
async def reset_second_factor(user_id: UUID, tx: AdminTx, office: OfficeOf) -> None:
    """All their sessions end and a mail tells them; they sign in by password and set up another.

    Make sure first that it is them who ask: afterwards the password alone lets in.
    """
    own_session(tx)
    await accounts.reset_second_factor(tx, office, user_id)


@roles.get(needs=Permission.ROLES_READ, summary="List roles and permissions")
async def list_roles(tx: Tx) -> RolesOut:
    """All roles, by name, and every permission that one may hold."""
    items = [_shown_role(row) for row in await rolebook.list_roles(tx)]
    return RolesOut(items=items, permissions=[*Permission])


@roles.post(
    needs=Permission.ROLES_WRITE,
    status_code=201,
    summary="Make a role",
    errors=(RoleThere, BeyondOwn),
)
async def add_role(body: NewRoleIn, tx: AdminTx) -> RoleOut:
    """It permits nothing that you may not do yourself."""
    own_session(tx)
    return _shown_role(await rolebook.add_role(tx, body.name, _change_of(body)))


@roles.get("/{name}", needs=Permission.ROLES_READ, summary="Read a role", errors=(NoSuchRole,))
async def get_role(name: str, tx: Tx) -> RoleOut:
    """A role, and what it permits."""
    return _shown_role(await rolebook.get_role(tx, name))


@roles.put(
    "/{name}",
    needs=Permission.ROLES_WRITE,
    summary="Change a role",
    errors=(NoSuchRole, RoleFixed, BeyondOwn, AlreadyProposed, PreconditionFailed),
)
async def change_role(
    name: str, body: RoleIn, *, tx: AdminTx, policy: PolicyOf, expected: IfMatch
) -> RoleOut:
    """Counts for its members within a second, in every workspace.

    Giving weighty rights to a role that somebody is in waits for a second person.
    """
    own_session(tx)
    await _refuse_changed_role(tx, name, expected)
    row, waiting = await rolebook.change_role(tx, name, _change_of(body), policy)
    return _shown_role(row, waiting)


@roles.delete(
    "/{name}",
    needs=Permission.ROLES_WRITE,
    status_code=204,
    summary="Remove a role",
    errors=(NoSuchRole, RoleFixed, RoleInUse, BeyondOwn, PreconditionFailed),
)
async def drop_role(name: str, tx: AdminTx, expected: IfMatch) -> None:
    """Only one of your own making that nobody is in."""
    own_session(tx)
    await _refuse_changed_role(tx, name, expected)
    await rolebook.drop_role(tx, name)


@places.get(needs=Permission.WORKSPACES_READ, summary="List own workspaces")
async def list_workspaces(tx: AdminTx) -> WorkspacesOut:
    """Those you are in, the one you have been in for longest first; sessions begin there."""
    current = tx.asked_by().workspace_id
    items = [
        _shown_workspace(belonging, current) for belonging in await workspaces.list_workspaces(tx)
    ]
    return WorkspacesOut(items=items)


@places.post(
    needs=Permission.WORKSPACES_WRITE,
    status_code=201,
    summary="Make a workspace",
    errors=(NeedsSession,),
)
async def add_workspace(body: WorkspaceIn, tx: AdminTx) -> WorkspaceOut:
    """You administer it. You go on acting where you are until you switch."""
    made = await workspaces.add_workspace(tx, body.name)
    return _shown_workspace(made, tx.asked_by().workspace_id)


@places.get(
    "/{workspace_id}",
    needs=Permission.WORKSPACES_READ,
    summary="Read an own workspace",
    errors=(NoSuchWorkspace,),
)
async def get_workspace(workspace_id: UUID, tx: AdminTx) -> WorkspaceOut:
    """One that you are in, and as what."""
    found = await workspaces.get_workspace(tx, workspace_id)
    return _shown_workspace(found, tx.asked_by().workspace_id)


@places.patch(
    "/{workspace_id}",
    needs=Permission.WORKSPACES_WRITE,
    summary="Rename this workspace",
    errors=(NoSuchWorkspace, PreconditionFailed),
)
async def rename_workspace(
    workspace_id: UUID, body: WorkspaceIn, tx: Tx, expected: IfMatch
) -> WorkspaceOut:
    """Only the one you act in."""
    workspaces.refuse_elsewhere(tx, workspace_id)
    if expected.is_said:
        found = await workspaces.get_workspace(tx, workspace_id, lock=True)
        expected.refuse_changed(_shown_workspace(found, workspace_id))
    renamed = await workspaces.rename_workspace(tx, workspace_id, body.name)
    return _shown_workspace(renamed, workspace_id)


@places.post(
    "/{workspace_id}/switch",
    needs=Permission.WORKSPACES_READ,
    summary="Act in another workspace",
    errors=(NoSuchWorkspace, NeedsSession),
)
async def switch_workspace(
    workspace_id: UUID, tx: AdminTx, means: MeansOf, response: Response
) -> SwitchedOut:
    """From now on the session acts there; access tokens given before do not count any more."""
    tokens = await workspaces.switch(tx, means, workspace_id)
    response.headers["Cache-Control"] = "no-store"
    return SwitchedOut(
        access_token=tokens.access, expires_in=tokens.expires_in, workspace_id=workspace_id
    )


@places.get(
    "/{workspace_id}/members",
    needs=Permission.WORKSPACES_READ,
    summary="List the members of this workspace",
    errors=(NoSuchWorkspace,),
)
async def list_members(workspace_id: UUID, tx: AdminTx) -> MembersOut:
    """Those in the workspace that you act in, by name."""
    workspaces.refuse_elsewhere(tx, workspace_id)
    return MembersOut(items=[_shown_member(each) for each in await members.list_members(tx)])


@places.post(
    "/{workspace_id}/members",
    needs=Permission.MEMBERS_WRITE,
    status_code=201,
    summary="Take somebody into this workspace",
    errors=(NoSuchWorkspace, AlreadyMember, *_RIGHTS),
)
async def add_member(
    workspace_id: UUID, body: NewMemberIn, tx: AdminTx, policy: PolicyOf
) -> MemberOut:
    """Somebody with an account; a role with weighty rights waits, and begins as a viewer."""
    _refuse_members(tx, workspace_id)
    member, waiting = await members.add_by_name(tx, body.login, body.role, policy)
    return _shown_member(member, waiting)


@places.get(
    "/{workspace_id}/members/{user_id}",
    needs=Permission.WORKSPACES_READ,
    summary="Read a member of this workspace",
    errors=(NoSuchWorkspace, NoSuchUser),
)
async def get_member(workspace_id: UUID, user_id: UUID, tx: AdminTx) -> MemberOut:
    """One of those in the workspace that you act in."""
    workspaces.refuse_elsewhere(tx, workspace_id)
    return _shown_member(await members.get_member(tx, user_id))


@places.patch(
    "/{workspace_id}/members/{user_id}",
    needs=Permission.MEMBERS_WRITE,
    summary="Give a member another role",
    errors=(NoSuchWorkspace, PreconditionFailed, *_RIGHTS),
)
async def change_member(
    workspace_id: UUID,
    user_id: UUID,
    body: MemberIn,
    *,
    tx: AdminTx,
    policy: PolicyOf,
    expected: IfMatch,
) -> MemberOut:
    """Their sessions end. Giving weighty rights waits for a second person."""
    _refuse_members(tx, workspace_id)
    await _refuse_changed_member(tx, user_id, expected)
    member, waiting = await members.change_role(tx, user_id, body.role, policy)
    return _shown_member(member, waiting)


@places.delete(
    "/{workspace_id}/members/{user_id}",
    needs=Permission.MEMBERS_WRITE,
    status_code=204,
    summary="Take a member out of this workspace",
    errors=(NoSuchWorkspace, NoSuchUser, BeyondOwn, LastAdmin, PreconditionFailed),
)
async def remove_member(workspace_id: UUID, user_id: UUID, tx: AdminTx, expected: IfMatch) -> None:
    """Their sessions end; what they made here stays."""
    _refuse_members(tx, workspace_id)
    await _refuse_changed_member(tx, user_id, expected)
    await members.remove_member(tx, user_id)


def _refuse_members(tx: Transaction, workspace_id: UUID) -> None:
    own_session(tx)
    workspaces.refuse_elsewhere(tx, workspace_id)


async def _refuse_changed_role(tx: Transaction, name: str, expected: Expected) -> None:
    if expected.is_said:
        expected.refuse_changed(_shown_role(await rolebook.get_role(tx, name, lock=True)))


async def _refuse_changed_member(tx: Transaction, user_id: UUID, expected: Expected) -> None:
    if expected.is_said:
        expected.refuse_changed(_shown_member(await members.get_member(tx, user_id, lock=True)))


def _change_of(body: RoleIn) -> RoleChange:
    permissions = None if body.permissions is None else frozenset(body.permissions)
    return RoleChange(description=body.description, permissions=permissions)


def _shown_user(account: Account) -> UserOut:
    shown = UserOut.model_validate(account.row)
    told = {"role": account.role, "approval_id": account.waiting}
    return shown.model_copy(update=told)


def _shown_role(row: RoleRow, waiting: UUID | None = None) -> RoleOut:
    return RoleOut(
        name=row.name,
        description=row.description,
        permissions=sorted(meant(row.name, row.permissions)),
        is_shipped=row.name in SHIPPED,
        is_changed=row.permissions is not None and row.name in SHIPPED,
        updated_at=row.updated_at,
        approval_id=waiting,
    )


def _shown_workspace(belonging: Belonging, current: UUID) -> WorkspaceOut:
    shown = WorkspaceOut.model_validate(belonging)
    return shown.model_copy(update={"is_current": belonging.id == current})


def _shown_member(member: Member, waiting: UUID | None = None) -> MemberOut:
    shown = MemberOut.model_validate(member)
    return shown.model_copy(update={"approval_id": waiting})
