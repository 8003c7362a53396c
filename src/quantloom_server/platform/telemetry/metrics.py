"""What Prometheus reads. Labels are bounded: route templates, methods, statuses, never ids."""

from typing import Protocol

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

__all__ = ["CONTENT_TYPE_LATEST", "HttpMetrics"]

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class _Observing(Protocol):
    def observe(self, amount: float) -> None: ...


class _Counting(Protocol):
    def inc(self) -> None: ...


class HttpMetrics:
    """The metrics of one process that answers requests."""

    def __init__(self, *, several: bool = False) -> None:
        self.registry = CollectorRegistry()
        # Of several processes each knows its own part; the files they share are put together.
        self._read = self.registry
        if several:
            self._read = CollectorRegistry()
            MultiProcessCollector(self._read)  # type: ignore[no-untyped-call]
        else:
            ProcessCollector(registry=self.registry)
        self._total = Counter(
            "http_requests_total",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._duration = Histogram(
            "http_request_duration_seconds",
            "From a request's first byte to its answer's last.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._open = Gauge(
            "http_requests_in_progress",
            "Requests being answered.",
            multiprocess_mode="livesum",
            registry=self.registry,
        )
        # `labels` locks and checks each time; the few children there are stay at hand.
        self._children: dict[tuple[str, str, int], tuple[_Counting, _Observing]] = {}

    def begin(self) -> None:
        self._open.inc()

    def end(self, method: str, route: str, status: int, took_s: float) -> None:
        self._open.dec()
        key = (method, route, status)
        found = self._children.get(key)
        if found is None:
            total = self._total.labels(method, route, str(status))
            found = self._children[key] = (total, self._duration.labels(method, route))
        found[0].inc()
        found[1].observe(took_s)

    def text(self) -> bytes:
        """Everything there is, as Prometheus reads it."""
        return generate_latest(self._read)
