"""Roles as rows, the operators' workspace, approvals, API keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from quantloom_server.migrations import walls

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UUID = UUID(as_uuid=True)
_SHIPPED = {
    "admin": "Everything there is.",
    "trader": "Research and trade.",
    "researcher": "Research: strategies, backtests, data.",
    "risk": "See everything that bears risk, set limits, decide about others' acts.",
    "viewer": "Look, and change nothing.",
}


def upgrade() -> None:
    op.create_table(
        "roles",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text, server_default="", nullable=False),
        sa.Column("permissions", ARRAY(sa.Text)),
        _moment("created_at", is_now=True),
        _moment("updated_at", is_now=True),
        sa.PrimaryKeyConstraint("name", name="pk_roles"),
    )
    rows = sa.table("roles", sa.column("name", sa.Text), sa.column("description", sa.Text))
    op.bulk_insert(rows, [{"name": name, "description": told} for name, told in _SHIPPED.items()])
    walls.show_to_all("roles", written_for="administer")
    op.create_foreign_key("fk_memberships_role", "memberships", "roles", ["role"], ["name"])
    op.add_column(
        "workspaces",
        sa.Column("is_operators", sa.Boolean, server_default=sa.false(), nullable=False),
    )
    op.create_index(
        "uq_workspaces_is_operators",
        "workspaces",
        ["is_operators"],
        unique=True,
        postgresql_where=sa.text("is_operators"),
    )
    op.add_column(
        "users",
        sa.Column("must_change_password", sa.Boolean, server_default=sa.false(), nullable=False),
    )
    op.add_column("users", _moment("deleted_at", nullable=True))
    _make_approvals()
    _make_keys()


def downgrade() -> None:
    op.drop_table("api_keys")
    op.drop_table("approvals")
    op.drop_column("users", "deleted_at")
    op.drop_column("users", "must_change_password")
    op.drop_index("uq_workspaces_is_operators", "workspaces")
    op.drop_column("workspaces", "is_operators")
    op.drop_constraint("fk_memberships_role", "memberships")
    op.drop_table("roles")


def _make_approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, server_default="", nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("proposed_by", _UUID, nullable=False),
        sa.Column("decided_by", _UUID),
        sa.Column("note", sa.Text, server_default="", nullable=False),
        _moment("created_at"),
        _moment("updated_at", is_now=True),
        _moment("expires_at"),
        _moment("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_approvals_workspace_id"
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["users.id"], name="fk_approvals_proposed_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name="fk_approvals_decided_by"),
    )
    op.create_index("ix_approvals_workspace_id", "approvals", ["workspace_id", "id"])
    op.create_index("ix_approvals_proposed_by", "approvals", ["proposed_by"])
    walls.keep_in_workspace("approvals", rights="SELECT, INSERT, UPDATE")


def _make_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("secret_hmac", sa.LargeBinary, nullable=False),
        sa.Column("scopes", ARRAY(sa.Text), nullable=False),
        sa.Column("networks", ARRAY(sa.Text), nullable=False),
        sa.Column("requests_per_minute", sa.Integer, nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("revoked_at", nullable=True),
        _moment("last_used_at", nullable=True),
        sa.Column("last_address", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_api_keys_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_api_keys_workspace_id"
        ),
    )
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])
    walls.keep_to_user("api_keys", purposes=("sign_in", "administer"))


def _moment(name: str, *, is_now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.func.now() if is_now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)
