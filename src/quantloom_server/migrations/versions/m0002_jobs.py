"""Jobs, their attempts and schedules, the outbox, and leases; with what works across workspaces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

from quantloom_server.migrations import walls

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_UUID = UUID(as_uuid=True)
# Jobs and schedules of no workspace are the platform's own.
_OURS = (
    f"(workspace_id = {walls.WORKSPACE} OR (workspace_id IS NULL AND app_purpose() = 'operate'))"
)


def upgrade() -> None:
    _make_jobs()
    _make_attempts()
    _make_schedules()
    _make_outbox()
    _make_leases()
    for signature, (returns, body) in _FUNCTIONS.items():
        walls.system_function(signature, returns, body)


def downgrade() -> None:
    for signature in reversed(_FUNCTIONS):
        walls.drop_system_function(signature)
    for table in ("leases", "outbox", "schedules", "job_attempts", "jobs"):
        op.drop_table(table)


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", _UUID, nullable=False),
        *_owners(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("key", sa.Text),
        sa.Column("request_id", sa.Text, server_default="", nullable=False),
        sa.Column("state", sa.Text, server_default="queued", nullable=False),
        sa.Column("attempt", sa.Integer, server_default="0", nullable=False),
        sa.Column("max_attempts", sa.Integer, server_default="3", nullable=False),
        sa.Column("fencing_token", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("heartbeat_at", _MOMENT),
        sa.Column("lease_until", _MOMENT),
        sa.Column("progress", sa.Double, server_default="0", nullable=False),
        sa.Column("note", sa.Text, server_default="", nullable=False),
        sa.Column("cancel_requested_at", _MOMENT),
        sa.Column("available_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("sent_at", _MOMENT),
        sa.Column("started_at", _MOMENT),
        sa.Column("finished_at", _MOMENT),
        sa.Column("result", JSONB(none_as_null=True)),
        sa.Column("error", JSONB(none_as_null=True)),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead')",
            name="ck_jobs_state",
        ),
        *_owner_keys("jobs"),
    )
    op.create_index("ix_jobs_workspace_id_id", "jobs", ["workspace_id", "id"])
    op.create_index("ix_jobs_user_id", "jobs", ["user_id"])
    op.execute(
        "CREATE UNIQUE INDEX uq_jobs_key ON jobs (workspace_id, key) NULLS NOT DISTINCT "
        "WHERE key IS NOT NULL"
    )
    # Without the columns that heartbeats change, so that these stay on their page.
    op.execute("CREATE INDEX ix_jobs_queued ON jobs (available_at) WHERE state = 'queued'")
    op.execute("CREATE INDEX ix_jobs_running ON jobs (id) WHERE state = 'running'")
    walls.keep_where("jobs", _OURS, rights="SELECT, INSERT, UPDATE, DELETE")


def _make_attempts() -> None:
    op.create_table(
        "job_attempts",
        sa.Column("job_id", _UUID, nullable=False),
        sa.Column("fencing_token", sa.BigInteger, nullable=False),
        sa.Column("workspace_id", _UUID),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("started_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("error", JSONB(none_as_null=True)),
        sa.PrimaryKeyConstraint("job_id", "fencing_token", name="pk_job_attempts"),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name="fk_job_attempts_job_id", ondelete="CASCADE"
        ),
    )
    walls.keep_where("job_attempts", _OURS, rights="SELECT")


def _make_schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", _UUID, nullable=False),
        *_owners(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("cron", sa.Text, nullable=False),
        sa.Column("timezone", sa.Text, nullable=False),
        sa.Column("is_enabled", sa.Boolean, server_default=sa.true(), nullable=False),
        sa.Column("next_run_at", _MOMENT),
        sa.Column("last_run_at", _MOMENT),
        sa.Column("last_job_id", _UUID),
        *_stamps(),
        sa.PrimaryKeyConstraint("id", name="pk_schedules"),
        *_owner_keys("schedules"),
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_schedules_name ON schedules (workspace_id, name) NULLS NOT DISTINCT"
    )
    op.execute("CREATE INDEX ix_schedules_due ON schedules (next_run_at) WHERE is_enabled")
    op.create_index("ix_schedules_user_id", "schedules", ["user_id"])
    walls.keep_where("schedules", _OURS, rights="SELECT, INSERT, UPDATE, DELETE")


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _UUID, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("request_id", sa.Text, server_default="", nullable=False),
        sa.Column("attempt", sa.Integer, server_default="0", nullable=False),
        sa.Column("available_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("died_at", _MOMENT),
        sa.Column("error", sa.Text),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.execute("CREATE INDEX ix_outbox_due ON outbox (available_at) WHERE died_at IS NULL")
    # Anyone may leave a message, and nobody may read another's: there is no right to select.
    walls.keep_where("outbox", "true", rights="INSERT")


def _make_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("token", sa.BigInteger, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    walls.keep_where("leases", "true", rights="SELECT")


def _owners() -> tuple[sa.Column[object], sa.Column[object]]:
    return sa.Column("workspace_id", _UUID), sa.Column("user_id", _UUID)


def _owner_keys(table: str) -> tuple[sa.ForeignKeyConstraint, sa.ForeignKeyConstraint]:
    return (
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=f"fk_{table}_workspace_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="SET NULL"
        ),
    )


def _stamps() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", _MOMENT, server_default=sa.func.now(), nullable=False),
    )


_CLAIM = """
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH claimed AS (
            UPDATE jobs SET state = 'running', attempt = jobs.attempt + 1,
                fencing_token = jobs.fencing_token + 1, worker = the_worker, heartbeat_at = moment,
                lease_until = moment + make_interval(secs => lease_s),
                started_at = COALESCE(jobs.started_at, moment), updated_at = moment
            WHERE jobs.id = the_job AND jobs.state = 'queued' AND jobs.available_at <= moment
            RETURNING jobs.*
        ), noted AS (
            INSERT INTO job_attempts (job_id, fencing_token, workspace_id, worker, started_at)
            SELECT claimed.id, claimed.fencing_token, claimed.workspace_id, the_worker, moment
            FROM claimed
        )
        SELECT * FROM claimed;
