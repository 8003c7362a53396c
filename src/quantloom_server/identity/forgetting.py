"""Letting go of what signing in leaves behind: sessions long over, resets and tallies of tries."""

from datetime import timedelta

from quantloom_server.platform.database import NOBODY
from quantloom_server.platform.parts import Parts

KEPT = timedelta(days=7)
"""How long what is over is kept, so that a late thief's token is still known as one."""


async def forget_old(parts: Parts) -> int:
    """Delete a part of what has been over for long; how many rows it was."""
    async with parts.database.direct(NOBODY) as connection:
        gone: int = await connection.fetchval(
            "SELECT system.forget_sign_ins($1, 1000) + system.forget_confirmations($1, 1000)",
            parts.clock.now() - KEPT,
        )
    return gone
