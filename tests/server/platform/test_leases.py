"""Of several, one leads; and whoever slept through the end of a lease is told so."""

import asyncio

from quantloom_server.platform.database import Database
from quantloom_server.platform.leases import drop_lease, take_lease


async def test_a_lease_has_one_holder_who_keeps_the_token(database: Database) -> None:
    first = await take_lease(database, "one", "ann", 60)

    assert first is not None
    assert await take_lease(database, "one", "bob", 60) is None
    assert await take_lease(database, "one", "ann", 60) == first


async def test_a_lease_that_was_given_back_is_taken_under_a_higher_token(
    database: Database,
) -> None:
    first = await take_lease(database, "two", "ann", 60)
    assert first is not None
    await drop_lease(database, "two", first)

    second = await take_lease(database, "two", "bob", 60)

    assert second == first + 1
    assert await take_lease(database, "two", "ann", 60) is None


async def test_only_the_present_token_gives_a_lease_back(database: Database) -> None:
    first = await take_lease(database, "three", "ann", 60)
    assert first is not None

    await drop_lease(database, "three", first - 1)

    assert await take_lease(database, "three", "bob", 60) is None


async def test_many_at_once_make_one_holder(database: Database) -> None:
    takers = (take_lease(database, "four", f"taker-{number}", 60) for number in range(5))

    tokens = await asyncio.gather(*takers)

    assert sorted(token is not None for token in tokens) == [False] * 4 + [True]


async def test_a_holder_that_comes_late_gets_a_new_token(database: Database) -> None:
    first = await take_lease(database, "five", "ann", -1)
    assert first is not None

    assert await take_lease(database, "five", "ann", 60) == first + 1