END
"""

# Asked twice a second for the sake of a cancel; the row changes only where there is need.
_BEAT = """
DECLARE
    moment timestamptz := clock_timestamp();
    job jobs%ROWTYPE;
BEGIN
    SELECT * INTO job FROM jobs WHERE jobs.id = the_job AND jobs.state = 'running'
        AND jobs.fencing_token = the_token;
    IF NOT FOUND THEN
        RETURN 'lost';
    END IF;
    IF the_progress IS NOT NULL OR the_note IS NOT NULL
        OR job.lease_until < moment + make_interval(secs => lease_s * 0.75)
    THEN
        UPDATE jobs SET heartbeat_at = moment,
            lease_until = moment + make_interval(secs => lease_s),
            progress = COALESCE(the_progress, jobs.progress), note = COALESCE(the_note, jobs.note),
            updated_at = CASE WHEN the_progress IS NULL AND the_note IS NULL
                THEN jobs.updated_at ELSE moment END
        WHERE jobs.id = the_job AND jobs.state = 'running' AND jobs.fencing_token = the_token;
        IF NOT FOUND THEN
            RETURN 'lost';
        END IF;
    END IF;
    RETURN CASE WHEN job.cancel_requested_at IS NULL THEN 'held' ELSE 'cancelled' END;
END
"""

_HOLD = """
BEGIN
    PERFORM FROM jobs WHERE jobs.id = the_job AND jobs.state = 'running'
        AND jobs.fencing_token = the_token FOR NO KEY UPDATE;
    RETURN FOUND;
END
"""

_FINISH = """
DECLARE
    moment timestamptz := clock_timestamp();
    job jobs%ROWTYPE;
    next_state text;
BEGIN
    SELECT * INTO job FROM jobs WHERE jobs.id = the_job AND jobs.state = 'running'
        AND jobs.fencing_token = the_token FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    next_state := CASE
        WHEN the_outcome = 'succeeded' THEN 'succeeded'
        WHEN job.cancel_requested_at IS NOT NULL THEN 'cancelled'
        WHEN the_outcome = 'retried' AND job.attempt >= job.max_attempts THEN 'dead'
        WHEN the_outcome IN ('retried', 'released') THEN 'queued'
        ELSE the_outcome END;
    UPDATE jobs SET state = next_state, lease_until = NULL, worker = NULL, updated_at = moment,
        attempt = CASE WHEN the_outcome = 'released' THEN jobs.attempt - 1 ELSE jobs.attempt END,
        available_at = CASE WHEN next_state = 'queued'
            THEN moment + make_interval(secs => again_s) ELSE jobs.available_at END,
        sent_at = CASE WHEN next_state = 'queued' THEN NULL ELSE jobs.sent_at END,
        finished_at = CASE WHEN next_state = 'queued' THEN NULL ELSE moment END,
        progress = CASE WHEN next_state = 'succeeded' THEN 1 ELSE jobs.progress END,
        result = the_result, error = the_error
    WHERE jobs.id = the_job;
    UPDATE job_attempts SET ended_at = moment, error = the_error,
        outcome = CASE WHEN next_state = 'queued' THEN the_outcome ELSE next_state END
    WHERE job_attempts.job_id = the_job AND job_attempts.fencing_token = the_token;
    RETURN next_state;
