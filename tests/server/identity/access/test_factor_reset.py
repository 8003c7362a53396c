"""The second factor of somebody who lost it, taken away by an operator."""

from datetime import timedelta
from uuid import UUID

import httpx2

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.database import Scope
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Relay
from tests.server.identity.mailing import Postbox, deliver_all
from tests.server.identity.protection import TRADING, equip, protect
from tests.server.identity.support import Person, Register
from tests.server.support import body_of


async def ask(boss: Person, user_id: str) -> httpx2.Response:
    path = f"/api/v1/users/{user_id}/reset-second-factor"
    return await boss.client.post(path, headers=boss.bearer)


async def unlocked(boss: Person, clock: ManualClock) -> Person:
    protected = await equip(boss, clock)
    code = protected.next_code()
    assert (await boss.post("/unlock", trading_password=TRADING, code=code)).status_code == 200
    return boss


async def test_a_lost_factor_is_taken_away_and_its_owner_is_told(
    boss: Person,
    register: Register,
    clock: ManualClock,
    *,
    relay: Relay,
    postbox: Postbox,
    parts: Parts,
) -> None:
    ada = (await protect(await register(), clock)).person
    await unlocked(boss, clock)

    done, again = await ask(boss, ada.id), await ask(boss, ada.id)
    clock.advance(timedelta(seconds=1))
    await deliver_all(relay)

    assert (done.status_code, body_of(again)["code"]) == (204, "identity.no_factor")
    assert (await ada.me()).status_code == 401
    assert (await ada.login()).status_code == 200
    subject, text = postbox.to(ada)[-1]
    assert "An operator took your second factor away" in subject
    assert "管理员取消了" in text
    async with parts.database.direct(Scope(user_id=UUID(boss.id))) as connection:
        rows = await connection.fetch(
            "SELECT actor_id FROM audit_entries "
            "WHERE object_id = $1 AND action = 'access.second_factor_reset'",
            ada.id,
        )
    assert [str(row["actor_id"]) for row in rows] == [boss.id]


async def test_it_asks_for_an_unlocked_session(
    boss: Person, register: Register, clock: ManualClock
) -> None:
    ada = (await protect(await register(), clock)).person

    answer = await ask(boss, ada.id)

    assert body_of(answer)["code"] == "auth.step_up_required"
    assert (await ada.me()).status_code == 200


async def test_nobody_takes_their_own_away_this_way(boss: Person, clock: ManualClock) -> None:
    answer = await ask(await unlocked(boss, clock), boss.id)

    assert body_of(answer)["code"] == "access.not_oneself"
