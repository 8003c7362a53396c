"""How alembic runs the migrations here: on a connection that `platform.migrating` has opened."""

from alembic import context

from quantloom_server.platform.rows import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    transaction_per_migration=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