END
"""

_SWEEP = """
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH lost AS (
            SELECT jobs.id, jobs.fencing_token AS token, CASE
                WHEN jobs.cancel_requested_at IS NOT NULL THEN 'cancelled'
                WHEN jobs.attempt >= jobs.max_attempts THEN 'dead'
                ELSE 'queued' END AS next_state
            FROM jobs WHERE jobs.state = 'running' AND jobs.lease_until < moment
            ORDER BY jobs.id LIMIT the_most FOR NO KEY UPDATE SKIP LOCKED
        ), ended AS (
            UPDATE job_attempts SET ended_at = moment, outcome = 'lost' FROM lost
            WHERE job_attempts.job_id = lost.id AND job_attempts.fencing_token = lost.token
        )
        UPDATE jobs SET state = lost.next_state, lease_until = NULL, worker = NULL,
            available_at = moment, sent_at = NULL, updated_at = moment,
            finished_at = CASE WHEN lost.next_state = 'queued' THEN NULL ELSE moment END,
            error = CASE WHEN lost.next_state = 'dead' THEN jsonb_build_object(
                'code', 'jobs.worker_died',
                'message', format('its worker died %s times; the last was %s',
                    jobs.attempt, jobs.worker)) ELSE jobs.error END
        FROM lost WHERE jobs.id = lost.id
        RETURNING jobs.id, jobs.kind, jobs.queue, jobs.state;
