"""Doing one job: claim it, keep it, call its function, and tell how it ended."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from uuid import UUID

import structlog

from quantloom.errors import QuantloomError, Unavailable
from quantloom_server.platform.backoff import backoff_s
from quantloom_server.platform.jobs import claims
from quantloom_server.platform.jobs.claims import Claim, Outcome
from quantloom_server.platform.jobs.context import JobContext
from quantloom_server.platform.jobs.keeping import OUTCOMES, PASSING, Keeper, Terms
from quantloom_server.platform.jobs.registry import JobKind, Result, get_kind
from quantloom_server.platform.jobs.stopping import JobStopped, StopReason
from quantloom_server.platform.parts import Parts

# For so long a worker tries to tell how a job ended, should the database be away just then.
_TELL_TRIES = 10

log = structlog.get_logger("app")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an attempt ended, for its row."""

    outcome: Outcome
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None


class Runner:
    """Does jobs one after another, in one process."""

    def __init__(self, parts: Parts, terms: Terms, *, worker: str, dice: Random) -> None:
        self._parts = parts
        self._terms = terms
        self._worker = worker
        self._dice = dice

    async def run(self, job_id: UUID) -> str | None:
        """Do a job, if it still waits to be done; its state afterwards, None if it was not ours.

        The broker may hand an id over twice or late; who cannot claim the row leaves it alone.
        """
        held = await claims.claim(self._parts.database, job_id, self._worker, self._terms.lease_s)
        if held is None:
            log.info("jobs.not_claimed", job_id=str(job_id))
            return None
        log.info("jobs.started", **_facts(held))
        try:
            kind = get_kind(held.kind)
            payload = kind.read(held.payload)
        except Exception as error:  # noqa: BLE001  a job that cannot even be begun ends by it
            return await self._end(held, _ending_of(error, held))
        return await self._end(held, await self._do(held, kind, payload))

    async def _do(self, held: Claim, kind: JobKind, payload: Any) -> Ending | None:
        """Call the function; None where there is nothing left to tell."""
        loop = asyncio.get_running_loop()
        doing: asyncio.Task[Result] | None = None

        def stop() -> None:
            if doing is not None:
                loop.call_soon_threadsafe(doing.cancel)

        terms = replace(self._terms, limit_s=kind.limit_s)
        with Keeper(held, terms, stop) as keeper:
            context = JobContext(held, self._parts, keeper)
            doing = asyncio.ensure_future(kind.do(context, payload))
            try:
                result = await doing
            except (JobStopped, asyncio.CancelledError) as stopped:
                return _ending_of_stop(keeper, stopped)
            except Exception as error:  # noqa: BLE001  whatever a job raises ends it, and is told once
                return None if context.is_complete else _ending_of(error, held)
            if context.is_complete:
                return None
            return Ending(outcome=Outcome.SUCCEEDED, result=result or {})

    async def _end(self, held: Claim, ending: Ending | None) -> str | None:
        if ending is None:
            log.info("jobs.ended", **_facts(held))
            return None
        state = await self._tell(held, ending)
        log.info("jobs.ended", **_facts(held), state=state or StopReason.LOST)
        return state

    async def _tell(self, held: Claim, ending: Ending) -> str | None:
        again_s = backoff_s(held.attempt, self._dice) if ending.outcome is Outcome.RETRIED else 0.0
        for attempt in range(1, _TELL_TRIES + 1):
            with suppress(*PASSING):
                return await claims.finish(
                    self._parts.database,
                    held,
                    ending.outcome,
                    result=ending.result,
                    error=ending.error,
                    again_s=again_s,
                )
            await asyncio.sleep(backoff_s(attempt, self._dice, most_s=10.0))
        return None


def _ending_of(error: Exception, held: Claim) -> Ending:
    """Only what is away for now, or not understood, is worth another try."""
    if not isinstance(error, QuantloomError):
        log.error("jobs.failed", **_facts(held), exc_info=error)
        told = {"code": "internal", "message": type(error).__name__}
        return Ending(outcome=Outcome.RETRIED, error=told)
    log.warning("jobs.refused", **_facts(held), code=error.code, reason=str(error))
    outcome = Outcome.RETRIED if isinstance(error, Unavailable) else Outcome.FAILED
    return Ending(outcome=outcome, error={"code": error.code, "message": str(error)})


def _ending_of_stop(keeper: Keeper, stopped: BaseException) -> Ending | None:
    reason = stopped.reason if isinstance(stopped, JobStopped) else keeper.stop_reason
    if reason is None:
        # Nobody stopped it but its process, which is ending.
        reason = StopReason.RELEASED
    if reason is StopReason.LOST:
        return None
    return Ending(outcome=OUTCOMES[reason], error=keeper.error_of(reason))


def _facts(held: Claim) -> dict[str, Any]:
    return {
        "job_id": str(held.job_id),
        "kind": held.kind,
        "attempt": held.attempt,
        "request_id": held.request_id,
    }
