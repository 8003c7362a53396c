"""Jobs and schedules over HTTP."""

from typing import Any

import httpx2
import pytest

from quantloom.kit.clock import SystemClock
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database
from quantloom_server.platform.jobs import service
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.transaction import Transaction
from tests.server.platform.jobs import kinds  # noqa: F401  registers them
from tests.server.support import IDS, MakeCaller, SignIn, body_of

SCHEDULE = {"name": "Daily", "kind": "tests.count", "cron": "30 16 * * mon-fri"}


async def enqueue(database: Database, caller: Caller) -> str:
    async with database.transaction(caller.scope) as session:
        tx = Transaction(session=session, clock=SystemClock(), ids=IDS, caller=caller)
        row = await service.enqueue(tx, kind="tests.count", queue=Queue.DATA, payload={"work_s": 1})
    return str(row.id)


async def post(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    return body_of(await client.post(f"/api/v1/{path}", json=body))


async def test_jobs_are_listed_page_by_page(
    database: Database, make_caller: MakeCaller, sign_in: SignIn
) -> None:
    caller = await make_caller()
    client = await sign_in(caller)
    made = [await enqueue(database, caller) for _ in range(3)]

    first = body_of(await client.get("/api/v1/jobs", params={"limit": 2, "queue": "data"}))
    rest = body_of(await client.get("/api/v1/jobs", params={"cursor": first["next_cursor"]}))
    none = body_of(await client.get("/api/v1/jobs", params={"state": "dead"}))

    assert [job["id"] for job in first["items"] + rest["items"]] == made[::-1]
    assert rest["next_cursor"] is None
    assert none["items"] == []


async def test_a_job_is_cancelled_and_tried_again(
    database: Database, make_caller: MakeCaller, sign_in: SignIn
) -> None:
    caller = await make_caller()
    client = await sign_in(caller)
    job_id = await enqueue(database, caller)

    cancelled = await post(client, f"jobs/{job_id}/cancel")
    again = await post(client, f"jobs/{job_id}/retry")
    refused = await client.post(f"/api/v1/jobs/{job_id}/retry")
    seen = body_of(await client.get(f"/api/v1/jobs/{job_id}"))

    assert (cancelled["state"], again["state"], seen["state"]) == ("cancelled", "queued", "queued")
    assert (refused.status_code, body_of(refused)["code"]) == (409, "jobs.not_retriable")
    assert (seen["payload"], seen["attempts"]) == ({"work_s": 1}, [])


async def test_jobs_of_others_are_not_found(
    database: Database, make_caller: MakeCaller, sign_in: SignIn
) -> None:
    job_id = await enqueue(database, await make_caller())
    client = await sign_in(await make_caller())

    answers = [
        await client.get(f"/api/v1/jobs/{job_id}"),
        await client.post(f"/api/v1/jobs/{job_id}/cancel"),
        await client.post(f"/api/v1/jobs/{job_id}/retry"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_a_schedule_is_made_changed_and_deleted(
    make_caller: MakeCaller, sign_in: SignIn
) -> None:
    client = await sign_in(await make_caller())

    made = await post(client, "schedules", **SCHEDULE, payload={"work_s": 2})
    path = f"/api/v1/schedules/{made['id']}"
    changed = body_of(await client.patch(path, json={"cron": "0 9 * * *", "is_enabled": False}))
    listed = body_of(await client.get("/api/v1/schedules"))
    deleted = await client.delete(path)
    gone = await client.get(path)

    assert made["next_run_at"][11:16] == "08:30"
    assert (changed["next_run_at"][11:16], changed["is_enabled"]) == ("01:00", False)
    assert changed["payload"] == {"work_s": 2}
    assert [each["id"] for each in listed["items"]] == [made["id"]]
    assert (deleted.status_code, gone.status_code) == (204, 404)


async def test_schedules_of_others_are_not_found(make_caller: MakeCaller, sign_in: SignIn) -> None:
    made = await post(await sign_in(await make_caller()), "schedules", **SCHEDULE)
    client = await sign_in(await make_caller())
    path = f"/api/v1/schedules/{made['id']}"

    answers = [
        await client.get(path),
        await client.patch(path, json={"is_enabled": False}),
        await client.delete(path),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"kind": "tests.block"}, 422, "schedules.not_schedulable"),
        ({"kind": "tests.nothing"}, 422, "jobs.unknown_kind"),
        ({"payload": {"work_s": "long"}}, 422, "jobs.bad_payload"),
        ({"cron": "0 0 30 2 *"}, 422, "schedules.bad_cron"),
        ({"cron": "1 2 3 4 x"}, 422, "schedules.bad_cron"),
        ({"timezone": "Asia/Nowhere"}, 422, "schedules.unknown_timezone"),
        ({"queue": "notify"}, 422, "request.invalid"),
        ({}, 409, "schedules.name_taken"),
    ],
)
async def test_a_schedule_that_could_not_be_kept_is_refused(
    change: dict[str, Any], status: int, code: str, make_caller: MakeCaller, sign_in: SignIn
) -> None:
    client = await sign_in(await make_caller())
    await post(client, "schedules", **SCHEDULE)

    answer = await client.post("/api/v1/schedules", json=SCHEDULE | change)

    assert (answer.status_code, body_of(answer)["code"]) == (status, code)


async def test_a_name_is_given_once_when_it_changes_too(
    make_caller: MakeCaller, sign_in: SignIn
) -> None:
    client = await sign_in(await make_caller())
    await post(client, "schedules", **SCHEDULE)
    other = await post(client, "schedules", **SCHEDULE | {"name": "Other"})

    answer = await client.patch(f"/api/v1/schedules/{other['id']}", json={"name": "Daily"})

    assert answer.status_code == 409
