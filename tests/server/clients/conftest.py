from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from secrets import token_hex

import httpx2
import pytest
from fastapi import FastAPI

from quantloom.kit.clock import ManualClock
from quantloom_server.app import create_app
from quantloom_server.identity.passwords import Hasher
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.settings import Settings
from tests.server.listening import listening
from tests.server.support import running

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Served:
    """The service on a port, and the clock it goes by."""

    app: FastAPI
    address: str
    clock: ManualClock


@pytest.fixture(scope="module")
async def served(settings: Settings, migrated: PostgresServer) -> AsyncIterator[Served]:
    clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    app = create_app(settings, clock=clock)
    async with running(app):
        cheap = Hasher(memory_kib=64)
        app.state.identity.hasher.close()
        app.state.identity = replace(app.state.identity, hasher=cheap)
        async with listening(app) as address:
            yield Served(app, address, clock)
        cheap.close()


@pytest.fixture(scope="module")
async def username(served: Served) -> str:
    """Somebody who has just registered."""
    name = f"user-{token_hex(6)}"
    body = {
        "username": name,
        "email": f"{name}@example.com",
        "password": PASSWORD,
        "agree_terms": True,
    }
    async with httpx2.AsyncClient(base_url=served.address) as client:
        answer = await client.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return name
