"""Traces and reports, where somebody asks for them."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from structlog.testing import capture_logs

from quantloom_server.app import create_app
from quantloom_server.platform.telemetry.sentry import open_sentry, scrub
from quantloom_server.platform.telemetry.spans import Spans
from quantloom_server.platform.telemetry.tracing import open_tracing
from quantloom_server.settings import Settings
from tests.server.support import client_of, running


class Collector(ThreadingHTTPServer):
    """Keeps what is sent to it: place, headers and body."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.taken: list[tuple[str, Any, bytes]] = []

    def spans(self) -> list[Any]:
        bodies = [json.loads(body) for _, _, body in self.taken]
        return [
            span
            for body in bodies
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


class Taking(BaseHTTPRequestHandler):
    """Takes spans as a collector does."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers, body))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_request_is_a_span_of_the_trace_that_it_names(app: FastAPI) -> None:
    kept = InMemorySpanExporter()
    app.state.spans = Spans(kept, process="test", ratio=0.0)
    try:
        async with client_of(app) as client:
            await client.get("/api/status?token=hunter2", headers={"traceparent": PARENT})
            await client.get("/health")
        app.state.spans.close()
    finally:
        app.state.spans = None

    (span,) = kept.get_finished_spans()
    assert span.name == "GET /api/v1/status"
    assert f"{span.context.trace_id:032x}" == PARENT.split("-")[1]
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 200
    assert "hunter2" not in span.to_json()


async def test_a_failure_is_told_without_its_words() -> None:
    kept = InMemorySpanExporter()
    spans = Spans(kept, process="test", ratio=1.0)

    with pytest.raises(ZeroDivisionError):
        async with spans.around("GET", {}):
            raise ZeroDivisionError("hunter2")
    spans.close()

    (span,) = kept.get_finished_spans()
    assert "hunter2" not in span.to_json()


async def test_what_answers_with_an_error_of_ours_is_marked(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = InMemorySpanExporter()
    app.state.spans = Spans(kept, process="test", ratio=1.0)
    monkeypatch.setattr(app.state, "checked", None, raising=False)
    monkeypatch.setattr("quantloom_server.platform.status.check", None)
    try:
        with capture_logs():
            async with client_of(app) as client:
                await client.get("/api/v1/status")
                await client.get("/nothing")
        app.state.spans.close()
    finally:
        app.state.spans = None

    marked = [span.status.is_ok for span in kept.get_finished_spans()]
    assert marked == [False, True]


async def test_no_spans_are_made_unless_somebody_asks() -> None:
    async with open_tracing(Settings(_env_file=None), process="test") as spans:
        assert spans is None


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A small collector of OTLP over HTTP."""
    with Collector(("127.0.0.1", 0), Taking) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()


async def test_spans_reach_a_collector_without_secrets(
    settings: Settings, collector: Collector
) -> None:
    told = settings.model_copy(
        update={
            "otlp_endpoint": f"http://127.0.0.1:{collector.server_port}/",
            "otlp_headers": SecretStr("x-tenant=desk, x-token=abc"),
            "trace_ratio": 1.0,
        }
    )
    app = create_app(told)
    login = {"username": "nobody-here", "password": "hunter2hunter2"}
    async with running(app), client_of(app) as client:
        answered = await client.get(
            "/api/v1/market/instruments/rb2405.SHFE?key=hunter2",
            headers={"traceparent": PARENT, "Authorization": "Bearer hunter2"},
        )
        await client.post("/api/v1/auth/login", json=login)

    spans = {span["name"]: span for span in collector.spans()}
    assert spans.keys() == {
        "GET /api/v1/market/instruments/{symbol:path}",
        "POST /api/v1/auth/login",
    }
    span = spans["GET /api/v1/market/instruments/{symbol:path}"]
    assert (span["traceId"], span["parentSpanId"]) == tuple(PARENT.split("-")[1:3])
    assert span["kind"] == 2
    assert int(span["endTimeUnixNano"]) > int(span["startTimeUnixNano"])
    facts = {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}
    assert facts["quantloom.request_id"] == answered.headers["x-request-id"]
    assert facts["http.route"] == "/api/v1/market/instruments/{symbol:path}"
    assert facts["http.response.status_code"] == "401"
    assert {place for place, _, _ in collector.taken} == {"/v1/traces"}
    assert {headers["x-token"] for _, headers, _ in collector.taken} == {"abc"}
    everything = b"".join(body for _, _, body in collector.taken)
    assert b"hunter2" not in everything
    assert b"nobody-here" not in everything


async def test_a_collector_that_is_away_costs_spans_and_no_request(settings: Settings) -> None:
    told = settings.model_copy(
        update={"otlp_endpoint": "http://127.0.0.1:1/v1/traces", "trace_ratio": 1.0}
    )
    app = create_app(told)

    async with running(app), client_of(app) as client:
        answered = await client.get("/health")

    assert answered.status_code == 200


def test_reports_leave_out_what_may_be_secret() -> None:
    event: dict[str, Any] = {
        "request": {"headers": {"Authorization": "Bearer hunter2hunter2"}},
        "user": {"ip_address": "10.0.0.1"},
        "exception": {
            "values": [
                {
                    "value": "password=hunter2",
                    "stacktrace": {"frames": [{"function": "f", "vars": {"p": "hunter2"}}]},
                }
            ]
        },
    }

    told = scrub(event, None)

    assert "hunter2" not in str(told)
    assert "10.0.0.1" not in str(told)
    assert told["exception"]["values"][0]["stacktrace"]["frames"][0]["function"] == "f"


def test_nothing_is_reported_unless_somebody_asks() -> None:
    assert open_sentry(Settings(_env_file=None, sentry_dsn=None), process="test") is False
