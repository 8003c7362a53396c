"""Each statement of each write fails once: all of the act is kept, or nothing of it.

The statement is exchanged for one that PostgreSQL itself refuses, or by which it ends the
connection, so that what comes back has gone all of the way.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from inspect import iscoroutinefunction
from itertools import count
from random import Random
from typing import Any

import asyncpg
import httpx2
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.jobs import service as jobs
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction
from tests.server.identity.access.support import write_member
from tests.server.identity.support import PASSWORD, Person, Register, new_name
from tests.server.platform.jobs import kinds  # noqa: F401  registers them
from tests.server.support import IDS, SignIn

LATER = datetime(2099, 1, 1, tzinfo=UTC)
# Tries are counted whatever becomes of them; the answer of a first request is kept for a second.
_COUNTED = frozenset({"tallies"})
_NEW_PASSWORD = "staple battery horse correct"
_numbers = count(1)


def refusing(state: str) -> str:
    return f"DO $$BEGIN RAISE 'made by a test' USING ERRCODE = '{state}'; END$$"


FAULTS = {
    "serialisation": refusing("40001"),
    "deadlock": refusing("40P01"),
    "lost": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@dataclass(slots=True)
class Saboteur:
    """Spoils the n-th statement from now on; counts them all."""

    statement: str = ""
    at: int = 0
    seen: int = 0
    is_watching: bool = False

    @contextmanager
    def watching(self, at: int = 0, fault: str = "deadlock") -> Iterator[None]:
        self.statement, self.at, self.seen, self.is_watching = FAULTS[fault], at, 0, True
        try:
            yield
        finally:
            self.is_watching = False

    def exchange(
        self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *more: Any
    ) -> tuple[str, Any]:
        if not self.is_watching:
            return statement, parameters
        self.seen += 1
        if self.seen != self.at:
            return statement, parameters
        is_many = more[-1]
        return self.statement, [()] if is_many else ()


@pytest.fixture
def saboteur() -> Iterator[Saboteur]:
    saboteur = Saboteur()
    event.listen(Engine, "before_cursor_execute", saboteur.exchange, retval=True)
    yield saboteur
    event.remove(Engine, "before_cursor_execute", saboteur.exchange)


Send = Callable[[], Awaitable[httpx2.Response]]
Choose = Callable[[int, Random], list[tuple[int, str]]]
"""Which of so many statements to spoil, and how."""
Prepare = Callable[[], Awaitable[Send]]
"""Makes what an act needs; gives the act, which may be sent again as it is."""


def fresh(word: str) -> str:
    return f"{word}-{next(_numbers)}"


class OfAdmin:
    """Acts of somebody who may everything, each on something new."""

    def __init__(self, client: httpx2.AsyncClient, add_job: Callable[[str], Awaitable[Any]]):
        self._client, self._add_job = client, add_job

    def _send(self, method: str, path: str, body: Any = None) -> Send:
        return lambda: self._client.request(method, f"/api/v1{path}", json=body)

    async def _made(self, path: str, body: Any) -> str:
        answer = await self._client.post(f"/api/v1{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json().get("id") or answer.json().get("name"))

    async def key(self) -> Send:
        return self._send("POST", "/keys", self._key())

    async def end_of_key(self) -> Send:
        return self._send("DELETE", f"/keys/{await self._made('/keys', self._key())}")

    async def role(self) -> Send:
        return self._send("POST", "/roles", self._role())

    async def change_of_role(self) -> Send:
        name = await self._made("/roles", self._role())
        return self._send("PUT", f"/roles/{name}", {"permissions": ["audit:read"]})

    async def end_of_role(self) -> Send:
        return self._send("DELETE", f"/roles/{await self._made('/roles', self._role())}")

    async def workspace(self) -> Send:
        return self._send("POST", "/workspaces", {"name": fresh("place")})

    async def schedule(self) -> Send:
        return self._send("POST", "/schedules", self._schedule())

    async def change_of_schedule(self) -> Send:
        made = await self._made("/schedules", self._schedule())
        return self._send("PATCH", f"/schedules/{made}", {"is_enabled": False})

    async def end_of_schedule(self) -> Send:
        return self._send(
            "DELETE", f"/schedules/{await self._made('/schedules', self._schedule())}"
        )

    async def cancel(self) -> Send:
        return self._send("POST", f"/jobs/{await self._add_job('queued')}/cancel")

    async def retry(self) -> Send:
        return self._send("POST", f"/jobs/{await self._add_job('dead')}/retry")

    @staticmethod
    def _key() -> dict[str, Any]:
        return {"name": fresh("key"), "scopes": ["market:read"]}

    @staticmethod
    def _role() -> dict[str, Any]:
        return {"name": fresh("role"), "permissions": ["market:read"]}

    @staticmethod
    def _schedule() -> dict[str, Any]:
        return {"name": fresh("plan"), "kind": "tests.count", "cron": "0 0 1 1 *"}


class OfPerson:
    """Acts of somebody with their own account."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._password = PASSWORD

    async def profile(self) -> Send:
        body = {"full_name": fresh("name")}
        client, bearer = self._person.client, self._person.bearer
        return lambda: client.put("/api/v1/auth/profile", json=body, headers=bearer)

    async def registration(self) -> Send:
        name = new_name()
        body = {
            "username": name,
            "email": f"{name}@example.com",
            "password": PASSWORD,
            "agree_terms": True,
        }
        return lambda: self._person.client.post("/api/v1/auth/register", json=body)

    async def sign_in(self) -> Send:
        return lambda: self._person.login(self._password)

    async def refresh(self) -> Send:
        await self._person.login(self._password)
        token = self._person.tokens["refresh_token"]
        return lambda: self._person.refresh(token)

    async def sign_out(self) -> Send:
        await self._person.login(self._password)
        person, bearer = self._person, self._person.bearer
        return lambda: person.client.post("/api/v1/auth/logout", headers=bearer)

    async def password(self) -> Send:
        await self._person.login(self._password)
        old = self._password
        self._password = _NEW_PASSWORD if old == PASSWORD else PASSWORD
        person, bearer = self._person, self._person.bearer
        body = {"current_password": old, "new_password": self._password}
        return lambda: person.client.post("/api/v1/auth/change-password", json=body, headers=bearer)


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that the database holds, as one whom no policy holds back sees it."""

    connection: asyncpg.Connection

    async def digest(self) -> dict[str, str]:
        """What each table holds."""
        query = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        return {name: await self._ask(query, name) for name in await self._tables()}

    async def sizes(self) -> dict[str, int]:
        """How many rows each table holds."""
        return {
            name: await self._ask("SELECT count(*) FROM {}", name) for name in await self._tables()
        }

    async def forget_tries(self) -> None:
        """Begin to count tries anew, as after a quarter of an hour."""
        await self.connection.execute("DELETE FROM tallies")

    async def _tables(self) -> list[str]:
        found = await self.connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return sorted({name for (name,) in found} - _COUNTED)

    async def _ask(self, query: str, table: str) -> Any:
        return await self.connection.fetchval(query.format(f'"{table}"'))


@pytest.fixture
async def books(migrated: PostgresServer) -> AsyncIterator[Books]:
    connection = await asyncpg.connect(migrated.superuser_url())
    yield Books(connection)
    await connection.close()


def added(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


async def spoil(prepare: Prepare, saboteur: Saboteur, books: Books, choose: Choose) -> list[str]:
    """Spoil statements of an act, one at a time, and repeat it; tell what went wrong."""
    send = await prepare()
    sizes = await books.sizes()
    with saboteur.watching():
        answer = await send()
    assert answer.status_code < 300, answer.text
    whole, statements = added(sizes, await books.sizes()), saboteur.seen
    wrong = []
    for at, fault in choose(statements, Random(prepare.__name__)):
        await books.forget_tries()
        send = await prepare()
        if told := await spoil_one(send, saboteur, books, at=at, fault=fault, whole=whole):
            wrong.append(f"{prepare.__name__}, statement {at} of {statements}, {fault}: {told}")
    return wrong


async def spoil_one(
    send: Send, saboteur: Saboteur, books: Books, *, at: int, fault: str, whole: dict[str, int]
) -> str:
    """Spoil one statement; what is wrong afterwards, or nothing."""
    sizes, before = await books.sizes(), await books.digest()
    with saboteur.watching(at, fault):
        answer = await send()
    if answer.status_code == 503:
        if "retry-after" not in answer.headers:
            return "no Retry-After"
        after = await books.digest()
        if after != before:
            return f"kept a part: {[name for name in after if after[name] != before[name]]}"
        answer = await send()
    if answer.status_code >= 300:
        return answer.text
    found = added(sizes, await books.sizes())
    return "" if found == whole else f"left {found} instead of {whole}"


@pytest.fixture
async def admin(app: FastAPI, database: Database, sign_in: SignIn) -> OfAdmin:
    caller, _ = await write_member(database, "admin", None)

    async def add_job(state: str) -> Any:
        async with database.transaction(caller.scope) as session:
            tx = Transaction(session=session, clock=SystemClock(), ids=IDS, caller=caller)
            row = await jobs.enqueue(tx, kind="tests.count", queue=Queue.DATA, payload={})
            row.state = state
        return row.id

    may_all = replace(caller, permissions=frozenset(Permission), unlocked_until=LATER)
    return OfAdmin(await sign_in(may_all), add_job)


@pytest.fixture
async def person(register: Register) -> OfPerson:
    return OfPerson(await register())


def acts_of(owner: type) -> list[str]:
    return [name for name, it in vars(owner).items() if iscoroutinefunction(it) and name[0] != "_"]


def a_few(statements: int, dice: Random) -> list[tuple[int, str]]:
    """The last statement, after which most is at stake, and one by chance."""
    places = {statements, dice.randint(1, statements)}
    return [(at, dice.choice(sorted(FAULTS))) for at in sorted(places)]


def all_of_them(statements: int, _dice: Random) -> list[tuple[int, str]]:
    return [(at, fault) for at in range(1, statements + 1) for fault in FAULTS]


howmany = pytest.mark.parametrize(
    "choose", [a_few, pytest.param(all_of_them, marks=pytest.mark.soak)]
)


@howmany
@pytest.mark.parametrize("act", acts_of(OfPerson))
async def test_an_act_of_a_person_is_kept_whole_or_not_at_all(
    person: OfPerson, saboteur: Saboteur, books: Books, act: str, choose: Choose
) -> None:
    assert await spoil(getattr(person, act), saboteur, books, choose) == []


@howmany
@pytest.mark.parametrize("act", acts_of(OfAdmin))
async def test_an_act_of_an_administrator_is_kept_whole_or_not_at_all(
    admin: OfAdmin, saboteur: Saboteur, books: Books, act: str, choose: Choose
) -> None:
    assert await spoil(getattr(admin, act), saboteur, books, choose) == []
