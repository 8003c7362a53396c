"""Who keeps connections open hears within a second of what does not count any more (SEC4)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from random import Random
from uuid import UUID

import pytest

from quantloom.kit.clock import ManualClock
from quantloom_server.beat import Beat
from quantloom_server.identity.ended import Ended, hear_ended
from quantloom_server.platform.jobs.broker import Broker, make_celery
from quantloom_server.platform.parts import Parts
from quantloom_server.settings import MailSecurity
from tests.server.identity.protection import TRADING, equip
from tests.server.identity.support import PASSWORD, Person, Register

WITHIN_S = 1.0


@asynccontextmanager
async def silent_mail_server() -> AsyncIterator[int]:
    """A mail server that takes connections and never says a word."""
    silent = asyncio.Event()

    async def take(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await silent.wait()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    silent.set()
    server.close()


@pytest.fixture
async def beating(parts: Parts) -> AsyncIterator[None]:
    """What the beat does with the outbox, while its mail server does not answer."""
    async with silent_mail_server() as port:
        changes = {
            "smtp_host": "127.0.0.1",
            "smtp_port": port,
            "smtp_security": MailSecurity.NONE,
        }
        settings = parts.settings.model_copy(update=changes)
        broker = Broker(make_celery(settings))
        beat = Beat(replace(parts, settings=settings), broker, Random(7), holder="test")
        duties = [duty for duty in beat._duties() if duty.name in {"outbox", "announce"}]
        tasks = [asyncio.create_task(beat._repeat(duty)) for duty in duties]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        broker.close()


async def hears(told: AsyncIterator[Ended], wanted: Ended) -> None:
    """Wait for what is wanted; what others' tests left over comes too."""
    async with asyncio.timeout(WITHIN_S):
        while await anext(told) != wanted:
            pass


async def session_of(ada: Person) -> UUID:
    listed = await ada.client.get("/api/v1/auth/sessions", headers=ada.bearer)
    return next(UUID(each["id"]) for each in listed.json()["items"] if each["is_current"])


@pytest.mark.usefixtures("beating")
async def test_ends_are_told_though_no_mail_can_be_sent(register: Register, parts: Parts) -> None:
    ada = await register()
    user_id = UUID(ada.id)

    async with hear_ended(parts.bus) as told:
        await ada.post("/change-password", current_password=PASSWORD, new_password="x" + PASSWORD)
        await hears(told, Ended(user_id=user_id))

        await ada.login("x" + PASSWORD)
        session_id = await session_of(ada)
        await ada.post("/logout")
        await hears(told, Ended(user_id=user_id, session_id=session_id))


@pytest.mark.usefixtures("beating")
async def test_the_end_of_a_stolen_session_and_of_a_key_is_told(
    register: Register, parts: Parts, clock: ManualClock
) -> None:
    protected = await equip(await register(), clock)
    ada = protected.person
    await ada.post("/unlock", trading_password=TRADING, code=protected.next_code())
    body = {"name": "nightly", "scopes": ["profile"]}
    made = await ada.client.post("/api/v1/keys", json=body, headers=ada.bearer)
    key_id, user_id = made.json()["id"], UUID(ada.id)
    session_id = await session_of(ada)

    async with hear_ended(parts.bus) as told:
        await ada.client.delete(f"/api/v1/keys/{key_id}", headers=ada.bearer)
        await hears(told, Ended(user_id=user_id, key_id=UUID(key_id)))

        await ada.refresh()
        stolen = await ada.refresh()
        await hears(told, Ended(user_id=user_id, session_id=session_id))

    assert stolen.status_code == 401
