"""What can go wrong with jobs and schedules."""

from uuid import UUID

from quantloom.errors import Conflict, Invalid, NotFound


class JobNotFound(NotFound):
    """There is no such job in this workspace."""

    code = "jobs.not_found"

    def __init__(self, job_id: UUID) -> None:
        super().__init__(job_id)
        self.job_id = job_id

    def __str__(self) -> str:
        return f"there is no job {self.job_id}; GET /api/v1/jobs lists those of your workspace"


class JobIsOver(Conflict):
    """A job that has ended cannot be cancelled."""

    code = "jobs.is_over"

    def __init__(self, job_id: UUID, state: str) -> None:
        super().__init__(job_id, state)
        self.job_id, self.state = job_id, state

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.state} already; there is nothing left to cancel"


class JobNotRetriable(Conflict):
    """Only a job that ended without success can be tried again."""

    code = "jobs.not_retriable"

    def __init__(self, job_id: UUID, state: str) -> None:
        super().__init__(job_id, state)
        self.job_id, self.state = job_id, state

    def __str__(self) -> str:
        return (
            f"job {self.job_id} is {self.state}; only a failed, dead or cancelled one can be "
            "tried again"
        )


class UnknownKind(Invalid):
    """No part of this release knows how to do such a job."""

    code = "jobs.unknown_kind"

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"no job is called {self.kind!r}; check the name, and that all parts run one release"


class BadPayload(Invalid):
    """A payload that does not fit its kind of job."""

    code = "jobs.bad_payload"

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(kind, problem)
        self.kind, self.problem = kind, problem

    def __str__(self) -> str:
        return f"the payload of {self.kind} does not fit: {self.problem}; correct it and send again"


class JobTookTooLong(Invalid):
    """A job ran beyond the limit of its kind."""

    code = "jobs.took_too_long"

    def __init__(self, kind: str, limit_s: float) -> None:
        super().__init__(kind, limit_s)
        self.kind, self.limit_s = kind, limit_s

    def __str__(self) -> str:
        return f"{self.kind} took longer than {self.limit_s:g} s; give it less to do at once"


class ScheduleNotFound(NotFound):
    """There is no such schedule in this workspace."""

    code = "schedules.not_found"

    def __init__(self, schedule_id: UUID) -> None:
        super().__init__(schedule_id)
        self.schedule_id = schedule_id

    def __str__(self) -> str:
        return (
            f"there is no schedule {self.schedule_id}; GET /api/v1/schedules lists those of your "
            "workspace"
        )


class ScheduleNameTaken(Conflict):
    """Two schedules of a workspace would have one name."""

    code = "schedules.name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"there is a schedule called {self.name!r} already; change it, or choose another name"
        )


class NotSchedulable(Invalid):
    """A kind of job that only the service itself begins."""

    code = "schedules.not_schedulable"

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind

    def __str__(self) -> str:
        return f"{self.kind} cannot be scheduled; choose a kind of job that may be repeated"


class BadCron(Invalid):
    """Times that are not written as cron writes them, or that never come."""

    code = "schedules.bad_cron"

    def __init__(self, cron: str, problem: str) -> None:
        super().__init__(cron, problem)
        self.cron, self.problem = cron, problem

    def __str__(self) -> str:
        return (
            f"{self.cron!r} is not understood: {self.problem}; write minute, hour, day, month and "
            "weekday, such as '30 16 * * mon-fri'"
        )


class UnknownTimezone(Invalid):
    """A time zone that is not in the tables."""

    code = "schedules.unknown_timezone"

    def __init__(self, timezone: str) -> None:
        super().__init__(timezone)
        self.timezone = timezone

    def __str__(self) -> str:
        return f"there is no time zone {self.timezone!r}; write one such as Asia/Shanghai or UTC"
