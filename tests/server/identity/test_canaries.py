"""Secrets sent through every route, and looked for wherever anything is written (SEC19)."""

import base64
import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import quote

import pytest
import sentry_sdk
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from redis.asyncio import Redis
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.database import NOBODY, Database, Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.telemetry.sentry import open_sentry
from quantloom_server.platform.telemetry.spans import Spans
from quantloom_server.settings import Settings
from tests.server.identity.access.support import operators_of
from tests.server.identity.protection import protect
from tests.server.identity.support import Person, Register, client_from, dump_of
from tests.server.logged import logging_into
from tests.server.operations import Json, Operation, all_operations

OPERATIONS = all_operations()
MARK = "Zx9-canary-"
# Fields that hold secrets, in what is sent and in what is answered.
SECRET = {
    "access_token",
    "code",
    "current_password",
    "key",
    "new_password",
    "one_time_password",
    "password",
    "recovery_codes",
    "refresh_token",
    "secret",
    "token",
    "trading_password",
}


@dataclass
class Sinks:
    """Wherever something is written, and what must be nowhere in it."""

    console: io.StringIO
    logs: Path
    spans: InMemorySpanExporter
    reports: list[Envelope]
    planted: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)

    def plant(self, name: str) -> str:
        """A secret that nobody has seen before, and that could be a password."""
        self.planted[name] = f"{MARK}{token_hex(8)}"
        return self.planted[name]

    def note_all(self, answer: Any, name: str = "") -> None:
        """Take down what an answer gives away on purpose."""
        if isinstance(answer, dict):
            for key, value in answer.items():
                self.note_all(value, key)
        elif isinstance(answer, list):
            for each in answer:
                self.note_all(each, name)
        elif name in SECRET and isinstance(answer, str) and len(answer) > 7:
            self.given[f"{name} {len(self.given)}"] = answer

    def leaks(self, **more: str) -> list[tuple[str, str, str]]:
        files = "".join(file.read_text(encoding="utf-8") for file in self.logs.glob("*.log"))
        written = {
            "console": self.console.getvalue(),
            "files": files,
            "traces": "".join(span.to_json() for span in self.spans.get_finished_spans()),
            "reports": b"".join(each.serialize() for each in self.reports).decode(),
            **more,
        }
        assert all(len(each) > 100 for each in written.values()), written.keys()
        # What was planted begins alike, so one look finds all of it.
        sought = {"planted": MARK} | self.given
        return [
            (place, name, all_of_it[max(0, all_of_it.index(shape) - 80) :][:160])
            for place, all_of_it in written.items()
            for name, secret in sought.items()
            for shape in _shapes(secret)
            if shape in all_of_it
        ]


