"""Every query about accounts, sessions and what proves who somebody is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from quantloom_server.identity.means import SIGN_IN
from quantloom_server.identity.tables import (
    EmailConfirmationRow,
    MembershipRow,
    PasswordResetRow,
    RecoveryCodeRow,
    RefreshTokenRow,
    SecondFactorRow,
    SessionRow,
    TallyRow,
    TradingPasswordRow,
    UserRow,
)
from quantloom_server.identity.throttling import Tally
from quantloom_server.platform.database import Database
from quantloom_server.platform.reading import Read, Reader, Told
from quantloom_server.platform.rows import Row


def _is_open(user_id: Any, now: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        SessionRow.user_id == user_id,
        SessionRow.ended_at.is_(None),
        SessionRow.expires_at > now,
        SessionRow.version == UserRow.session_version,
    )


SESSION_STATES = """
    SELECT s.id, s.user_id, s.workspace_id, s.expires_at, s.unlocked_until,
           s.version = u.session_version AND u.is_active AS counts, s.version, m.role,
           r.permissions, w.is_operators, u.must_change_password
    FROM sessions s
    JOIN users u ON u.id = s.user_id
    JOIN workspaces w ON w.id = s.workspace_id
    LEFT JOIN memberships m ON m.user_id = s.user_id AND m.workspace_id = s.workspace_id
    LEFT JOIN roles r ON r.name = m.role
    WHERE s.id = ANY($1) AND s.ended_at IS NULL
"""


_PROFILE = Read(
    select(
        UserRow.id,
        UserRow.username,
        UserRow.email,
        UserRow.full_name,
        UserRow.avatar_url,
        UserRow.phone,
        UserRow.is_active,
        UserRow.created_at,
        MembershipRow.role,
        UserRow.email_verified_at.is_not(None).label("is_email_verified"),
    )
    .outerjoin(
        MembershipRow,
        and_(
            MembershipRow.user_id == UserRow.id,
            MembershipRow.workspace_id == bindparam("workspace_id"),
        ),
    )
    .where(UserRow.id == bindparam("user_id"))
)

_OPEN_SESSIONS = Read(
    select(
        SessionRow.id,
        SessionRow.address,
        SessionRow.user_agent,
        SessionRow.created_at,
        SessionRow.last_used_at,
        SessionRow.expires_at,
    )
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .where(*_is_open(bindparam("user_id"), bindparam("now")))
    .order_by(SessionRow.id.desc())
)


@dataclass(frozen=True, slots=True)
class SessionState:
    """What decides whether a session's access tokens count now."""

    id: UUID
    user_id: UUID
    workspace_id: UUID
    expires_at: datetime
    unlocked_until: datetime | None
    counts: bool
    version: int
    role: str | None
    role_permissions: list[str] | None
    is_operators: bool
    must_change_password: bool


async def session_states(database: Database, ids: Sequence[UUID]) -> list[SessionState]:
    """Read many sessions at once; those that have ended are left out."""
    found = await database.read(SIGN_IN, SESSION_STATES, [ids])
    return [SessionState(*row.values()) for row in found]


async def find_user(session: AsyncSession, login: str) -> UserRow | None:
    """Find the account of a username or an e-mail address, however it is capitalised."""
    column = UserRow.email if "@" in login else UserRow.username
    return await session.scalar(select(UserRow).where(func.lower(column) == func.lower(login)))


async def find_user_by_id(
    session: AsyncSession, user_id: UUID, *, lock: bool = False
) -> UserRow | None:
    return await session.get(UserRow, user_id, with_for_update=lock)


async def field_taken(session: AsyncSession, *, username: str, email: str) -> str | None:
    """Name the field of a new account that another one has already."""
    for field, column, value in (
        ("username", UserRow.username, username),
        ("email", UserRow.email, email),
    ):
        taken = select(UserRow.id).where(func.lower(column) == func.lower(value))
        if await session.scalar(taken) is not None:
            return field
    return None


async def add_rows(session: AsyncSession, *rows: Row) -> None:
    """Add rows and send them, since those that follow may point to them."""
    session.add_all(rows)
    await session.flush()


async def drop_row(session: AsyncSession, row: Row) -> None:
    await session.delete(row)
    await session.flush()


async def first_membership(session: AsyncSession, user_id: UUID) -> MembershipRow | None:
    """The workspace that a user has been in for longest."""
    return await session.scalar(
        select(MembershipRow)
        .where(MembershipRow.user_id == user_id)
        .order_by(MembershipRow.created_at, MembershipRow.workspace_id)
        .limit(1)
    )


async def find_membership(
    session: AsyncSession, user_id: UUID, workspace_id: UUID
) -> MembershipRow | None:
    return await session.get(MembershipRow, (workspace_id, user_id))


async def find_session(
    session: AsyncSession, session_id: UUID, *, lock: bool = False
) -> SessionRow | None:
    return await session.get(SessionRow, session_id, with_for_update=lock)


async def open_sessions(
    session: AsyncSession, user_id: UUID, now: datetime
) -> Sequence[SessionRow]:
    """The sessions of a user that count, the newest first."""
    found = await session.scalars(
        select(SessionRow)
        .join(UserRow, UserRow.id == SessionRow.user_id)
        .where(*_is_open(user_id, now))
        .order_by(SessionRow.id.desc())
    )
    return found.all()


