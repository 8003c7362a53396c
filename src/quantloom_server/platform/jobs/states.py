"""The queues that jobs wait in, and the states that they go through."""

from enum import StrEnum


class Queue(StrEnum):
    """A line of its own: a long optimisation never stands in the way of a notification."""

    BACKTEST = "backtest"
    OPTIMISE = "optimise"
    DATA = "data"
    REPORT = "report"
    NOTIFY = "notify"
    TRAINING = "training"


class JobState(StrEnum):
    """Where a job is.

    `failed` tells of an error that repeating would not mend; `dead` of one that was met each time.
    """

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"

    @property
    def is_over(self) -> bool:
        return self not in {JobState.QUEUED, JobState.RUNNING}
