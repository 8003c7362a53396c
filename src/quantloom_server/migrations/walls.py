"""Row-level security, as each migration that makes a table asks for it.

Migrations that have been released call these, so what a function does never changes; a new need is
a new function. Tables are forced: their owner is held by the policies like anybody else.
"""

from alembic import op

USER = "app_user_id()"
WORKSPACE = "app_workspace_id()"


def keep_in_workspace(table: str, *, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Show rows to transactions of their own workspace alone."""
    keep_where(table, f"workspace_id = {WORKSPACE}", rights=rights)


def keep_to_user(
    table: str,
    *,
    purposes: tuple[str, ...] = (),
    column: str = "user_id",
    rights: str = "SELECT, INSERT, UPDATE, DELETE",
) -> None:
    """Show rows to transactions of their own user, and to those of the purposes named."""
    condition = f"{column} = {USER}"
    if purposes:
        named = ", ".join(f"'{purpose}'" for purpose in purposes)
        condition = f"({condition} OR app_purpose() IN ({named}))"
    keep_where(table, condition, rights=rights)


def keep_where(table: str, condition: str, *, rights: str) -> None:
    """Show rows to the application where a condition holds, and to the system functions always."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY {table}_app ON {table} TO quantloom_app "
        f"USING ({condition}) WITH CHECK ({condition})"
    )
    op.execute(f"CREATE POLICY {table}_system ON {table} TO quantloom_system USING (true)")
    op.execute(f"CREATE POLICY {table}_owner ON {table} TO quantloom_owner USING (true)")
    op.execute(f"GRANT {rights} ON {table} TO quantloom_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quantloom_system")


def share(table: str, *, rights: str = "SELECT") -> None:
    """Let the application at a table that belongs to no workspace, such as the instruments."""
    op.execute(f"GRANT {rights} ON {table} TO quantloom_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quantloom_system")


def show_to_all(table: str, *, written_for: str) -> None:
    """Show rows to every transaction, and let those of one purpose write them."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_seen ON {table} FOR SELECT TO quantloom_app USING (true)")
    op.execute(
        f"CREATE POLICY {table}_written ON {table} TO quantloom_app "
        f"USING (app_purpose() = '{written_for}') WITH CHECK (app_purpose() = '{written_for}')"
    )
    op.execute(f"CREATE POLICY {table}_system ON {table} TO quantloom_system USING (true)")
    op.execute(f"CREATE POLICY {table}_owner ON {table} TO quantloom_owner USING (true)")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quantloom_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quantloom_system")


def show_beyond(table: str, *, seen: str, own: str, rights: str) -> None:
    """Show rows where one condition holds, and let them be written where another does."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY {table}_seen ON {table} FOR SELECT TO quantloom_app USING ({seen})")
    op.execute(
        f"CREATE POLICY {table}_app ON {table} TO quantloom_app USING ({own}) WITH CHECK ({own})"
    )
    op.execute(f"CREATE POLICY {table}_system ON {table} TO quantloom_system USING (true)")
    op.execute(f"CREATE POLICY {table}_owner ON {table} TO quantloom_owner USING (true)")
    op.execute(f"GRANT {rights} ON {table} TO quantloom_app")
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO quantloom_system")


def system_function(signature: str, returns: str, body: str) -> None:
    """Make a named function that works across workspaces, in the schema `system`.

    Args:
        signature: such as `claim_job(worker text, lease_s int)`.
        returns: such as `SETOF jobs`.
        body: PL/pgSQL between BEGIN and END, a DECLARE before it where it needs one.
    """
    op.execute(
        f"CREATE FUNCTION system.{signature} RETURNS {returns} LANGUAGE plpgsql SECURITY DEFINER "
        f"SET search_path = pg_catalog, public AS $body$\n{body}\n$body$"
    )
    bare = _bare(signature)
    op.execute(f"ALTER FUNCTION system.{bare} OWNER TO quantloom_system")
    op.execute(f"REVOKE ALL ON FUNCTION system.{bare} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION system.{bare} TO quantloom_app")


def drop_system_function(signature: str) -> None:
    op.execute(f"DROP FUNCTION system.{_bare(signature)}")


def _bare(signature: str) -> str:
    """`claim(worker text, n int)` as `claim(text, int)`, by which PostgreSQL knows it."""
    name, _, arguments = signature.rstrip(")").partition("(")
    types = [part.strip().partition(" ")[2] for part in arguments.split(",") if part.strip()]
    return f"{name}({', '.join(types)})"
