"""What waits, runs and lies dead among jobs and messages, counted when Prometheus asks.

Counted in the database, so that every process tells the same, and workers need no port.
"""

import asyncio

import asyncpg
import structlog
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from quantloom.errors import Unavailable
from quantloom_server.platform.database import NOBODY, Database

_WITHIN_S = 2.0

log = structlog.get_logger("app")


async def measure_work(database: Database) -> bytes:
    """Count jobs by queue and state, and messages by topic; nothing where the database is away."""
    try:
        async with asyncio.timeout(_WITHIN_S), database.direct(NOBODY) as connection:
            rows = await connection.fetch("SELECT * FROM system.count_work()")
    except (Unavailable, OSError, TimeoutError, asyncpg.PostgresError) as error:
        log.warning("metrics.work_missed", reason=type(error).__name__)
        return b""
    registry = CollectorRegistry()
    gauges = {
        "jobs": _gauge(registry, "jobs", "queue"),
        "outbox": _gauge(registry, "outbox_messages", "topic"),
    }
    for row in rows:
        gauges[row["work"]].labels(row["line"], row["condition"]).set(row["amount"])
    return generate_latest(registry)


def _gauge(registry: CollectorRegistry, name: str, label: str) -> Gauge:
    return Gauge(name, "How many wait, run or are dead.", (label, "state"), registry=registry)
