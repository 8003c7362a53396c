"""People who use the service over its wire, as the tests of identity need them."""

from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from typing import Any, Protocol

import asyncpg
import httpx2
from fastapi import FastAPI

from quantloom_server.platform.embedded.postgres import PostgresServer

PASSWORD = "correct horse battery staple"
_HOSTS = count(1)


def new_address() -> str:
    """An address that nothing came from yet."""
    high, low = divmod(next(_HOSTS), 250)
    return f"203.{high % 250}.{low}.7"


@dataclass
class Person:
    """Somebody with an account; `tokens` is the last answer of a sign-in or a refresh."""

    client: httpx2.AsyncClient
    username: str
    email: str
    id: str = ""
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def bearer(self) -> dict[str, str]:
        return bearer(self.tokens["access_token"])

    async def login(self, password: str = PASSWORD, **more: Any) -> httpx2.Response:
        body = {"username": self.username, "password": password, **more}
        answer = await self.client.post("/api/v1/auth/login", json=body)
        if answer.status_code == 200:
            self.tokens = answer.json()
        return answer

    async def refresh(self, token: str | None = None, **headers: str) -> httpx2.Response:
        return await self.client.post(
            "/api/v1/auth/refresh",
            json={"refresh_token": token or self.tokens["refresh_token"]},
            headers=headers,
        )

    async def me(self, token: str | None = None) -> httpx2.Response:
        headers = bearer(token) if token else self.bearer
        return await self.client.get("/api/v1/auth/me", headers=headers)

    async def post(self, path: str, **body: Any) -> httpx2.Response:
        return await self.client.post(f"/api/v1/auth{path}", json=body, headers=self.bearer)


class Register(Protocol):
    """Registers somebody new, and signs them in."""

    async def __call__(self, password: str = PASSWORD) -> Person: ...


async def dump_of(server: PostgresServer) -> str:
    """Every row of every table, as whoever stole the database would read them."""
    connection = await asyncpg.connect(server.superuser_url())
    tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [
        await connection.fetchval(f'SELECT string_agg(t::text, chr(10)) FROM "{name}" t')
        for (name,) in tables
    ]
    await connection.close()
    return "\n".join(map(str, rows))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def client_from(app: FastAPI, address: str | None = None) -> httpx2.AsyncClient:
    """A client whose requests come from an address, as a trusted proxy tells."""
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"X-Forwarded-For": address or new_address(), "User-Agent": "test"}
    return httpx2.AsyncClient(transport=transport, base_url="https://test", headers=headers)


def new_name() -> str:
    return f"ada-{token_hex(6)}"
