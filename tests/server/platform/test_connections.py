"""Bare connections: handed on in turn, replaced when they break, never lost."""

import asyncio
from typing import Any, cast

import pytest

from quantloom_server.platform.connections import Connection, Connections
from quantloom_server.platform.errors import DatabaseDown


class Line:
    """A connection without a server."""

    def __init__(self) -> None:
        self.is_shut = False
        self.is_within = False

    def is_closed(self) -> bool:
        return self.is_shut

    def is_in_transaction(self) -> bool:
        return self.is_within

    def terminate(self) -> None:
        self.is_shut = True

    async def close(self, timeout: float) -> None:  # noqa: ASYNC109  as asyncpg's
        assert timeout > 0
        self.is_shut = True


class Exchange:
    """Opens lines, as long as it is there."""

    def __init__(self) -> None:
        self.opened: list[Line] = []
        self.is_there = True

    async def connect(self) -> Connection:
        await asyncio.sleep(0)
        if not self.is_there:
            raise ConnectionRefusedError
        self.opened.append(Line())
        return cast("Connection", self.opened[-1])


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def make(exchange: Exchange, **options: Any) -> Connections:
    return Connections(exchange.connect, **({"most": 1} | options))


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_connection_is_used_again(exchange: Exchange) -> None:
    connections = make(exchange)

    for _ in range(3):
        connections.give_back(await connections.take())

    assert len(exchange.opened) == 1


async def test_no_more_are_opened_than_may_be(exchange: Exchange) -> None:
    connections = make(exchange, most=2)

    async def work() -> None:
        held = await connections.take()
        await turn()
        connections.give_back(held)

    await asyncio.gather(*(work() for _ in range(20)))

    assert len(exchange.opened) == 2


async def test_who_waits_longest_comes_next(exchange: Exchange) -> None:
    connections = make(exchange)
    held = await connections.take()
    came: list[int] = []

    async def work(number: int) -> None:
        mine = await connections.take()
        came.append(number)
        await turn()
        connections.give_back(mine)

    waiting = [asyncio.create_task(work(number)) for number in range(3)]
    await turn()
    connections.give_back(held)
    late = asyncio.create_task(work(3))
    await asyncio.gather(*waiting, late)

    assert came == [0, 1, 2, 3]


async def test_a_broken_connection_makes_room_for_another(exchange: Exchange) -> None:
    connections = make(exchange)
    held = await connections.take()
    waiting = asyncio.create_task(connections.take())
    await turn()

    exchange.opened[0].is_shut = True
    connections.give_back(held)

    assert await waiting is cast("Connection", exchange.opened[1])


async def test_a_connection_that_breaks_unused_is_not_handed_out(exchange: Exchange) -> None:
    connections = make(exchange)
    connections.give_back(await connections.take())

    exchange.opened[0].is_shut = True

    assert await connections.take() is cast("Connection", exchange.opened[1])


async def test_a_transaction_left_open_ends_its_connection(exchange: Exchange) -> None:
    connections = make(exchange)
    held = await connections.take()

    exchange.opened[0].is_within = True
    connections.give_back(held)

    assert exchange.opened[0].is_shut


async def test_without_a_server_all_who_wait_are_told_and_later_ones_served(
    exchange: Exchange,
) -> None:
    connections = make(exchange)
    exchange.is_there = False

    told = await asyncio.gather(*(connections.take() for _ in range(5)), return_exceptions=True)
    exchange.is_there = True

    assert [type(each) for each in told] == [DatabaseDown] * 5
    assert await connections.take() is cast("Connection", exchange.opened[0])


async def test_who_gives_up_waiting_leaves_their_turn_to_others(exchange: Exchange) -> None:
    connections = make(exchange)
    held = await connections.take()
    first, second = (asyncio.create_task(connections.take()) for _ in range(2))
    await turn()

    connections.give_back(held)
    first.cancel()

    assert await second is held


async def test_nobody_waits_for_ever(exchange: Exchange) -> None:
    connections = make(exchange, patience_s=0.01)
    await connections.take()

    with pytest.raises(DatabaseDown):
        await connections.take()


async def test_closing_ends_all_of_them(exchange: Exchange) -> None:
    connections = make(exchange, most=2)
    held, free = await connections.take(), await connections.take()
    connections.give_back(free)

    await connections.close()
    connections.give_back(held)

    assert all(line.is_shut for line in exchange.opened)
