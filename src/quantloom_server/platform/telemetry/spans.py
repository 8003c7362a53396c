"""Spans by OpenTelemetry. Loaded only where traces are made."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_NAME = "quantloom"


class Spans:
    """Makes the spans of one process and sends them."""

    def __init__(self, exporter: SpanExporter, *, process: str, ratio: float) -> None:
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": f"{_NAME}-{process}"}),
            sampler=ParentBased(TraceIdRatioBased(ratio)),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer(_NAME)
        self._propagator = TraceContextTextMapPropagator()

    @asynccontextmanager
    async def around(self, method: str, headers: Mapping[str, str]) -> AsyncIterator[Span]:
        """A span around a request, below the one that its headers name."""
        parent = self._propagator.extract(headers)
        # What an exception says may be secret; that there was one, the status tells.
        with self._tracer.start_as_current_span(
            method,
            context=parent,
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @staticmethod
    def note_failure(span: Span) -> None:
        """Mark a span as one of something that went wrong on our side."""
        span.set_status(StatusCode.ERROR)

    def close(self) -> None:
        """Send what is left, and wait for it."""
        self._provider.shutdown()
