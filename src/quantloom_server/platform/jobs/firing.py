"""Making the jobs of schedules that are due."""

import structlog

from quantloom.kit.clock import Clock
from quantloom.kit.ids import IdMaker
from quantloom_server.platform.database import NOBODY, Database
from quantloom_server.platform.jobs.cron import Cron

_MOST_AT_ONCE = 100

log = structlog.get_logger("app")


class Firing:
    """Fires schedules for the holder of a lease.

    The database asks for the lease and for the moment again as it fires, so each moment fires once,
    however many try. A schedule that missed moments fires for the last of them alone, and one whose
    job still runs waits for its next moment.
    """

    def __init__(self, database: Database, clock: Clock, ids: IdMaker, lease: str) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._lease = lease

    async def fire_due(self, token: int) -> int:
        """Fire what is due now, and tell how much that was."""
        now = self._clock.now()
        async with self._database.direct(NOBODY) as connection:
            due = await connection.fetch(
                "SELECT id, name, cron, timezone, next_run_at FROM system.due_schedules($1, $2)",
                now,
                _MOST_AT_ONCE,
            )
        fired = 0
        for row in due:
            following = Cron.parse(row["cron"], row["timezone"]).next_after(now)
            async with self._database.direct(NOBODY) as connection:
                told = await connection.fetchval(
                    "SELECT system.fire_schedule($1, $2, $3, $4, $5, $6)",
                    row["id"],
                    row["next_run_at"],
                    following,
                    self._ids.new(),
                    self._lease,
                    token,
                )
            log.info("schedules.fired", schedule=row["name"], told=told)
            fired += told == "fired"
        return fired
