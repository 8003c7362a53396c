"""The queues between the database and the workers: Celery over Valkey.

A message holds the id of a job and nothing else. The row in `jobs` owns the job's life: a message
may be lost, doubled or late, and all that follows is a claim that fails, or one that comes later.
"""

from collections.abc import Iterable, Mapping
from queue import Empty
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from uuid import UUID

import structlog
from celery import Celery
from kombu import Queue as Line
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport.redis import Channel, QoS, Transport

from quantloom_server.platform.errors import NotConfigured
from quantloom_server.platform.jobs.registry import LONGEST_S
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.settings import Settings

RUN_JOB = "quantloom.run_job"

_KEYS = "quantloom:"
_MOST_BYTES = 4_096
_FIELDS = {"body": str, "headers": dict, "properties": dict}

log = structlog.get_logger("app")


class GuardedQoS(QoS):
    """Counts the messages in hand, and lets one go whose acknowledgement could not be sent.

    Kombu keeps counting it; with all hands full of such, a worker asks for no message and so never
    finds out that the broker is back.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except GuardedTransport.connection_errors:
            super(QoS, self).ack(delivery_tag)
            raise


class GuardedChannel(Channel):
    """Takes messages off the queues, and lets nothing through that would end the worker."""

    QoS = GuardedQoS

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # not in the stubs
        except ValueError as error:
            log.error("jobs.poison", reason=f"no JSON: {error}"[:200])  # noqa: TRY400  told in full
            raise Empty from None


class GuardedTransport(Transport):
    """Drops what is no message of ours; the job behind it, if any, is sent again."""

    Channel = GuardedChannel

    def _deliver(self, message: Any, queue: str | None) -> None:
        problem = _problem_of(message)
        if problem is None:
            super()._deliver(message, queue)
        else:
            log.error("jobs.poison", queue=queue, reason=problem)


# Celery chooses its transport by the URL's scheme.
_PATH = f"{__name__}:{GuardedTransport.__qualname__}"
TRANSPORT_ALIASES.update({"redis": _PATH, "rediss": _PATH})


def make_celery(settings: Settings, *, patience_s: float | None = None) -> Celery:
    """Make the Celery application that settings describe; nothing is connected yet.

    Args:
        settings: where the broker is.
        patience_s: how long it may take to answer, for who only sends; a worker waits for messages.
    Raises:
        NotConfigured: there is no address of a broker.
    """
    app = Celery("quantloom", broker=broker_url(settings), set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "global_keyprefix": _KEYS,
            # Longer than the longest job; what a dead worker held is sent again by the sweeper.
            "visibility_timeout": int(LONGEST_S + 3600),
            "socket_connect_timeout": 5,
            "socket_timeout": patience_s,
            "socket_keepalive": True,
        },
        result_backend=None,
        task_acks_late=True,
        task_create_missing_queues=False,
        task_default_queue=Queue.DATA,
        task_ignore_result=True,
        task_publish_retry=False,
        task_queues=[Line(queue, routing_key=queue) for queue in Queue],
        task_serializer="json",
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_max_memory_per_child=settings.worker_memory_mb * 1024,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
    )
    return app


class Broker:
    """Sends the ids of jobs. It waits for the network, so async code calls it in a thread."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, jobs: Iterable[tuple[UUID, str]]) -> None:
        """Send jobs to their queues; raises what kombu raises when the broker is away."""
        with self._app.producer_pool.acquire(block=True) as producer:
            for job_id, queue in jobs:
                self._app.send_task(RUN_JOB, [str(job_id)], queue=queue, producer=producer)

    def list_empty(self) -> list[str]:
        """Read which queues hold no message."""
        with self._app.connection_for_read() as connection:
            channel: Any = connection.default_channel
            return [queue for queue in Queue if not channel.queue_declare(queue).message_count]

    def purge(self) -> None:
        """Forget all messages; what still waits is sent again."""
        with self._app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            for queue in Queue:
                channel.queue_purge(queue)

    def close(self) -> None:
        self._app.close()


def broker_url(settings: Settings) -> str:
    """The broker's address as Celery writes it: its own, or that of Valkey.

    Raises:
        NotConfigured: there is neither.
    """
    if settings.broker_url is not None:
        return settings.broker_url.get_secret_value()
    if settings.redis_url is None:
        raise NotConfigured("QUANTLOOM_REDIS_URL")
    return as_celery_writes(settings.redis_url.get_secret_value())


def as_celery_writes(redis_url: str) -> str:
    """Turn `unix://user:password@/path?db=1` into Celery's form of it; others stay as they are."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    options = parse_qs(parts.query)
    db = options.get("db", ["0"])[0]
    name = unquote(parts.username or options.get("username", [""])[0])
    password = unquote(parts.password or options.get("password", [""])[0])
    account = f"{quote(name, safe='')}:{quote(password, safe='')}@" if name or password else ""
    return f"redis+socket://{account}{parts.path}?virtual_host={db}"


def _problem_of(message: object) -> str | None:
    if not isinstance(message, Mapping):
        return f"a {type(message).__name__} instead of a message"
    wrong = [name for name, kind in _FIELDS.items() if not isinstance(message.get(name), kind)]
    if wrong:
        return f"no {wrong[0]}"
    if len(message["body"]) > _MOST_BYTES:
        return f"a body of {len(message['body'])} bytes"
    return _problem_inside(message)


def _problem_inside(message: Mapping[str, Any]) -> str | None:
    if message["headers"].get("task") != RUN_JOB:
        return "another task than ours"
    if message.get("content-type") != "application/json":
        return "not marked as JSON"
    if not {"delivery_info", "delivery_tag"} <= message["properties"].keys():
        return "no delivery tag"
    return None
