"""Why a job is to stop before it has ended by itself."""

from enum import StrEnum


class StopReason(StrEnum):
    """Who wants a job to stop."""

    CANCELLED = "cancelled"
    LOST = "lost"
    RELEASED = "released"
    TOOK_TOO_LONG = "took_too_long"


class JobStopped(Exception):
    """Leaves a job that is to stop. Nobody sees it but the worker; jobs let it pass."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason
