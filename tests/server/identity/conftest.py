import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from random import Random

import httpx2
import pytest
from aiosmtpd.smtp import SMTP
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.app import create_app
from quantloom_server.beat import HANDLERS
from quantloom_server.identity.passwords import Hasher
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Relay
from quantloom_server.settings import MailSecurity, Settings
from tests.server.identity.mailing import Postbox
from tests.server.identity.support import PASSWORD, Person, Register, client_from, new_name
from tests.server.support import running


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    """The clock of the guarded application; tests move it forward."""
    return ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture(scope="session")
async def guarded(
    settings: Settings, migrated: PostgresServer, clock: ManualClock
) -> AsyncIterator[FastAPI]:
    """The application with its own gatekeeper; whoever is near is believed about addresses."""
    near = (ip_network("127.0.0.0/8"),)
    app = create_app(settings.model_copy(update={"trusted_proxies": near}), clock=clock)
    async with running(app):
        # Hashes of the real size are tested apart; here they would take most of the time.
        cheap = Hasher(memory_kib=64)
        app.state.identity.hasher.close()
        app.state.identity = replace(app.state.identity, hasher=cheap)
        yield app
        cheap.close()


@pytest.fixture
def parts(guarded: FastAPI) -> Parts:
    parts: Parts = guarded.state.parts
    return parts


@pytest.fixture
async def stranger(guarded: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client without an account, from an address of its own."""
    async with client_from(guarded) as client:
        yield client


@pytest.fixture
async def register(guarded: FastAPI) -> AsyncIterator[Register]:
    async with AsyncExitStack() as stack:

        async def register(password: str = PASSWORD) -> Person:
            client = await stack.enter_async_context(client_from(guarded))
            name = new_name()
            person = Person(client, name, f"{name}@example.com")
            answer = await client.post(
                "/api/v1/auth/register",
                json={
                    "username": name,
                    "email": person.email,
                    "password": password,
                    "agree_terms": True,
                },
            )
            person.id = answer.json()["id"]
            assert (await person.login(password)).status_code == 200
            return person

        yield register


@pytest.fixture
async def mail_server() -> AsyncIterator[tuple[Postbox, int]]:
    postbox = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(postbox), "127.0.0.1", 0)
    yield postbox, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
def postbox(mail_server: tuple[Postbox, int]) -> Postbox:
    return mail_server[0]


@pytest.fixture
def relay(parts: Parts, mail_server: tuple[Postbox, int]) -> Relay:
    """What delivers the outbox, as the beat does, to the mail server of the test."""
    changes = {
        "smtp_host": "127.0.0.1",
        "smtp_port": mail_server[1],
        "smtp_security": MailSecurity.NONE,
    }
    settings = parts.settings.model_copy(update=changes)
    sending = replace(parts, settings=settings)
    handlers = {topic: make(sending) for topic, make in HANDLERS.items()}
    return Relay(parts.database, handlers, Random(7))
