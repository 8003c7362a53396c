"""The market: published, browsed, taken by copy, rated, withdrawn."""

from dataclasses import replace
from typing import Any

import asyncpg
import httpx2
import pytest

from quantloom_server.platform.database import Database
from tests.server.identity.access.support import ADMINISTER, write_member
from tests.server.strategies.support import BROKEN, HOME, MARKET, SOUND, add, change, read, refusal
from tests.server.support import SignIn, body_of


async def publish(client: httpx2.AsyncClient, strategy_id: str, **fields: Any) -> dict[str, Any]:
    body = {"strategy_id": strategy_id, "licence": "MIT", "author": "Ada", **fields}
    answer = await client.post(MARKET, json=body)
    assert answer.status_code == 201, answer.text
    return body_of(answer)


async def ids(client: httpx2.AsyncClient, **params: Any) -> list[str]:
    return [one["id"] for one in (await read(client, MARKET, limit=500, **params))["items"]]


async def test_another_takes_a_copy_that_stays_when_it_is_withdrawn(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    made = await add(ada, name="Offered", category="trend")
    offer = await publish(ada, made["id"])
    await change(ada, made["id"], code=BROKEN)

    seen = await read(bob, f"{MARKET}/{offer['id']}")
    taken = body_of(await bob.post(f"{MARKET}/{offer['id']}/subscribe"))
    again = body_of(await bob.post(f"{MARKET}/{offer['id']}/subscribe", json={"name": "Two"}))
    counted = await read(ada, f"{MARKET}/{offer['id']}")
    withdrawn = await ada.delete(f"{MARKET}/{offer['id']}")

    assert (seen["code"], seen["author"], seen["licence"]) == (SOUND, "Ada", "MIT")
    assert (seen["is_own"], counted["is_own"]) == (False, True)
    assert (taken["name"], taken["code"], again["name"]) == ("Offered", SOUND, "Two")
    assert (taken["origin"], taken["origin_id"]) == ("listing", offer["id"])
    assert counted["subscribers"] == 1
    assert withdrawn.status_code == 204
    assert refusal(await bob.get(f"{MARKET}/{offer['id']}")) == (404, "strategy_market.not_found")
    assert (await read(ada, f"{MARKET}/{offer['id']}"))["withdrawn_at"]
    assert (await read(bob, f"{HOME}/{taken['id']}"))["code"] == SOUND
    assert offer["id"] not in await ids(bob)
    assert await ids(ada, own=True) == [offer["id"]]


async def test_offers_are_browsed_by_what_they_are(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    grid = await publish(ada, (await add(ada, name="Grid", category="grid"))["id"])
    trend = await publish(
        ada, (await add(ada, name="Trend", risk_level="low"))["id"], description="均线突破"
    )

    assert set(await ids(bob)) >= {grid["id"], trend["id"]}
    assert trend["id"] in await ids(bob, q="突破")
    assert grid["id"] not in await ids(bob, q="突破")
    assert trend["id"] in await ids(bob, risk_level="low")
    assert trend["id"] not in await ids(bob, category="grid")


async def test_who_has_taken_it_may_rate_it_once(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    offer = await publish(ada, (await add(ada))["id"])
    place = f"{MARKET}/{offer['id']}/rating"

    early = await bob.put(place, json={"stars": 5})
    await bob.post(f"{MARKET}/{offer['id']}/subscribe")
    first = body_of(await bob.put(place, json={"stars": 5}))
    second = body_of(await bob.put(place, json={"stars": 2, "comment": "不稳定"}))
    own = await ada.put(place, json={"stars": 5})
    told = (await read(ada, f"{MARKET}/{offer['id']}/ratings"))["items"]
    rating = (await read(ada, f"{MARKET}/{offer['id']}"))["rating"]
    await bob.delete(place)

    assert refusal(early) == (409, "strategy_market.not_subscribed")
    assert refusal(own) == (409, "strategy_market.own_listing")
    assert first["id"] == second["id"]
    assert [(one["stars"], one["comment"]) for one in told] == [(2, "不稳定")]
    assert rating == {"count": 1, "stars": 2.0}
    assert (await read(bob, f"{MARKET}/{offer['id']}"))["rating"] == {"count": 0, "stars": None}


async def test_what_could_not_run_or_is_offered_is_not_offered(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    made, broken = await add(ada), await add(ada, name="Broken", code=BROKEN)
    await publish(ada, made["id"], version=1)

    def offer(client: httpx2.AsyncClient, strategy_id: str) -> Any:
        return client.post(MARKET, json={"strategy_id": strategy_id, "licence": "MIT"})

    assert refusal(await offer(ada, made["id"])) == (409, "strategy_market.already_listed")
    assert refusal(await offer(ada, broken["id"])) == (422, "strategy_market.not_fit")
    assert refusal(await offer(bob, made["id"])) == (404, "strategies.not_found")
    assert (
        body_of(await ada.delete(f"{MARKET}/{made['id']}"))["code"] == "strategy_market.not_found"
    )


async def test_nobody_withdraws_or_takes_what_is_anothers_or_their_own(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    offer = await publish(ada, (await add(ada))["id"])

    withdrawn = await bob.delete(f"{MARKET}/{offer['id']}")
    own = await ada.post(f"{MARKET}/{offer['id']}/subscribe")

    assert refusal(withdrawn) == (404, "strategy_market.not_found")
    assert refusal(own) == (409, "strategy_market.own_listing")
    assert offer["id"] in await ids(bob)


async def test_row_level_security_lets_others_read_offers_and_change_nothing(
    ada: httpx2.AsyncClient, database: Database
) -> None:
    offer = await publish(ada, (await add(ada))["id"])
    stranger, _ = await write_member(database, "admin", None)

    async with database.direct(stranger.scope) as connection:
        seen = await connection.fetchval(
            "SELECT count(*) FROM strategy_listings WHERE id = $1", offer["id"]
        )
        changed = await connection.execute("UPDATE strategy_listings SET name = 'mine'")
        strategies = await connection.fetchval("SELECT count(*) FROM strategies")
    async with database.direct(replace(stranger.scope, user_id=None)) as connection:
        unknown = await connection.fetchval("SELECT count(*) FROM strategy_listings")

    assert (seen, changed, strategies, unknown) == (1, "UPDATE 0", 0, 0)


async def test_who_leaves_leaves_no_name_behind(
    database: Database, sign_in: SignIn, bob: httpx2.AsyncClient
) -> None:
    caller, _ = await write_member(database, "researcher", None)
    ada = await sign_in(caller)
    offer = await publish(ada, (await add(ada))["id"])
    forget = "SELECT system.forget_strategist($1)"

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.direct(caller.scope) as connection:
            await connection.execute(forget, caller.user_id)
    async with database.direct(ADMINISTER) as connection:
        await connection.execute(forget, caller.user_id)

    left = await read(ada, f"{MARKET}/{offer['id']}")
    assert (left["author"], left["withdrawn_at"] is None) == ("", False)
    assert offer["id"] not in await ids(bob)
