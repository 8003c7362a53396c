"""Spans sent to a collector by OTLP over HTTP, as JSON: no package is needed for it."""

from collections.abc import Mapping, Sequence
from http.client import HTTPException
from typing import Any
from urllib.request import Request, urlopen

import orjson
import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import INVALID_SPAN_CONTEXT

_PATH = "/v1/traces"
_WITHIN_S = 5.0

log = structlog.get_logger("app")


class OtlpExporter(SpanExporter):
    """Sends spans; those that a collector does not take are lost, and that is told once."""

    def __init__(self, endpoint: str, *, headers: str = "") -> None:
        """Nothing is sent yet.

        Args:
            endpoint: where the collector listens, with or without its path for traces.
            headers: further ones for each request, `name=value` by commas.
        """
        self._place = endpoint.rstrip("/").removesuffix(_PATH) + _PATH
        self._headers = {"Content-Type": "application/json", **_read(headers)}
        self._has_told = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        body = orjson.dumps({"resourceSpans": [_written(span) for span in spans]})
        # The operator names the place; nobody else has a say in it.
        request = Request(self._place, data=body, headers=self._headers)  # noqa: S310
        try:
            with urlopen(request, timeout=_WITHIN_S):  # noqa: S310
                pass
        except (OSError, HTTPException) as error:
            if not self._has_told:
                log.warning("tracing.not_sent", reason=type(error).__name__, spans=len(spans))
            self._has_told = True
            return SpanExportResult.FAILURE
        self._has_told = False
        return SpanExportResult.SUCCESS


def _read(headers: str) -> Mapping[str, str]:
    pairs = (part.partition("=") for part in headers.split(",") if "=" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _written(span: ReadableSpan) -> dict[str, Any]:
    scope = span.instrumentation_scope
    return {
        "resource": {"attributes": _attributes(span.resource.attributes)},
        "scopeSpans": [{"scope": {"name": scope.name if scope else ""}, "spans": [_span(span)]}],
    }


def _span(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context() or INVALID_SPAN_CONTEXT
    told = {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "name": span.name,
        # The protocol begins with a kind that the package does not know.
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }
    return told if span.parent is None else {**told, "parentSpanId": f"{span.parent.span_id:016x}"}


def _attributes(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in found.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}
