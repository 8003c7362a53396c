from datetime import timedelta
from uuid import UUID

from quantloom.kit.clock import ManualClock
from quantloom_server.identity.forgetting import KEPT, forget_old
from quantloom_server.identity.means import SIGN_IN
from quantloom_server.platform.parts import Parts
from tests.server.identity.support import Register

_LEFT = """
    SELECT (SELECT count(*) FROM sessions WHERE user_id = $1)
         + (SELECT count(*) FROM refresh_tokens WHERE user_id = $1)
"""


async def left_of(parts: Parts, user: str) -> int:
    async with parts.database.direct(SIGN_IN) as connection:
        left: int = await connection.fetchval(_LEFT, UUID(user))
    return left


async def test_what_has_been_over_for_long_is_let_go(
    register: Register, parts: Parts, clock: ManualClock
) -> None:
    ada = await register()
    await ada.refresh()
    clock.advance(timedelta(days=30) + KEPT)
    while await forget_old(parts):
        pass
    kept = await left_of(parts, ada.id)

    clock.advance(timedelta(microseconds=1))
    bob = await register()
    gone = await forget_old(parts)

    assert kept == 3
    assert gone > 0
    assert await left_of(parts, ada.id) == 0
    assert await left_of(parts, bob.id) == 2
    assert await forget_old(parts) == 0