async def read_sessions(reader: Reader) -> list[Told]:
    return await reader.rows(_OPEN_SESSIONS, user_id=reader.caller.user_id, now=reader.now())


async def read_profile(reader: Reader) -> Told | None:
    caller = reader.caller
    return await reader.one(_PROFILE, user_id=caller.user_id, workspace_id=caller.workspace_id)


async def end_session(session: AsyncSession, session_id: UUID, now: datetime) -> bool:
    """End a session; False where it had ended, or is not there."""
    ended = await session.scalar(
        update(SessionRow)
        .where(SessionRow.id == session_id, SessionRow.ended_at.is_(None))
        .values(ended_at=now, unlocked_until=None)
        .returning(SessionRow.id)
    )
    return ended is not None


async def raise_version(session: AsyncSession, user_id: UUID) -> int | None:
    """End all sessions of a user; the version that new ones have."""
    return await session.scalar(
        update(UserRow)
        .where(UserRow.id == user_id)
        .values(session_version=UserRow.session_version + 1)
        .returning(UserRow.session_version)
    )


async def lock_refresh_token(
    session: AsyncSession, digests: Iterable[bytes]
) -> RefreshTokenRow | None:
    """Find a refresh token and keep others from it until the transaction ends."""
    return await session.scalar(
        select(RefreshTokenRow)
        .where(RefreshTokenRow.token_hmac.in_(list(digests)))
        .with_for_update()
    )


async def find_factor(
    session: AsyncSession, user_id: UUID, *, lock: bool = False
) -> SecondFactorRow | None:
    return await session.get(SecondFactorRow, user_id, with_for_update=lock)


async def use_recovery_code(
    session: AsyncSession, user_id: UUID, digests: Iterable[bytes], now: datetime
) -> bool:
    """Use a recovery code up; False where it is unknown or was used. One of two at once wins."""
    used = await session.scalar(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_hmac.in_(list(digests)),
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.id)
    )
    return used is not None


async def unused_codes(session: AsyncSession, user_id: UUID) -> int:
    counted = await session.scalar(
        select(func.count())
        .select_from(RecoveryCodeRow)
        .where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None))
    )
    return counted or 0


async def drop_recovery_codes(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))


async def lock_trading(session: AsyncSession, user_id: UUID) -> None:
    """Take back what a user has unlocked, in all their sessions."""
    await session.execute(
        update(SessionRow).where(SessionRow.user_id == user_id).values(unlocked_until=None)
    )


async def find_trading_password(session: AsyncSession, user_id: UUID) -> TradingPasswordRow | None:
    return await session.get(TradingPasswordRow, user_id)


async def has_trading_password(session: AsyncSession, user_id: UUID) -> bool:
    return await find_trading_password(session, user_id) is not None


async def lock_reset(session: AsyncSession, digests: Iterable[bytes]) -> PasswordResetRow | None:
    return await session.scalar(
        select(PasswordResetRow)
        .where(PasswordResetRow.token_hmac.in_(list(digests)))
        .with_for_update()
    )


async def find_owner_of_reset(session: AsyncSession, digests: Iterable[bytes]) -> UUID | None:
    row = PasswordResetRow
    return await session.scalar(select(row.user_id).where(row.token_hmac.in_(list(digests))))


async def find_reset(session: AsyncSession, reset_id: UUID) -> PasswordResetRow | None:
    return await session.get(PasswordResetRow, reset_id)


async def drop_resets(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(PasswordResetRow).where(PasswordResetRow.user_id == user_id))


async def lock_confirmation(
    session: AsyncSession, digests: Iterable[bytes], purpose: str
) -> EmailConfirmationRow | None:
    return await session.scalar(
        select(EmailConfirmationRow)
        .where(
            EmailConfirmationRow.token_hmac.in_(list(digests)),
            EmailConfirmationRow.purpose == purpose,
        )
        .with_for_update()
    )


async def find_owner_of_confirmation(
    session: AsyncSession, digests: Iterable[bytes]
) -> UUID | None:
    return await session.scalar(
        select(EmailConfirmationRow.user_id).where(
            EmailConfirmationRow.token_hmac.in_(list(digests))
        )
    )


async def find_confirmation(
    session: AsyncSession, confirmation_id: UUID
) -> EmailConfirmationRow | None:
    return await session.get(EmailConfirmationRow, confirmation_id)


async def drop_confirmations(session: AsyncSession, user_id: UUID) -> None:
    """Take back every token that would prove an address of a user."""
    await session.execute(
        delete(EmailConfirmationRow).where(EmailConfirmationRow.user_id == user_id)
    )


async def lock_tally(session: AsyncSession, key: bytes, now: datetime) -> TallyRow:
    """Find the tally of a key, made where it is missing, and keep others from it."""
    # In one statement: between two, another transaction may drop the row.
    made = insert(TallyRow).values(key=key, tries=0, last_at=now)
    locked = made.on_conflict_do_update(
        index_elements=[TallyRow.key], set_={"tries": TallyRow.tries}
    ).returning(TallyRow)
    found = await session.scalars(locked, execution_options={"populate_existing": True})
    return found.one()


async def drop_tally(session: AsyncSession, key: bytes) -> None:
    await session.execute(delete(TallyRow).where(TallyRow.key == key))


def tally_of(row: TallyRow) -> Tally:
    return Tally(row.tries, row.last_at if row.tries else None, row.shut_until)
