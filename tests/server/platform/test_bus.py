"""Messages between processes, with a Valkey that may stop."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from random import Random

import pytest

from quantloom_server.platform.bus import NEWEST, OLDEST, Bus, BusDown, Entry, Heard
from quantloom_server.platform.embedded.valkey import ValkeyServer


@pytest.fixture(scope="module")
def server(servers_folder: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(servers_folder / "b", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def bus(server: ValkeyServer) -> AsyncIterator[Bus]:
    bus = Bus(server.url(), Random(1))
    yield bus
    await bus.close()


async def take(entries: AsyncIterator[Entry], count: int) -> list[bytes]:
    async with asyncio.timeout(20):
        return [(await anext(entries)).message for _ in range(count)]


async def test_who_listens_hears_what_is_published(bus: Bus) -> None:
    async with bus.listen("ticks", "fills") as heard:
        await bus.publish("ticks", b"1")
        await bus.publish("others", b"2")
        await bus.publish("fills", b"\x003")
        got = [await anext(heard) for _ in range(2)]

    assert got == [Heard("ticks", b"1"), Heard("fills", b"\x003")]


async def test_who_comes_late_hears_nothing_of_before(bus: Bus) -> None:
    await bus.publish("late", b"before")
    async with bus.listen("late") as heard:
        await bus.publish("late", b"after")
        assert (await anext(heard)).message == b"after"


async def test_a_stream_is_read_from_the_oldest_or_from_any_message_on(bus: Bus) -> None:
    ids = [await bus.append("kept", message, keep=100) for message in (b"1", b"2", b"3")]

    everything = await take(bus.follow("kept", OLDEST), 3)
    rest = await take(bus.follow("kept", ids[0]), 2)

    assert (everything, rest) == ([b"1", b"2", b"3"], [b"2", b"3"])


async def test_a_reader_from_now_on_gets_what_comes(bus: Bus) -> None:
    await bus.append("news", b"old", keep=100)
    reading = asyncio.create_task(take(bus.follow("news", NEWEST), 1))
    while not reading.done():
        await bus.append("news", b"new", keep=100)
        await asyncio.sleep(0.02)

    assert await reading == [b"new"]


async def test_a_stream_keeps_its_last_messages_alone(bus: Bus) -> None:
    for number in range(500):
        await bus.append("short", b"%d" % number, keep=100)

    first = (await anext(bus.follow("short", OLDEST))).message

    assert 200 <= int(first) <= 400


async def hear_the_end(bus: Bus, server: ValkeyServer) -> None:
    async with bus.listen("gone") as heard:
        await asyncio.to_thread(server.stop)
        await anext(heard)


async def test_a_lost_connection_is_told_to_listeners_and_mended_for_readers(
    bus: Bus, server: ValkeyServer
) -> None:
    entries = bus.follow("mended", OLDEST)
    await bus.append("mended", b"before", keep=100)
    assert await take(entries, 1) == [b"before"]
    with pytest.raises(BusDown):
        await hear_the_end(bus, server)
    with pytest.raises(BusDown):
        await bus.publish("gone", b"into the void")

    reading = asyncio.create_task(take(entries, 1))
    await asyncio.to_thread(server.start)
    await bus.append("mended", b"after", keep=100)

    assert await reading == [b"after"]


@pytest.mark.soak
async def test_a_listener_waits_longer_than_a_socket_usually_does(bus: Bus) -> None:
    async def speak() -> None:
        await asyncio.sleep(12)
        await bus.publish("slow", b"at last")
        await bus.append("slow-stream", b"at last", keep=10)

    speaking = asyncio.create_task(speak())
    entries = bus.follow("slow-stream", OLDEST)
    async with bus.listen("slow") as heard:
        assert (await anext(heard)).message == b"at last"
    assert await take(entries, 1) == [b"at last"]
    await speaking
