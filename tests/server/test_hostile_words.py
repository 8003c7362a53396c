"""Words that would say something to a database, a shell or a template, in every question (SEC23).

They find what they spell, which is nothing; none is an error of ours, and none takes long.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from quantloom_server.platform.database import Database
from quantloom_server.platform.embedded.postgres import PostgresServer
from tests.server.identity.access.support import operators_of, write_member
from tests.server.identity.support import dump_of
from tests.server.operations import Json, Operation, all_operations
from tests.server.support import SignIn
from tests.server.test_every_answer import INSIDE

WORDS = (
    "' OR '1'='1",
    "'; DROP TABLE users; --",
    "1) UNION SELECT password_hash FROM users --",
    "x' AND 1=CAST((SELECT version()) AS int) --",
    "'||(SELECT pg_sleep(10))||'",
    "$1",
    ":name",
    "%",
    "_\\%",
    "{{7*7}}${7*7}",
    "$(sleep 10)`sleep 10`",
    "../../../../etc/passwd",
    "\x00",
    "\r\nX-Forged: 1",
    "𝕊\u202e\ufffe",
    "id desc, (select 1)",
)
FEW = (WORDS[0], WORDS[4], "99999999999999999999")
OPERATIONS = [one for one in all_operations() if one.method == "GET"]


@dataclass(frozen=True, slots=True)
class Question:
    """One parameter of a read."""

    operation: Operation
    told: Json

    @property
    def name(self) -> str:
        return str(self.told["name"])

    @property
    def words(self) -> tuple[str, ...]:
        schemas = [self.told["schema"], *self.told["schema"].get("anyOf", ())]
        is_free = any(
            one.get("type") == "string" and not {"format", "enum", "pattern"} & one.keys()
            for one in schemas
        )
        return WORDS if is_free else FEW

    async def ask(self, client: httpx2.AsyncClient, word: str) -> httpx2.Response:
        if self.told["in"] == "path":
            encoded = "".join(f"%{byte:02X}" for byte in word.encode())
            path = self.operation.path_with({}).rpartition("/")[0]
            return await client.get(f"{path}/{encoded}")
        return await client.get(self.operation.path_with({}), params={self.name: word})


def questions() -> Iterator[Question]:
    for operation in OPERATIONS:
        for told in operation.told.get("parameters", ()):
            is_last = operation.path.endswith("{" + told["name"] + "}")
            if told["in"] == "query" or (told["in"] == "path" and is_last):
                yield Question(operation, told)


ALL = list(questions())


@pytest.fixture
async def admin(database: Database, sign_in: SignIn) -> httpx2.AsyncClient:
    caller, _ = await write_member(database, "admin", await operators_of(database))
    return await sign_in(caller)


# Every fourth word of each question, another one each time; all of them in `make soak`.
@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.soak)])
async def test_no_question_says_anything_but_itself(
    admin: httpx2.AsyncClient, migrated: PostgresServer, step: int
) -> None:
    before = await dump_of(migrated)
    faults: list[Any] = []
    free = 0

    for number, question in enumerate(ALL):
        free += question.words is WORDS
        for word in question.words[number % min(step, len(question.words)) :: step]:
            began = time.monotonic()
            answer = await question.ask(admin, word)
            is_slow = time.monotonic() - began > 9
            told = answer.text if answer.status_code != 422 else ""
            is_wrong = answer.status_code not in {200, 404, 422} or "x-forged" in answer.headers
            if is_wrong or is_slow or INSIDE.search(told):
                faults.append((str(question.operation), question.name, word, answer.status_code))

    assert faults == []
    assert free > 8
    assert await dump_of(migrated) == before


async def test_no_page_is_larger_than_allowed(admin: httpx2.AsyncClient) -> None:
    paged = [question for question in ALL if question.name in {"limit", "per_page"}]
    answers = [await question.ask(admin, "501") for question in paged]

    assert len(paged) > 10
    assert {answer.status_code for answer in answers} == {422}


def test_no_list_in_a_body_is_longer_than_allowed() -> None:
    lists = [
        (str(operation), told)
        for operation in all_operations()
        for told in _lists(operation.told.get("requestBody", {}), operation.schemas)
    ]

    assert len(lists) >= 4
    assert [each for each in lists if not each[1].get("maxItems", 1001) <= 1000] == []


def _lists(schema: Any, schemas: Json) -> Iterator[Json]:
    if isinstance(schema, list):
        for each in schema:
            yield from _lists(each, schemas)
    if not isinstance(schema, dict):
        return
    if (ref := schema.get("$ref")) is not None:
        yield from _lists(schemas[ref.rpartition("/")[2]], schemas)
    if schema.get("type") == "array":
        yield schema
    for name, each in schema.items():
        if name not in {"example", "examples"}:
            yield from _lists(each, schemas)
