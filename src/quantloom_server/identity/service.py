"""Accounts and sessions, for the routes here and for other domains."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from quantloom_server.identity import repository
from quantloom_server.identity.ended import Ended, announce
from quantloom_server.identity.errors import NeedsSession, NoSuchSession, NoSuchUser
from quantloom_server.identity.tables import UserRow
from quantloom_server.platform import trail
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.reading import Reader, Told
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A user, and what they are in the workspace that the request is for."""

    id: UUID
    username: str
    email: str
    full_name: str
    avatar_url: str | None
    phone: str | None
    is_active: bool
    created_at: datetime
    workspace_id: UUID
    role: str | None
    is_email_verified: bool
    permissions: Sequence[Permission]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What users say of themselves."""

    full_name: str
    avatar_url: str | None
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What protects an account besides its password."""

    has_second_factor: bool
    recovery_codes_left: int
    has_trading_password: bool
    unlocked_until: datetime | None


async def protection(tx: Transaction) -> Protection:
    """What protects the caller's account."""
    caller = tx.asked_by()
    factor = await repository.find_factor(tx.session, caller.user_id)
    session = caller.session_id and await repository.find_session(tx.session, caller.session_id)
    until = session.unlocked_until if session else None
    return Protection(
        has_second_factor=factor is not None and factor.confirmed_at is not None,
        recovery_codes_left=await repository.unused_codes(tx.session, caller.user_id),
        has_trading_password=await repository.has_trading_password(tx.session, caller.user_id),
        unlocked_until=until if until and tx.now() < until else None,
    )


async def profile(tx: Transaction, *, lock: bool = False) -> Profile:
    """The caller's own account."""
    caller = tx.asked_by()
    user = await get_user(tx, caller.user_id, lock=lock)
    membership = await repository.find_membership(tx.session, user.id, caller.workspace_id)
    return Profile(
        id=user.id,
        username=user.username,
        email=user.email,
        full_name=user.full_name,
        avatar_url=user.avatar_url,
        phone=user.phone,
        is_active=user.is_active,
        created_at=user.created_at,
        workspace_id=caller.workspace_id,
        role=membership.role if membership else None,
        is_email_verified=user.is_email_verified,
        permissions=sorted(caller.permissions),
    )


async def read_profile(reader: Reader) -> Told:
    """The same on a hot route.

    Raises:
        NoSuchUser: the account is gone.
    """
    caller = reader.caller
    found = await repository.read_profile(reader)
    if found is None:
        raise NoSuchUser
    return {
        **found,
        "workspace_id": caller.workspace_id,
        "permissions": sorted(caller.permissions),
    }


async def change_profile(tx: Transaction, change: ProfileChange) -> Profile:
    """Change what the caller says of themselves."""
    user = await get_user(tx, tx.asked_by().user_id)
    before = {name: getattr(user, name) for name in asdict(change)}
    user.full_name, user.avatar_url, user.phone = change.full_name, change.avatar_url, change.phone
    await tx.session.flush()
    await trail.record(
        tx,
        action="identity.profile_changed",
        object_kind="user",
        object_id=user.id,
        before=before,
        after=asdict(change),
    )
    return await profile(tx)


async def get_user(tx: Transaction, user_id: UUID, *, lock: bool = False) -> UserRow:
    """A user whom the transaction's scope shows.

    Raises:
        NoSuchUser: it shows none with that id.
    """
    user = await repository.find_user_by_id(tx.session, user_id, lock=lock)
    if user is None:
        raise NoSuchUser
    return user


async def sessions(reader: Reader) -> list[Told]:
    """The caller's sessions that count, the newest first."""
    current = reader.caller.session_id
    rows = await repository.read_sessions(reader)
    return [{**row, "is_current": row["id"] == current} for row in rows]


async def end_session(tx: Transaction, session_id: UUID) -> None:
    """End one of the caller's sessions.

    Raises:
        NoSuchSession: it is not there, has ended, or is somebody else's.
    """
    session = await repository.find_session(tx.session, session_id)
    if session is None or session.user_id != tx.asked_by().user_id:
        raise NoSuchSession
    if not await repository.end_session(tx.session, session_id, tx.now()):
        raise NoSuchSession
    await announce(tx, Ended(user_id=session.user_id, session_id=session_id))
    await trail.record(
        tx, action="identity.session_ended", object_kind="session", object_id=session_id
    )


async def end_own_sessions(tx: Transaction) -> None:
    """End every session of the caller, this one too."""
    user_id = tx.asked_by().user_id
    await end_sessions(tx, user_id)
    await trail.record(tx, action="identity.sessions_ended", object_kind="user", object_id=user_id)


async def end_sessions(tx: Transaction, user_id: UUID) -> int:
    """End every session of a user, wherever it is, within a second; the new version.

    Raises:
        NoSuchUser: the transaction's scope shows no such user.
    """
    version = await repository.raise_version(tx.session, user_id)
    if version is None:
        raise NoSuchUser
    await announce(tx, Ended(user_id=user_id))
    return version


def own_session(tx: Transaction) -> UUID:
    """The session that the caller signed in to.

    Raises:
        NeedsSession: the caller is a program with a key.
    """
    session_id = tx.asked_by().session_id
    if session_id is None:
        raise NeedsSession
    return session_id
