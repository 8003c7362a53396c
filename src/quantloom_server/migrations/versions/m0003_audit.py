"""The audit trail, its details, and the chain that seals it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from quantloom_server.migrations import walls

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_UUID = UUID(as_uuid=True)
_MOMENT = sa.DateTime(timezone=True)
# What has no workspace, a failed sign-in for one, is seen by its actor and by the operators.
_READ = (
    f"workspace_id = {walls.WORKSPACE} OR actor_id = {walls.USER} "
    "OR (workspace_id IS NULL AND app_purpose() = 'operate')"
)

_SEAL = "seq bigint, sealed_entry uuid, previous bytea, hash bytea, seal_key text"
_ENTRY = (
    "id uuid, at timestamptz, workspace_id uuid, actor_id uuid, session_id uuid, key_id uuid, "
    "address text, request_id text, action text, object_kind text, object_id text, "
    "before_hash bytea, after_hash bytea"
)
_FUNCTIONS = {
    # Sealed and unsealed never change places: the chain's order is the order of sealing.
    "audit_unsealed(most int)": (
        "SETOF audit_entries",
        """BEGIN
    PERFORM pg_advisory_xact_lock(7205759404);
    RETURN QUERY SELECT e.* FROM audit_pending p JOIN audit_entries e ON e.id = p.entry_id
        ORDER BY e.id LIMIT most;
END""",
    ),
    "audit_head()": (
        "SETOF audit_seals",
        "BEGIN RETURN QUERY SELECT * FROM audit_seals ORDER BY seq DESC LIMIT 1; END",
    ),
    "audit_seal(seqs bigint[], entries uuid[], previous bytea[], hashes bytea[], key text)": (
        "void",
        """BEGIN
    INSERT INTO audit_seals (seq, entry_id, previous, hash, key_id)
        SELECT s, e, p, h, key FROM unnest(seqs, entries, previous, hashes) AS t (s, e, p, h);
    DELETE FROM audit_pending WHERE entry_id = ANY (entries);
END""",
    ),
    "audit_waiting()": (
        "TABLE (waiting bigint, oldest timestamptz)",
        """BEGIN
    RETURN QUERY SELECT count(*), min(e.at) FROM audit_pending p
        JOIN audit_entries e ON e.id = p.entry_id;
END""",
    ),
    "audit_strays()": (
        "SETOF uuid",
        """BEGIN
    RETURN QUERY SELECT e.id FROM audit_entries e
        WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = e.id)
          AND NOT EXISTS (SELECT FROM audit_pending p WHERE p.entry_id = e.id)
        ORDER BY e.id LIMIT 100;
END""",
    ),
    "audit_chain(after bigint, most int)": (
        f"TABLE ({_SEAL}, {_ENTRY}, salt bytea, before jsonb, after_ jsonb)",
        """BEGIN
    RETURN QUERY SELECT s.seq, s.entry_id, s.previous, s.hash, s.key_id, e.*,
            d.salt, d.before, d.after
        FROM audit_seals s LEFT JOIN audit_entries e ON e.id = s.entry_id
        LEFT JOIN audit_details d ON d.entry_id = s.entry_id
        WHERE s.seq > audit_chain.after ORDER BY s.seq LIMIT most;
END""",
    ),
    "audit_forget(actor uuid)": (
        "bigint",
        """DECLARE gone bigint; BEGIN
    DELETE FROM audit_details WHERE actor_id = actor;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("workspace_id", _UUID),
        sa.Column("actor_id", _UUID),
        sa.Column("session_id", _UUID),
        sa.Column("key_id", _UUID),
        sa.Column("address", sa.Text),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object_kind", sa.Text, nullable=False),
        sa.Column("object_id", sa.Text, nullable=False),
        sa.Column("before_hash", sa.LargeBinary),
        sa.Column("after_hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_workspace_id", "audit_entries", ["workspace_id", "id"])
    op.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor_id", "id"])
    op.create_index("ix_audit_entries_object", "audit_entries", ["object_kind", "object_id"])
    op.create_table(
        "audit_details",
        sa.Column("entry_id", _UUID, nullable=False),
        sa.Column("workspace_id", _UUID),
        sa.Column("actor_id", _UUID),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("before", JSONB(none_as_null=True)),
        sa.Column("after", JSONB(none_as_null=True)),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit_details"),
    )
    op.create_index("ix_audit_details_actor_id", "audit_details", ["actor_id"])
    op.create_table(
        "audit_seals",
        sa.Column("seq", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("entry_id", _UUID, nullable=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("sealed_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_audit_seals"),
        sa.UniqueConstraint("entry_id", name="uq_audit_seals_entry_id"),
    )
    op.create_table(
        "audit_pending",
        sa.Column("entry_id", _UUID, nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_audit_pending"),
    )
    for table in ("audit_entries", "audit_details"):
        _add_and_read(table)
    for table in ("audit_seals", "audit_pending"):
        _for_the_sealer_alone(table)
    _note_every_entry()
    for signature, (returns, body) in _FUNCTIONS.items():
        walls.system_function(signature, returns, body)


def downgrade() -> None:
    for signature in reversed(_FUNCTIONS):
        walls.drop_system_function(signature)
    for table in ("audit_pending", "audit_seals", "audit_details", "audit_entries"):
        op.drop_table(table)
    op.execute("DROP FUNCTION system.note_audit_entry()")


def _add_and_read(table: str) -> None:
    _wall(table)
    op.execute(f"CREATE POLICY {table}_read ON {table} FOR SELECT TO quantloom_app USING ({_READ})")
    op.execute(
        f"CREATE POLICY {table}_add ON {table} FOR INSERT TO quantloom_app WITH CHECK (true)"
    )
    op.execute(f"GRANT SELECT, INSERT ON {table} TO quantloom_app")


def _for_the_sealer_alone(table: str) -> None:
    _wall(table)


def _wall(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_system ON {table} TO quantloom_system USING (true)")
    op.execute(f"GRANT SELECT, INSERT, DELETE ON {table} TO quantloom_system")


def _note_every_entry() -> None:
    """Have PostgreSQL itself remember what is to be sealed."""
    op.execute(
        "CREATE FUNCTION system.note_audit_entry() RETURNS trigger LANGUAGE plpgsql "
        "SECURITY DEFINER SET search_path = pg_catalog, public AS "
        "$$ BEGIN INSERT INTO audit_pending VALUES (NEW.id); RETURN NULL; END $$"
    )
    op.execute("ALTER FUNCTION system.note_audit_entry() OWNER TO quantloom_system")
    op.execute(
        "CREATE TRIGGER note_audit_entry AFTER INSERT ON audit_entries "
        "FOR EACH ROW EXECUTE FUNCTION system.note_audit_entry()"
    )
