"""Accounts, where they belong, and what proves that somebody is who they say."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Row, Stamped


class UserRow(Stamped, Row):
    """One person's account."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str]
    email: Mapped[str]
    full_name: Mapped[str] = mapped_column(server_default="")
    avatar_url: Mapped[str | None]
    phone: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    password_hash: Mapped[str]
    session_version: Mapped[int] = mapped_column(server_default="1")
    terms_agreed_at: Mapped[datetime | None]
    must_change_password: Mapped[bool] = mapped_column(server_default="false")
    deleted_at: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    # Of who registered while that was asked for: nobody signs in before.
    must_verify_email: Mapped[bool] = mapped_column(server_default="false")

    @property
    def is_email_verified(self) -> bool:
        return self.email_verified_at is not None


class WorkspaceRow(Stamped, Row):
    """What belongs to one team, or to one person alone; one belongs to the operators."""

    __tablename__ = "workspaces"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_operators: Mapped[bool] = mapped_column(server_default="false")


class MembershipRow(Stamped, Row):
    """A user in a workspace, in one role."""

    __tablename__ = "memberships"

    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[str] = mapped_column(ForeignKey("roles.name"))


class RoleRow(Stamped, Row):
    """A role; without permissions of its own it has those that it comes with."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(primary_key=True)
    description: Mapped[str] = mapped_column(server_default="")
    permissions: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class SessionRow(Row):
    """One sign-in, until it ends; all its refresh tokens are one family.

    It counts while `version` is that of its user: raising that one ends all of them at once.
    """

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    version: Mapped[int]
    address: Mapped[str | None]
    user_agent: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    unlocked_until: Mapped[datetime | None]


class RefreshTokenRow(Row):
    """One refresh token, known by its HMAC alone."""

    __tablename__ = "refresh_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hmac: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    # What a repeated request must bring, and what its answer is made from a second time.
    retry_hmac: Mapped[bytes | None]
    seed: Mapped[bytes | None]


class SecondFactorRow(Row):
    """The secret shared with somebody's authenticator, sealed."""

    __tablename__ = "second_factors"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    secret_sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None]


class RecoveryCodeRow(Row):
    """A code that stands in for the authenticator once."""

    __tablename__ = "recovery_codes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    code_hmac: Mapped[bytes]
    used_at: Mapped[datetime | None]


class TradingPasswordRow(Stamped, Row):
    """The password that unlocks trading; not the one that signs in."""

    __tablename__ = "trading_passwords"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    password_hash: Mapped[str]


class PasswordResetRow(Row):
    """A reset that was asked for; its token is known by its HMAC alone."""

    __tablename__ = "password_resets"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    token_hmac: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EmailConfirmationRow(Row):
    """An address that somebody has to prove is theirs; its token is known by its HMAC alone."""

    __tablename__ = "email_confirmations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    email: Mapped[str]
    purpose: Mapped[str]
    token_hmac: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TallyRow(Row):
    """How often something secret was tried; what was tried is known by its HMAC alone."""

    __tablename__ = "tallies"

    key: Mapped[bytes] = mapped_column(primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    shut_until: Mapped[datetime | None]
