"""Jobs, their attempts, and the schedules that make them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from quantloom_server.platform.rows import Row, Stamped


class JobRow(Stamped, Row):
    """A piece of work. The row owns its liveness; the broker only carries its id.

    What belongs to no workspace is the platform's own work.
    """

    __tablename__ = "jobs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    kind: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None]
    request_id: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="queued")
    attempt: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int] = mapped_column(server_default="3")
    fencing_token: Mapped[int] = mapped_column(BigInteger, server_default="0")
    worker: Mapped[str | None]
    heartbeat_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    progress: Mapped[float] = mapped_column(server_default="0")
    note: Mapped[str] = mapped_column(server_default="")
    cancel_requested_at: Mapped[datetime | None]
    available_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class AttemptRow(Row):
    """One worker's hold on a job, by the token that fences all earlier ones off."""

    __tablename__ = "job_attempts"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    fencing_token: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    workspace_id: Mapped[UUID | None]
    worker: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class ScheduleRow(Stamped, Row):
    """When a job of one kind is to be made again and again."""

    __tablename__ = "schedules"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workspace_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    name: Mapped[str]
    kind: Mapped[str]
    queue: Mapped[str]
    payload: Mapped[dict[str, Any]]
    cron: Mapped[str]
    timezone: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(server_default="true")
    next_run_at: Mapped[datetime | None]
    last_run_at: Mapped[datetime | None]
    last_job_id: Mapped[UUID | None]
