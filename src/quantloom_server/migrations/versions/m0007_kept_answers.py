"""Answers kept for writes that are sent twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from quantloom_server.migrations import walls

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("user_id", UUID(as_uuid=True), nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("user_id", "key_hash", name="pk_kept_answers"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_kept_answers_user_id", ondelete="CASCADE"
        ),
    )
    walls.keep_to_user("kept_answers")


def downgrade() -> None:
    op.drop_table("kept_answers")
