"""Letting go of sessions, resets and tallies that have been over for long."""

from quantloom_server.migrations import walls

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SIGNATURE = "forget_sign_ins(before timestamptz, most int)"
_BODY = """DECLARE gone int; total int := 0; BEGIN
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE expires_at < before LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    DELETE FROM password_resets WHERE id IN (
        SELECT id FROM password_resets WHERE expires_at < before LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    total := total + gone;
    DELETE FROM tallies WHERE key IN (SELECT key FROM tallies WHERE last_at < before LIMIT most);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN total + gone;
END"""


def upgrade() -> None:
    walls.system_function(_SIGNATURE, "int", _BODY)


def downgrade() -> None:
    walls.drop_system_function(_SIGNATURE)
