from dataclasses import replace
from typing import Any

import pytest

from quantloom_server.platform import trail
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.permissions import Permission
from tests.server.support import IDS, MakeCaller, SignIn, body_of


@pytest.fixture
async def auditor(make_caller: MakeCaller) -> Caller:
    return await make_caller(Permission.AUDIT_READ)


@pytest.fixture
def parts(app: Any) -> Parts:
    parts: Parts = app.state.parts
    return parts


async def act(parts: Parts, caller: Caller, action: str, **more: Any) -> str:
    async with parts.transaction(caller=caller, request_id="r-1") as tx:
        entry_id = await trail.record(
            tx, action=action, object_kind="thing", object_id=more.pop("object_id", "7"), **more
        )
    return str(entry_id)


async def actions(client: Any, query: str = "") -> list[str]:
    answer = await client.get(f"/api/v1/audit{query}")
    assert answer.status_code == 200, answer.text
    return [item["action"] for item in body_of(answer)["items"]]


async def test_acts_are_listed_newest_first(auditor: Caller, parts: Parts, sign_in: SignIn) -> None:
    for name in ("t.a", "t.b", "t.c"):
        await act(parts, auditor, name)

    assert await actions(await sign_in(auditor)) == ["t.c", "t.b", "t.a"]


async def test_a_list_goes_on_by_its_cursor_and_ends(
    auditor: Caller, parts: Parts, sign_in: SignIn
) -> None:
    for number in range(5):
        await act(parts, auditor, f"t.{number}")
    client, seen, query = await sign_in(auditor), [], "?limit=2"

    while True:
        body = body_of(await client.get(f"/api/v1/audit{query}"))
        seen += [item["action"] for item in body["items"]]
        if body["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={body['next_cursor']}"

    assert seen == ["t.4", "t.3", "t.2", "t.1", "t.0"]


async def test_pages_are_counted_for_those_who_count(
    auditor: Caller, parts: Parts, sign_in: SignIn
) -> None:
    for number in range(3):
        await act(parts, auditor, f"t.{number}")
    client = await sign_in(auditor)

    body = body_of(await client.get("/api/v1/audit?page=2&per_page=2"))

    assert [item["action"] for item in body["items"]] == ["t.0"]
    assert body["total"] == 3


@pytest.mark.parametrize("query", ["?cursor=nonsense!", "?cursor=AAAA", "?limit=0", "?limit=501"])
async def test_a_wrong_window_is_refused(auditor: Caller, sign_in: SignIn, query: str) -> None:
    answer = await (await sign_in(auditor)).get(f"/api/v1/audit{query}")

    assert answer.status_code == 422


async def test_acts_are_sought_by_who_what_and_when(
    auditor: Caller, parts: Parts, sign_in: SignIn, make_caller: MakeCaller
) -> None:
    colleague = await make_caller(beside=auditor)
    await act(parts, auditor, "t.opened", object_id="8")
    await act(parts, colleague, "t.closed")
    await act(parts, colleague, "u.closed")
    client = await sign_in(auditor)

    assert await actions(client, f"?actor_id={colleague.user_id}") == ["u.closed", "t.closed"]
    assert await actions(client, "?action=t.") == ["t.closed", "t.opened"]
    assert await actions(client, "?object_kind=thing&object_id=8") == ["t.opened"]
    assert await actions(client, "?until=2001-01-01T00:00:00Z") == []


async def test_one_act_is_read_with_what_changed(
    auditor: Caller, parts: Parts, sign_in: SignIn
) -> None:
    entry_id = await act(parts, auditor, "t.renamed", before={"name": "a"}, after={"name": "b"})

    body = body_of(await (await sign_in(auditor)).get(f"/api/v1/audit/{entry_id}"))

    assert (body["before"], body["after"]) == ({"name": "a"}, {"name": "b"})
    assert body["request_id"] == "r-1"


async def test_what_another_workspace_did_is_not_there(
    auditor: Caller, parts: Parts, sign_in: SignIn, make_caller: MakeCaller
) -> None:
    stranger = await make_caller()
    entry_id = await act(parts, stranger, "t.secret", after={"name": "b"})
    client = await sign_in(auditor)

    assert (await client.get(f"/api/v1/audit/{entry_id}")).status_code == 404
    assert (await client.get(f"/api/v1/audit/{IDS.new()}")).status_code == 404
    assert "t.secret" not in await actions(client, f"?actor_id={stranger.user_id}")
    assert "t.secret" not in (await client.get("/api/v1/audit/export")).text


@pytest.mark.parametrize("path", ["", "/export", "/0190a1b2-0000-7000-8000-000000000000"])
async def test_the_trail_is_for_auditors(
    make_caller: MakeCaller, sign_in: SignIn, path: str
) -> None:
    other = await make_caller(Permission.PROFILE)

    assert (await (await sign_in(other)).get(f"/api/v1/audit{path}")).status_code == 403


@pytest.fixture
async def many(auditor: Caller, parts: Parts) -> Caller:
    async with parts.transaction(caller=auditor) as tx:
        for number in range(1_200):
            await trail.record(tx, action="t.x", object_kind="thing", object_id=number)
    return auditor


async def test_an_export_holds_every_act_oldest_first(many: Caller, sign_in: SignIn) -> None:
    client = await sign_in(many)

    csv = (await client.get("/api/v1/audit/export")).text.splitlines()
    lines = (await client.get("/api/v1/audit/export?format=ndjson")).text.splitlines()

    assert csv[0].startswith("id,at,actor_id")
    assert [line.rpartition(",")[2] for line in csv[1:]] == [str(n) for n in range(1_200)]
    assert len(lines) == 1_200


async def test_no_cell_of_an_export_is_a_formula(
    auditor: Caller, parts: Parts, sign_in: SignIn
) -> None:
    await act(parts, replace(auditor, address="=cmd()"), "t.x", object_id="@SUM(A1)")

    answer = await (await sign_in(auditor)).get("/api/v1/audit/export")

    assert "'=cmd()" in answer.text
    assert "'@SUM(A1)" in answer.text
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'


@pytest.mark.parametrize("form", ["csv", "ndjson"])
async def test_what_the_database_refuses_is_told_before_an_export_begins(
    auditor: Caller, sign_in: SignIn, form: str
) -> None:
    client = await sign_in(auditor)

    answer = await client.get(f"/api/v1/audit/export?format={form}&object_id=%00")
    nothing = await client.get(f"/api/v1/audit/export?format={form}&object_id=none")

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert (nothing.status_code, len(nothing.text.splitlines())) == (200, form == "csv")
