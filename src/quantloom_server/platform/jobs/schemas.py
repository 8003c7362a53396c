"""Jobs and schedules as they go over the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quantloom_server.platform.jobs.states import JobState, Queue
from quantloom_server.platform.paging import Asked

_In = ConfigDict(extra="forbid", hide_input_in_errors=True)
_Out = ConfigDict(from_attributes=True)

ScheduleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=80)]
CronText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=9, max_length=100)]
ZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+\-/]{1,64}$")]


class JobsAsked(Asked):
    """Which jobs are asked for."""

    state: Annotated[JobState | None, Query(description="Those in this state.")] = None
    kind: Annotated[str | None, Query(max_length=80, description="Such as `backtests.run`.")] = None
    queue: Annotated[Queue | None, Query(description="Those of this queue.")] = None


class JobErrorOut(BaseModel):
    """Why a job did not succeed."""

    code: str = Field(examples=["jobs.took_too_long"])
    message: str = Field(examples=["it ran for longer than 3600 s; ask for less at once"])


class JobOut(BaseModel):
    """A job, and how far it is."""

    model_config = _Out

    id: UUID
    kind: str = Field(examples=["backtests.run"])
    queue: Queue
    state: JobState
    progress: float = Field(description="From 0 to 1.", ge=0, le=1)
    note: str = Field(description="What it is doing now.", examples=["reading bars"])
    attempt: int = Field(description="How often it has been begun.")
    max_attempts: int
    cancel_requested_at: datetime | None
    user_id: UUID | None = Field(description="Who it is done for.")
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: dict[str, Any] | None = Field(description="What it found, once it has succeeded.")
    error: JobErrorOut | None = Field(description="Why it did not succeed, or not yet.")


class AttemptOut(BaseModel):
    """One worker's hold on a job."""

    model_config = _Out

    worker: str = Field(examples=["worker-1"])
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None = Field(
        description="A state; or `retried`, `released` by a worker that ended, `lost` with one "
        "that died.",
        examples=["retried"],
    )
    error: JobErrorOut | None


class JobDetailOut(JobOut):
    """A job with what it was given and who has held it."""

    payload: dict[str, Any]
    attempts: list[AttemptOut]


class ScheduleIn(BaseModel):
    """A new schedule."""

    model_config = _In

    name: ScheduleName = Field(examples=["Report of the day"])
    kind: Kind = Field(description="What is to be done.", examples=["reports.make"])
    payload: dict[str, Any] = Field(default_factory=dict, description="What that needs to know.")
    cron: CronText = Field(
        description="Minute, hour, day of the month, month, day of the week.",
        examples=["30 16 * * mon-fri"],
    )
    timezone: ZoneName = Field("Asia/Shanghai", description="Whose clocks `cron` is read on.")
    is_enabled: bool = True


class ScheduleChangeIn(BaseModel):
    """What is to change of a schedule; the rest stays."""

    model_config = _In

    name: ScheduleName | None = None
    payload: dict[str, Any] | None = None
    cron: CronText | None = None
    timezone: ZoneName | None = None
    is_enabled: bool | None = None


class ScheduleOut(BaseModel):
    """A schedule, and when it was and will be due."""

    model_config = _Out

    id: UUID
    name: str = Field(examples=["Report of the day"])
    kind: str = Field(examples=["reports.make"])
    payload: dict[str, Any]
    cron: str = Field(examples=["30 16 * * mon-fri"])
    timezone: str = Field(examples=["Asia/Shanghai"])
    is_enabled: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: UUID | None
    created_at: datetime
    updated_at: datetime
