"""`quantloom serve` as an operator starts it, and ends it."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from quantloom_server.cli import serve
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.errors import NotConfigured, UnsafeSettings
from quantloom_server.platform.keyring import WeakSecret
from tests.server.cli.served import SERVE, environment_of, serving


@pytest.fixture
def environment(migrated: PostgresServer, valkey: ValkeyServer, tmp_path: Path) -> dict[str, str]:
    return environment_of(migrated, valkey, tmp_path)


def read_lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_it_serves_logs_and_ends_in_order(environment: dict[str, str]) -> None:
    async with serving(environment) as (process, client):
        asked = {"X-Request-ID": "asked-by-the-test", "Authorization": "Bearer abcdefghijklmnop"}
        answer = await client.get("/api/v1/auth/me?token=hunter2hunter2", headers=asked)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 10)

    logs = Path(environment["QUANTLOOM_SERVICE_DIR"]) / "logs"
    (line,) = [
        each
        for each in read_lines(logs / "app.log")
        if each.get("request_id") == "asked-by-the-test"
    ]
    assert code == 0
    assert answer.status_code == 401
    assert "server" not in answer.headers
    assert (line["event"], line["route"], line["status"]) == (
        "request.done",
        "/api/v1/auth/me",
        401,
    )
    assert "hunter2" not in (logs / "app.log").read_text(encoding="utf-8")
    assert line["process"] == "serve"


async def test_every_request_that_was_begun_is_answered_when_it_is_told_to_end(
    environment: dict[str, str],
) -> None:
    answered: list[str] = []
    enough = asyncio.Event()

    async def ask(client: httpx2.AsyncClient) -> None:
        while True:
            try:
                # On a connection of its own: one that is closed while idle is a client's to retry.
                answer = await client.get("/api/v1/status", headers={"Connection": "close"})
            except httpx2.TransportError:
                # Refused, or not yet read as the process stopped to listen: to be sent again.
                return
            assert answer.status_code == 200
            answered.append(answer.headers["x-request-id"])
            if len(answered) >= 40:
                enough.set()

    async with serving(environment) as (process, client):
        asking = [asyncio.create_task(ask(client)) for _ in range(8)]
        await enough.wait()
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*asking), 20)
        code = await asyncio.wait_for(process.wait(), 20)

    lines = read_lines(Path(environment["QUANTLOOM_SERVICE_DIR"]) / "logs" / "app.log")
    begun = [line["request_id"] for line in lines if line.get("route") == "/api/v1/status"]
    assert code == 0
    assert sorted(map(str, begun)) == sorted(answered)


@pytest.mark.soak
async def test_several_processes_put_their_measurements_together(
    environment: dict[str, str],
) -> None:
    async with serving(environment, "--workers", "2") as (process, client):
        for _ in range(20):
            await client.get("/health", headers={"Connection": "close"})
        text = (await client.get("/metrics")).text
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 20)

    assert 'http_requests_total{method="GET",route="/health",status="200"} 20.0' in text


UNFIT = [
    ({"QUANTLOOM_SECRET_KEY": "changeme"}, WeakSecret),
    ({"QUANTLOOM_SECRET_KEY": ""}, NotConfigured),
    ({"QUANTLOOM_DATABASE_URL": ""}, NotConfigured),
    ({"QUANTLOOM_REDIS_URL": ""}, NotConfigured),
    ({"QUANTLOOM_ENVIRONMENT": "production", "DEBUG": "1"}, UnsafeSettings),
]


@pytest.mark.parametrize(("changed", "error"), UNFIT)
def test_unfit_settings_are_refused_before_anything_is_opened(
    environment: dict[str, str],
    changed: dict[str, str],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {**environment, **changed}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir("/")

    ran = CliRunner().invoke(serve.app, [])

    assert isinstance(ran.exception, error)
    assert list(Path(environment["QUANTLOOM_SERVICE_DIR"]).iterdir()) == []


def test_a_secret_from_an_example_ends_the_process_with_one_line(
    environment: dict[str, str],
) -> None:
    ran = subprocess.run(
        SERVE,
        env={**environment, "SECRET_KEY": "changeme", "QUANTLOOM_SECRET_KEY": ""},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 2
    assert len(ran.stderr.splitlines()) == 1
