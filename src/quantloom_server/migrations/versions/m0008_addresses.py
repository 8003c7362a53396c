"""E-mail addresses that have to be proven, and letting go of tokens for them that are old."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from quantloom_server.migrations import walls

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PURPOSES = ("sign_in", "administer")
_SIGNATURE = "forget_confirmations(before timestamptz, most int)"
_BODY = """DECLARE gone int; BEGIN
    DELETE FROM email_confirmations WHERE id IN (
        SELECT id FROM email_confirmations WHERE expires_at < before LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END"""


def upgrade() -> None:
    op.add_column("users", _moment("email_verified_at", nullable=True))
    op.add_column(
        "users",
        sa.Column("must_verify_email", sa.Boolean, server_default=sa.false(), nullable=False),
    )
    op.create_table(
        "email_confirmations",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("user_id", UUID(as_uuid=True), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("token_hmac", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_email_confirmations"),
        sa.UniqueConstraint("token_hmac", name="uq_email_confirmations_token_hmac"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name="fk_email_confirmations_user_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_email_confirmations_user_id", "email_confirmations", ["user_id"])
    walls.keep_to_user("email_confirmations", purposes=_PURPOSES)
    walls.system_function(_SIGNATURE, "int", _BODY)


def downgrade() -> None:
    walls.drop_system_function(_SIGNATURE)
    op.drop_table("email_confirmations")
    op.drop_column("users", "must_verify_email")
    op.drop_column("users", "email_verified_at")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
