"""Sessions, refresh tokens, second factors, trading passwords, resets, tallies of tries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from quantloom_server.migrations import walls

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PURPOSES = ("sign_in", "administer")
_TABLES = (
    "tallies",
    "password_resets",
    "trading_passwords",
    "recovery_codes",
    "second_factors",
    "refresh_tokens",
    "sessions",
)


def upgrade() -> None:
    op.add_column("users", sa.Column("terms_agreed_at", sa.DateTime(timezone=True)))
    op.create_table(
        "sessions",
        _id(),
        _user(),
        sa.Column("workspace_id", UUID(as_uuid=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("user_agent", sa.Text, server_default="", nullable=False),
        _moment("created_at"),
        _moment("last_used_at"),
        _moment("expires_at"),
        _moment("ended_at", nullable=True),
        _moment("unlocked_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        _users("sessions"),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name="fk_sessions_workspace_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        _id(),
        sa.Column("session_id", UUID(as_uuid=True), nullable=False),
        _user(),
        sa.Column("token_hmac", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("used_at", nullable=True),
        sa.Column("retry_hmac", sa.LargeBinary),
        sa.Column("seed", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_tokens"),
        sa.UniqueConstraint("token_hmac", name="uq_refresh_tokens_token_hmac"),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["sessions.id"],
            name="fk_refresh_tokens_session_id",
            ondelete="CASCADE",
        ),
        _users("refresh_tokens"),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])
    op.create_index("ix_refresh_tokens_user_id", "refresh_tokens", ["user_id"])
    op.create_table(
        "second_factors",
        _user(),
        sa.Column("secret_sealed", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("confirmed_at", nullable=True),
        sa.Column("last_step", sa.Integer),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factors"),
        _users("second_factors"),
    )
    op.create_table(
        "recovery_codes",
        _id(),
        _user(),
        sa.Column("code_hmac", sa.LargeBinary, nullable=False),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_codes"),
        _users("recovery_codes"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])
    op.create_table(
        "trading_passwords",
        _user(),
        sa.Column("password_hash", sa.Text, nullable=False),
        _moment("created_at", is_now=True),
        _moment("updated_at", is_now=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_trading_passwords"),
        _users("trading_passwords"),
    )
    op.create_table(
        "password_resets",
        _id(),
        _user(),
        sa.Column("token_hmac", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_password_resets"),
        sa.UniqueConstraint("token_hmac", name="uq_password_resets_token_hmac"),
        _users("password_resets"),
    )
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"])
    for table in _TABLES[1:]:
        walls.keep_to_user(table, purposes=_PURPOSES)
    op.create_table(
        "tallies",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        _moment("last_at", is_now=True),
        _moment("shut_until", nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_tallies"),
    )
    op.create_index("ix_tallies_last_at", "tallies", ["last_at"])
    walls.keep_where(
        "tallies",
        "app_purpose() IN ('sign_in', 'administer')",
        rights="SELECT, INSERT, UPDATE, DELETE",
    )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("users", "terms_agreed_at")


def _id() -> sa.Column[object]:
    return sa.Column("id", UUID(as_uuid=True), nullable=False)


def _user() -> sa.Column[object]:
    return sa.Column("user_id", UUID(as_uuid=True), nullable=False)


def _users(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE"
    )


def _moment(name: str, *, is_now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.func.now() if is_now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)
