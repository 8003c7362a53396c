"""Roles, who asks, workspaces, users and who belongs where."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from quantloom_server.migrations import walls

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SETTINGS = {
    "app_user_id": ("quantloom.user_id", "uuid"),
    "app_workspace_id": ("quantloom.workspace_id", "uuid"),
    "app_purpose": ("quantloom.purpose", "text"),
}


def upgrade() -> None:
    for name, (setting, kind) in _SETTINGS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS {kind} LANGUAGE sql STABLE PARALLEL SAFE AS "
            f"$$ SELECT NULLIF(current_setting('{setting}', true), '')::{kind} $$"
        )
    op.execute("CREATE SCHEMA system AUTHORIZATION quantloom_system")
    op.execute("GRANT USAGE ON SCHEMA system TO quantloom_app")
    op.execute("GRANT USAGE, CREATE ON SCHEMA system TO quantloom_owner")
    op.create_table(
        "workspaces",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_workspaces"),
    )
    op.create_table(
        "users",
        sa.Column("id", UUID(as_uuid=True), nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("full_name", sa.Text, server_default="", nullable=False),
        sa.Column("avatar_url", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("is_active", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("session_version", sa.Integer, server_default="1", nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )
    op.execute("CREATE UNIQUE INDEX uq_users_username ON users (lower(username))")
    op.execute("CREATE UNIQUE INDEX uq_users_email ON users (lower(email))")
    op.create_table(
        "memberships",
        sa.Column("workspace_id", UUID(as_uuid=True), nullable=False),
        sa.Column("user_id", UUID(as_uuid=True), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        *_stamps(),
        sa.PrimaryKeyConstraint("workspace_id", "user_id", name="pk_memberships"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_memberships_workspace_id"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_memberships_user_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_memberships_user_id", "memberships", ["user_id"])
    walls.keep_where(
        "workspaces",
        f"(id = {walls.WORKSPACE} OR app_purpose() IN ('sign_in', 'administer'))",
        rights="SELECT, INSERT, UPDATE",
    )
    walls.keep_to_user("users", column="id", purposes=("sign_in", "administer"))
    walls.keep_where(
        "memberships",
        f"(user_id = {walls.USER} OR workspace_id = {walls.WORKSPACE} "
        "OR app_purpose() IN ('sign_in', 'administer'))",
        rights="SELECT, INSERT, UPDATE, DELETE",
    )


def downgrade() -> None:
    for table in ("memberships", "users", "workspaces"):
        op.drop_table(table)
    op.execute("DROP SCHEMA system")
    for name in _SETTINGS:
        op.execute(f"DROP FUNCTION {name}()")


def _stamps() -> tuple[sa.Column[object], sa.Column[object]]:
    moment = sa.DateTime(timezone=True)
    return (
        sa.Column("created_at", moment, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", moment, server_default=sa.func.now(), nullable=False),
    )
