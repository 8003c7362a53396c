"""New accounts: a user, a workspace of their own, and what they are in it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from quantloom_server.identity import repository, roles
from quantloom_server.identity.errors import NameTaken
from quantloom_server.identity.tables import MembershipRow, UserRow, WorkspaceRow
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """What an account begins with."""

    username: str
    email: str
    full_name: str = ""
    phone: str | None = None
    role: str = roles.NEWCOMER
    has_agreed: bool = False
    must_verify_email: bool = False


def scope_of_new(parts: Parts) -> Scope:
    """The scope to add an account in: of the user and the workspace that are to be."""
    return Scope(user_id=parts.ids.new(), workspace_id=parts.ids.new(), purpose="sign_in")


async def add_account(
    tx: Transaction, scope: Scope, *, account: NewAccount, password_hash: str
) -> UserRow:
    """Add a user with a workspace of their own.

    Args:
        tx: a transaction in `scope`.
        scope: one of `scope_of_new`.
        account: what it begins with.
        password_hash: its password, hashed by `Hasher`.
    Raises:
        NameTaken: another account has the username or the e-mail address.
    """
    user_id, workspace_id = _ids_of(scope)
    taken = await repository.field_taken(tx.session, username=account.username, email=account.email)
    if taken:
        raise NameTaken(taken)
    user = UserRow(
        id=user_id,
        username=account.username,
        email=account.email,
        full_name=account.full_name,
        phone=account.phone,
        password_hash=password_hash,
        is_active=True,
        session_version=1,
        created_at=tx.now(),
        terms_agreed_at=tx.now() if account.has_agreed else None,
        must_verify_email=account.must_verify_email,
    )
    try:
        await repository.add_rows(tx.session, user)
    except IntegrityError as error:  # somebody was quicker by less than this transaction
        raise NameTaken("username or email") from error
    await repository.add_rows(tx.session, WorkspaceRow(id=workspace_id, name=account.username))
    await repository.add_rows(
        tx.session,
        MembershipRow(workspace_id=workspace_id, user_id=user_id, role=account.role),
    )
    return user


def _ids_of(scope: Scope) -> tuple[UUID, UUID]:
    if scope.user_id is None or scope.workspace_id is None:
        raise ValueError(scope)
    return scope.user_id, scope.workspace_id