def _shapes(secret: str) -> set[str]:
    """How a secret may be written, whole groups of it where it is written in base 64."""
    in_64 = base64.b64encode(secret.encode()).decode()[: len(secret) // 3 * 4]
    return {secret, quote(secret, safe=""), secret.encode().hex(), in_64}


class Kept(Transport):
    """Keeps the reports instead of sending them."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[Envelope] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)


@pytest.fixture
async def sinks(guarded: FastAPI, tmp_path: Path, settings: Settings) -> AsyncIterator[Sinks]:
    transport, console = Kept(), io.StringIO()
    spans = InMemorySpanExporter()
    dsn = SecretStr("https://key@sentry.invalid/1")
    open_sentry(settings.model_copy(update={"sentry_dsn": dsn}), process="t", transport=transport)
    guarded.state.spans = Spans(spans, process="test", ratio=1.0)
    with logging_into(tmp_path, console):
        yield Sinks(console, tmp_path / "logs", spans, transport.envelopes)
    guarded.state.spans = None
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
async def ada(register: Register, sinks: Sinks, clock: ManualClock, database: Database) -> Person:
    """An operator who has done all that makes secrets, with secrets that are planted."""
    password = sinks.plant("password")
    ada = await register(password)
    async with database.direct(Scope(purpose="administer")) as connection:
        await connection.execute(
            "INSERT INTO memberships (workspace_id, user_id, role, created_at) "
            "VALUES ($1, $2, 'admin', '2000-01-01')",
            await operators_of(database),
            ada.id,
        )
    await ada.login(password)
    sinks.note_all(ada.tokens)
    ada.tokens = (await ada.refresh()).json()
    sinks.note_all(ada.tokens)
    protected = await protect(ada, clock, password=password)
    sinks.given["totp"] = base64.b32encode(protected.secret).decode()
    sinks.note_all(ada.tokens)
    trading = sinks.plant("trading password")
    proof = {"password": password, "code": protected.next_code()}
    told = await ada.client.put(
        "/api/v1/auth/trading-password",
        json={**proof, "trading_password": trading},
        headers=ada.bearer,
    )
    assert told.status_code == 204, told.text
    unlock = {"trading_password": trading, "code": protected.next_code()}
    assert (await ada.post("/unlock", **unlock)).status_code == 200
    key = {"name": "planted", "scopes": ["market:read"]}
    user = {"username": f"u{token_hex(6)}", "email": f"{token_hex(6)}@example.com"}
    for path, body in (("/api/v1/keys", key), ("/api/v1/users", user)):
        headers = ada.bearer | {"Idempotency-Key": sinks.plant(f"idempotency {path}")}
        made = await ada.client.post(path, json=body, headers=headers)
        assert made.status_code == 201, made.text
        sinks.note_all(made.json())
    return ada


def secrets_of(operation: Operation) -> set[str]:
    """The fields of a body that hold secrets; the code of a strategy is its text."""
    is_of_people = operation.path.startswith(("/api/v1/auth", "/api/v1/account"))
    return (operation.fields or set()) & (SECRET if is_of_people else SECRET - {"code"})


def some_of(number: int, step: int, requests: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every so many, beginning with another one each time."""
    return islice(requests, number % step, None, step)


def faulty(operation: Operation, sinks: Sinks) -> Iterator[dict[str, Any]]:
    """Requests to one operation with planted secrets, none of which can be what it wants."""
    planted = sinks.plant(str(operation))
    secret: Json = dict.fromkeys(secrets_of(operation), planted)
    body = {**(operation.example or {}), **secret}
    headers = {"Content-Type": "application/json", "Idempotency-Key": planted}
    yield {"json": body, "headers": headers}
    yield {"json": {**body, "new": planted}, "headers": headers}
    yield {"json": {name: {"a": [planted]} for name in body}, "headers": headers}
    yield {"content": f'{{"password": "{planted}"'.encode(), "headers": headers}
    yield {"params": {"token": planted, "limit": planted, "cursor": planted}}
    yield {"headers": {"Cookie": f"quantloom_refresh={planted}", "X-CSRF-Token": planted}}


def ends_session(operation: Operation) -> bool:
    return operation.path.endswith(("/logout", "/logout-all"))


STRANGERS = ("Authorization", "X-API-Key")


class Broken:
    """A database that fails as nobody expects, quoting what it was given."""

    def __init__(self, quoted: str) -> None:
        self._quoted = quoted

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[None]:
        if self._quoted:
            raise ZeroDivisionError(f"password={self._quoted} 'token': '{self._quoted}'")
        yield

    direct = transaction


# Two of six requests to each route; all of them in `make soak`.
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.soak)])
async def test_no_secret_is_written_anywhere(
    guarded: FastAPI,
    ada: Person,
    parts: Parts,
    sinks: Sinks,
    *,
    migrated: PostgresServer,
    step: int,
) -> None:
    statuses = set()
    told = []
    broken = replace(parts, database=Broken(sinks.plant("quoted")))  # type: ignore[arg-type]
    async with client_from(guarded) as stranger:
        for number, operation in enumerate(OPERATIONS):
            path = operation.path_with({})
            for request in some_of(number, step, faulty(operation, sinks)):
                headers = request.pop("headers", {})
                for client, who in ((stranger, {}), (ada.client, ada.bearer)):
                    if ends_session(operation) if who else request.keys() & {"params", "content"}:
                        continue
                    answer = await client.request(
                        operation.method, path, headers={**headers, **who}, **request
                    )
                    statuses.add(answer.status_code)
                    told.append(answer.text if answer.status_code >= 400 else "")
            guarded.state.parts = broken
            request = next(faulty(operation, sinks))
            request["headers"] |= ada.bearer
            answer = await ada.client.request(operation.method, path, **request)
            guarded.state.parts = parts
            statuses.add(answer.status_code)
            told.append(answer.text if answer.status_code >= 400 else "")
        for name in STRANGERS:
            for before in ("", "Bearer ", "Bearer ql_live_", "Bearer eyJhbGciOiJIUzI1NiJ9.e30."):
                await stranger.get("/api/v1/auth/me", headers={name: before + sinks.plant(name)})
        big = {"password": sinks.plant("big") * 100_000}
        statuses.add((await stranger.post("/api/v1/auth/login", json=big)).status_code)

    guarded.state.spans.close()
    leaks = sinks.leaks(
        answers="\n".join(told),
        metrics=guarded.state.metrics.text().decode(),
        database=await dump_of(migrated),
        redis=await everything_in(parts.redis),
    )
    assert leaks == []
    assert statuses >= {200, 401, 403, 404, 413, 422, 500}
    assert len(sinks.planted) > 60
    assert len(sinks.given) > 15
    assert len(sinks.reports) > 20


async def everything_in(redis: Redis) -> str:
    """Every key of Valkey, and what is stored there."""
    found = []
    async for key in redis.scan_iter(count=1000):
        kind = await redis.type(key)
        found.append(key)
        if kind == b"string":
            found.append(await redis.get(key) or b"")
        elif kind == b"stream":
            found.append(json.dumps(await redis.xrange(key), default=str).encode())
        elif kind == b"hash":
            found.append(json.dumps(await redis.hgetall(key), default=str).encode())
    return b"\n".join(found).decode(errors="replace")


async def test_an_error_of_the_database_tells_nothing_that_was_asked(database: Database) -> None:
    with pytest.raises(DBAPIError) as told:
        async with database.transaction(NOBODY) as session:
            await session.execute(text("SELECT 1 / 0 WHERE :planted = 'a'"), {"planted": "Zx9-a"})

    assert "Zx9-a" not in str(told.value)
