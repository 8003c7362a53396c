"""Traces and reports, where somebody asks for them."""

from typing import Any

import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs

from quantloom_server.platform.errors import PackageMissing
from quantloom_server.platform.telemetry.sentry import open_sentry, scrub
from quantloom_server.platform.telemetry.spans import Spans, otlp_exporter
from quantloom_server.platform.telemetry.tracing import open_tracing
from quantloom_server.settings import Settings
from tests.server.support import client_of

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


def test_a_missing_package_says_how_to_get_it() -> None:
    with pytest.raises(PackageMissing, match=r"quantloom\[tracing\]"):
        otlp_exporter("http://collector:4318")


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