END
"""

# A message is thought lost when its queue is empty and nobody has taken the job all the same.
_SEND = """
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS (
            SELECT jobs.id, jobs.sent_at IS NOT NULL AS was_sent FROM jobs
            WHERE jobs.state = 'queued' AND jobs.available_at <= moment AND (
                jobs.sent_at IS NULL
                OR jobs.sent_at < moment - make_interval(secs => stale_s)
                OR (jobs.queue = ANY (empty_queues)
                    AND jobs.sent_at < moment - make_interval(secs => lost_s)))
            ORDER BY jobs.available_at LIMIT the_most FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE jobs SET sent_at = moment FROM due WHERE jobs.id = due.id
        RETURNING jobs.id, jobs.queue, due.was_sent;
END
"""

_UNSEND = """
BEGIN
    UPDATE jobs SET sent_at = NULL WHERE jobs.id = ANY (the_jobs) AND jobs.state = 'queued';
END
"""

_KILL = """
BEGIN
    UPDATE jobs SET state = 'dead', finished_at = clock_timestamp(), updated_at = clock_timestamp(),
        error = the_error
    WHERE jobs.id = the_job AND jobs.state = 'queued';
    RETURN FOUND;
END
"""

_DUE_SCHEDULES = """
BEGIN
    RETURN QUERY SELECT schedules.* FROM schedules
        WHERE schedules.is_enabled AND schedules.next_run_at <= the_moment
        ORDER BY schedules.next_run_at LIMIT the_most;
END
"""

# The lease and the moment read before are both asked for again: a leader that slept through the
# end of its lease fires nothing, and no moment fires twice.
_FIRE = """
DECLARE
    due schedules%ROWTYPE;
    is_busy boolean;
BEGIN
    PERFORM FROM leases WHERE leases.name = the_lease AND leases.token = the_token
        AND leases.expires_at > clock_timestamp() FOR SHARE;
    IF NOT FOUND THEN
        RETURN 'not_leader';
    END IF;
    SELECT * INTO due FROM schedules WHERE schedules.id = the_schedule AND schedules.is_enabled
        AND schedules.next_run_at = the_expected FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_due';
    END IF;
    is_busy := EXISTS (SELECT FROM jobs WHERE jobs.id = due.last_job_id
        AND jobs.state IN ('queued', 'running'));
    IF NOT is_busy THEN
        INSERT INTO jobs (id, workspace_id, user_id, kind, queue, payload, key)
        VALUES (the_job, due.workspace_id, due.user_id, due.kind, due.queue, due.payload,
            format('schedule/%s/%s', due.id, extract(epoch FROM the_expected)::bigint));
    END IF;
    UPDATE schedules SET next_run_at = the_next,
        last_run_at = CASE WHEN is_busy THEN last_run_at ELSE clock_timestamp() END,
        last_job_id = CASE WHEN is_busy THEN last_job_id ELSE the_job END
    WHERE schedules.id = the_schedule;
    RETURN CASE WHEN is_busy THEN 'still_running' ELSE 'fired' END;
END
"""

_TAKE_MESSAGES = """
DECLARE moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
        WITH due AS (
            SELECT outbox.id FROM outbox
            WHERE outbox.died_at IS NULL AND outbox.available_at <= moment
                AND outbox.topic = ANY (the_topics)
            ORDER BY outbox.available_at LIMIT the_most FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox SET attempt = outbox.attempt + 1,
            available_at = moment + make_interval(secs => hidden_s)
        FROM due WHERE outbox.id = due.id
        RETURNING outbox.*;
END
"""

_SETTLE_MESSAGE = """
BEGIN
    DELETE FROM outbox WHERE outbox.id = the_message AND outbox.attempt = the_attempt;
    RETURN FOUND;
END
"""

_REFUSE_MESSAGE = """
BEGIN
    UPDATE outbox SET error = the_error,
        available_at = clock_timestamp() + make_interval(secs => again_s),
        died_at = CASE WHEN outbox.attempt >= most_attempts THEN clock_timestamp() END
    WHERE outbox.id = the_message AND outbox.attempt = the_attempt;
    RETURN (SELECT outbox.died_at IS NOT NULL FROM outbox WHERE outbox.id = the_message);
END
"""

_TAKE_LEASE = """
DECLARE
    moment timestamptz := clock_timestamp();
    taken bigint;
BEGIN
    INSERT INTO leases (name, holder, token, expires_at)
    VALUES (the_name, the_holder, 1, moment + make_interval(secs => lease_s))
    ON CONFLICT (name) DO UPDATE SET
        token = CASE WHEN leases.holder = the_holder AND leases.expires_at > moment
            THEN leases.token ELSE leases.token + 1 END,
        holder = the_holder, expires_at = excluded.expires_at
    WHERE leases.holder = the_holder OR leases.expires_at <= moment
    RETURNING leases.token INTO taken;
    RETURN taken;
END
"""

_DROP_LEASE = """
BEGIN
    UPDATE leases SET expires_at = clock_timestamp()
    WHERE leases.name = the_name AND leases.token = the_token
        AND leases.expires_at > clock_timestamp();
    RETURN FOUND;
END
"""

_PURGE = """
DECLARE gone bigint;
BEGIN
    DELETE FROM jobs WHERE jobs.finished_at < clock_timestamp() - make_interval(days => keep_days);
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
"""

_COUNT = """
BEGIN
    RETURN QUERY
        SELECT 'jobs', jobs.queue, jobs.state, count(*) FROM jobs
        WHERE jobs.state IN ('queued', 'running', 'dead') GROUP BY jobs.queue, jobs.state
        UNION ALL
        SELECT 'outbox', outbox.topic,
            CASE WHEN outbox.died_at IS NULL THEN 'queued' ELSE 'dead' END, count(*)
        FROM outbox GROUP BY 2, 3;
END
"""

_FUNCTIONS = {
    "claim_job(the_job uuid, the_worker text, lease_s double precision)": ("SETOF jobs", _CLAIM),
    "beat_job(the_job uuid, the_token bigint, lease_s double precision, "
    "the_progress double precision, the_note text)": ("text", _BEAT),
    "hold_job(the_job uuid, the_token bigint)": ("boolean", _HOLD),
    "finish_job(the_job uuid, the_token bigint, the_outcome text, the_result jsonb, "
    "the_error jsonb, again_s double precision)": ("text", _FINISH),
    "sweep_jobs(the_most int)": ("TABLE (id uuid, kind text, queue text, state text)", _SWEEP),
    "send_jobs(the_most int, empty_queues text[], lost_s double precision, "
    "stale_s double precision)": ("TABLE (id uuid, queue text, is_again boolean)", _SEND),
    "unsend_jobs(the_jobs uuid[])": ("void", _UNSEND),
    "kill_job(the_job uuid, the_error jsonb)": ("boolean", _KILL),
    "due_schedules(the_moment timestamptz, the_most int)": ("SETOF schedules", _DUE_SCHEDULES),
    "fire_schedule(the_schedule uuid, the_expected timestamptz, the_next timestamptz, "
    "the_job uuid, the_lease text, the_token bigint)": ("text", _FIRE),
    "take_messages(the_topics text[], the_most int, hidden_s double precision)": (
        "SETOF outbox",
        _TAKE_MESSAGES,
    ),
    "settle_message(the_message uuid, the_attempt int)": ("boolean", _SETTLE_MESSAGE),
    "refuse_message(the_message uuid, the_attempt int, the_error text, "
    "again_s double precision, most_attempts int)": ("boolean", _REFUSE_MESSAGE),
    "take_lease(the_name text, the_holder text, lease_s double precision)": (
        "bigint",
        _TAKE_LEASE,
    ),
    "drop_lease(the_name text, the_token bigint)": ("boolean", _DROP_LEASE),
    "purge_jobs(keep_days int)": ("bigint", _PURGE),
    "count_work()": ("TABLE (work text, line text, condition text, amount bigint)", _COUNT),
}
