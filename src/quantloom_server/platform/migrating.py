"""Bringing the database to the shape this release needs, and telling whether it has it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from quantloom_server.platform.database import APP_ROLE, OWNER_ROLE, SYSTEM_ROLE
from quantloom_server.platform.outages import outage_at_connecting, telling
from quantloom_server.platform.shape import SCRIPTS, needed_revision

# Any number will do, so long as every migrator takes the same.
_LOCK = 7_205_759_403

# The owner itself needs none of this; whoever sets a foreign server up may make roles.
_ROLES = f"""
DO $$ DECLARE name text; BEGIN
    IF current_user = '{OWNER_ROLE}' THEN
        RETURN;
    END IF;
    FOREACH name IN ARRAY ARRAY['{OWNER_ROLE}', '{APP_ROLE}', '{SYSTEM_ROLE}'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        EXECUTE format('GRANT %I TO %I', name, current_user);
    END LOOP;
    GRANT {SYSTEM_ROLE} TO {OWNER_ROLE};
    EXECUTE format('GRANT CREATE ON DATABASE %I TO {OWNER_ROLE}', current_database());
    GRANT USAGE, CREATE ON SCHEMA public TO {OWNER_ROLE};
END $$
"""


@dataclass(frozen=True, slots=True)
class Shape:
    """The revision a database has, and the one this release needs."""

    present: str | None
    needed: str

    @property
    def is_current(self) -> bool:
        return self.present == self.needed


async def upgrade(owner_url: str, revision: str = "head") -> Shape:
    """Run the migrations that are missing, each in a transaction of its own.

    Two at once wait for each other; one that was killed is simply run again.
    """
    return await _migrate(owner_url, partial(_upgrade, revision=revision))


async def downgrade(owner_url: str, revision: str) -> Shape:
    """Undo migrations down to a revision; `base` undoes all."""
    return await _migrate(owner_url, partial(_downgrade, revision=revision))


async def shape_of(url: str) -> Shape:
    """Read which revision a database has.

    Raises:
        DatabaseDown: it does not answer, or does not let us in.
    """
    engine = _engine(url)
    try:
        async with _connected(engine) as connection:
            return await connection.run_sync(_shape)
    finally:
        await engine.dispose()


async def _migrate(owner_url: str, step: Callable[[Connection], None]) -> Shape:
    engine = _engine(owner_url)
    try:
        async with _connected(engine) as connection:
            # Held by the session: each migration commits by itself.
            await connection.execute(text(f"SELECT pg_advisory_lock({_LOCK})"))
            await connection.execute(text(_ROLES))
            await connection.commit()
            await connection.execute(text(f"SET ROLE {OWNER_ROLE}"))
            await connection.commit()
            await connection.run_sync(step)
            # Each process tells by it whether the database has the shape that it needs.
            await connection.execute(text(f"GRANT SELECT ON alembic_version TO {APP_ROLE}"))
            await connection.commit()
            return await connection.run_sync(_shape)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    connection = engine.connect()
    with telling(outage_at_connecting):
        await connection.start()
    try:
        yield connection
    finally:
        await connection.close()


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(_config(connection), revision)


def _downgrade(connection: Connection, revision: str) -> None:
    command.downgrade(_config(connection), revision)


def _shape(connection: Connection) -> Shape:
    present = MigrationContext.configure(connection).get_current_revision()
    return Shape(present, needed_revision())


def _config(connection: Connection) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def _engine(url: str) -> AsyncEngine:
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"), poolclass=NullPool
    )
