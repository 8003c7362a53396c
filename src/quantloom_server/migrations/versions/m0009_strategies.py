"""Strategies with their versions and drafts, and the market where versions are offered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from quantloom_server.migrations import walls

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_UUID = UUID(as_uuid=True)
_COUNT = "count_subscriber(listing uuid)"
_COUNT_BODY = """
BEGIN
    UPDATE strategy_listings SET subscribers = subscribers + 1
    WHERE id = listing AND withdrawn_at IS NULL;
END
"""
_FORGET = "forget_strategist(person uuid)"
_FORGET_BODY = """
BEGIN
    IF app_purpose() IS DISTINCT FROM 'administer' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only who keeps accounts may forget a person';
    END IF;
    UPDATE strategy_listings SET author = '', withdrawn_at = coalesce(withdrawn_at, now())
    WHERE user_id = person;
    UPDATE strategy_ratings SET comment = '' WHERE user_id = person;
    DELETE FROM strategy_drafts WHERE user_id = person;
END
"""


def upgrade() -> None:
    _make_strategies()
    _make_versions()
    _make_drafts()
    _make_listings()
    _make_ratings()
    walls.system_function(_COUNT, "void", _COUNT_BODY)
    walls.system_function(_FORGET, "void", _FORGET_BODY)


def downgrade() -> None:
    walls.drop_system_function(_FORGET)
    walls.drop_system_function(_COUNT)
    for table in ("ratings", "listings", "drafts", "versions"):
        op.drop_table(f"strategy_{table}")
    op.drop_table("strategies")


def _make_strategies() -> None:
    op.create_table(
        "strategies",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        _text("name"),
        _text("description"),
        _text("language"),
        _text("status"),
        _text("category"),
        _text("risk_level"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("origin_id", sa.Text),
        _moment("deleted_at", nullable=True),
        _moment("created_at", is_now=True),
        _moment("updated_at", is_now=True),
        sa.PrimaryKeyConstraint("id", name="pk_strategies"),
        _in_workspace("strategies"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_strategies_user_id"),
    )
    op.create_index("ix_strategies_workspace_id", "strategies", ["workspace_id", "id"])
    op.create_index(
        "uq_strategies_name",
        "strategies",
        ["workspace_id", sa.text("lower(name)")],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    walls.keep_in_workspace("strategies", rights="SELECT, INSERT, UPDATE")


def _make_versions() -> None:
    op.create_table(
        "strategy_versions",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("strategy_id", _UUID, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        _text("code"),
        _text("code_sha256"),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        _text("changelog"),
        sa.Column("parameters", JSONB, nullable=False),
        sa.Column("unreadable", JSONB, nullable=False),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("created_by", _UUID, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_strategy_versions"),
        sa.UniqueConstraint("strategy_id", "number", name="uq_strategy_versions_number"),
        _in_workspace("strategy_versions"),
        _of_strategy("strategy_versions"),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_strategy_versions_created_by"
        ),
    )
    # Saved once, never changed.
    walls.keep_in_workspace("strategy_versions", rights="SELECT, INSERT")


def _make_drafts() -> None:
    op.create_table(
        "strategy_drafts",
        sa.Column("strategy_id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        _text("code"),
        sa.Column("based_on", sa.Integer, nullable=False),
        _moment("saved_at", is_now=True),
        sa.PrimaryKeyConstraint("strategy_id", "user_id", name="pk_strategy_drafts"),
        _in_workspace("strategy_drafts"),
        _of_strategy("strategy_drafts"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_strategy_drafts_user_id", ondelete="CASCADE"
        ),
    )
    walls.keep_where(
        "strategy_drafts",
        f"workspace_id = {walls.WORKSPACE} AND user_id = {walls.USER}",
        rights="SELECT, INSERT, UPDATE, DELETE",
    )


def _make_listings() -> None:
    op.create_table(
        "strategy_listings",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        sa.Column("strategy_id", _UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _text("name"),
        _text("description"),
        _text("licence"),
        _text("author"),
        _text("language"),
        _text("category"),
        _text("risk_level"),
        _text("code"),
        _text("code_sha256"),
        sa.Column("parameters", JSONB, nullable=False),
        sa.Column("unreadable", JSONB, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("subscribers", sa.Integer, server_default="0", nullable=False),
        _moment("withdrawn_at", nullable=True),
        _moment("created_at", is_now=True),
        _moment("updated_at", is_now=True),
        sa.PrimaryKeyConstraint("id", name="pk_strategy_listings"),
        _in_workspace("strategy_listings"),
        _of_strategy("strategy_listings"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_strategy_listings_user_id"),
    )
    op.create_index("ix_strategy_listings_workspace_id", "strategy_listings", ["workspace_id"])
    op.create_index(
        "uq_strategy_listings_version",
        "strategy_listings",
        ["strategy_id", "version"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    own = f"workspace_id = {walls.WORKSPACE}"
    walls.show_beyond(
        "strategy_listings",
        seen=f"{own} OR (withdrawn_at IS NULL AND {walls.USER} IS NOT NULL)",
        own=own,
        rights="SELECT, INSERT, UPDATE",
    )


def _make_ratings() -> None:
    op.create_table(
        "strategy_ratings",
        sa.Column("listing_id", _UUID, nullable=False),
        sa.Column("user_id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID, nullable=False),
        sa.Column("id", _UUID, nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        _text("comment"),
        _moment("created_at", is_now=True),
        _moment("updated_at", is_now=True),
        sa.PrimaryKeyConstraint("listing_id", "user_id", name="pk_strategy_ratings"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="ck_strategy_ratings_stars"),
        _in_workspace("strategy_ratings"),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["strategy_listings.id"],
            name="fk_strategy_ratings_listing_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_strategy_ratings_user_id", ondelete="CASCADE"
        ),
    )
    walls.show_beyond(
        "strategy_ratings",
        seen=f"{walls.USER} IS NOT NULL",
        own=f"user_id = {walls.USER} AND workspace_id = {walls.WORKSPACE}",
        rights="SELECT, INSERT, UPDATE, DELETE",
    )


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _in_workspace(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["workspace_id"], ["workspaces.id"], name=f"fk_{table}_workspace_id"
    )


def _of_strategy(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["strategy_id"], ["strategies.id"], name=f"fk_{table}_strategy_id", ondelete="CASCADE"
    )


def _moment(name: str, *, is_now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.func.now() if is_now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)
