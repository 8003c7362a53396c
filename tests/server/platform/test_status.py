import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from redis.asyncio import Redis

from quantloom.kit.clock import SystemClock
from quantloom.version import VERSION
from quantloom_server.platform import outbox, shape, status
from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.jobs.service import enqueue
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.status import check
from quantloom_server.platform.supervision.board import Board, BoardReader, State
from tests.server.support import MakeCaller, body_of


@contextmanager
def swapped(app: FastAPI, parts: Parts) -> Iterator[None]:
    """The application with other parts for a while."""
    own, app.state.parts = app.state.parts, parts
    try:
        yield
    finally:
        app.state.parts = own


async def test_a_process_that_has_everything_is_ready(visitor: httpx2.AsyncClient) -> None:
    alive = await visitor.get("/health")
    ready = await visitor.get("/health/ready")
    told = await visitor.get("/api/status")

    everything = {"database": "ok", "migrations": "ok", "redis": "ok"}
    assert alive.json() == {"status": "ok", "processes": []}
    assert ready.json() == {"status": "ok", "checks": everything}
    assert body_of(told)["checks"] == everything
    assert body_of(told)["version"] == VERSION
    assert body_of(told)["started_at"].endswith("Z")


async def test_the_parts_that_a_supervisor_keeps_are_told(
    app: FastAPI, visitor: httpx2.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    board = Board(tmp_path / "run" / "state.json", SystemClock())
    board.change("worker", state=State.READY, pid=os.getpid(), started=started(os.getpid()))
    board.change("beat", state=State.READY, pid=os.getpid(), started="of another start")
    own, app.state.processes = app.state.processes, BoardReader(tmp_path)
    try:
        alive = (await visitor.get("/health")).json()
        told = (await visitor.get("/api/v1/status")).json()
    finally:
        app.state.processes = own

    assert [(each["name"], each["state"], each["restarts"]) for each in alive["processes"]] == [
        ("worker", "ready", 0),
        ("beat", "stopped", 0),
    ]
    assert told["processes"] == alive["processes"]
    assert str(os.getpid()) not in str(told["processes"])


async def test_a_process_without_valkey_lives_and_is_not_ready(
    app: FastAPI, visitor: httpx2.AsyncClient
) -> None:
    nowhere = Redis.from_url("unix:///nowhere.sock")

    with swapped(app, replace(app.state.parts, redis=nowhere)):
        ready = await visitor.get("/health/ready")
        alive = await visitor.get("/health")

    assert ready.status_code == 503
    assert ready.json()["checks"]["redis"] == "failed (ConnectionError)"
    assert ready.json()["checks"]["database"] == "ok"
    assert alive.status_code == 200


async def test_many_who_ask_at_once_cost_one_look(
    app: FastAPI, visitor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Parts] = []

    async def look(parts: Parts) -> dict[str, str]:
        looks.append(parts)
        return await check(parts)

    monkeypatch.setattr(status, "check", look)
    monkeypatch.setattr(app.state, "checked", None, raising=False)
    answers = await asyncio.gather(*(visitor.get("/health/ready") for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len(looks) == 1


async def test_a_database_of_another_shape_is_not_ready(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shape, "needed_revision", lambda: "9999")

    found = await check(app.state.parts)

    assert found["migrations"].endswith("this release needs 9999")


async def test_measurements_are_for_this_machine_or_whoever_has_the_token(
    app: FastAPI, visitor: httpx2.AsyncClient
) -> None:
    async def ask(**headers: str) -> int:
        return (await visitor.get("/metrics", headers=headers)).status_code

    assert await ask() == 200
    assert await ask(**{"X-Forwarded-For": "127.0.0.1"}) == 403
    parts: Parts = app.state.parts
    guarded = parts.settings.model_copy(update={"metrics_token": SecretStr("scrape me, please")})
    with swapped(app, replace(parts, settings=guarded)):
        assert await ask() == 403
        assert await ask(Authorization="Bearer scrape me, please") == 200


async def test_measurements_name_requests_and_the_process(visitor: httpx2.AsyncClient) -> None:
    await visitor.get("/health")

    text = (await visitor.get("/metrics")).text

    assert 'http_request_duration_seconds_bucket{le="0.05",method="GET",route="/health"}' in text
    assert "process_resident_memory_bytes" in text
    assert str(os.getpid()) not in re.findall(r"[\d.]+", text)


async def test_measurements_count_what_waits(
    visitor: httpx2.AsyncClient, app: FastAPI, make_caller: MakeCaller
) -> None:
    async with app.state.parts.transaction(caller=await make_caller()) as tx:
        await enqueue(tx, kind="tests.none", queue=Queue.TRAINING, payload={})
        await outbox.add(tx, topic="tests.none", payload={})

    text = (await visitor.get("/metrics")).text

    assert 'jobs{queue="training",state="queued"}' in text
    assert 'outbox_messages{state="queued",topic="tests.none"}' in text
