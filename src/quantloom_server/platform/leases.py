"""Leases: who of several processes may act, and the token by which a late one is known.

Time is the database's. A holder that slept through the end of its lease comes back with a token
that is too old, and what asks for the token refuses it.
"""

from quantloom_server.platform.database import NOBODY, Database


async def take_lease(database: Database, name: str, holder: str, lease_s: float) -> int | None:
    """Take a lease, or hold on to it; its token, or None while another holds it."""
    async with database.direct(NOBODY) as connection:
        token: int | None = await connection.fetchval(
            "SELECT system.take_lease($1, $2, $3)", name, holder, lease_s
        )
    return token


async def drop_lease(database: Database, name: str, token: int) -> None:
    """Give a lease back, so that another need not wait for its end."""
    async with database.direct(NOBODY) as connection:
        await connection.execute("SELECT system.drop_lease($1, $2)", name, token)
