"""Schedules: what makes a job of one kind again and again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from quantloom_server.platform import trail
from quantloom_server.platform.jobs import repository
from quantloom_server.platform.jobs.cron import Cron
from quantloom_server.platform.jobs.errors import (
    BadCron,
    NotSchedulable,
    ScheduleNameTaken,
    ScheduleNotFound,
)
from quantloom_server.platform.jobs.registry import JobKind, get_kind
from quantloom_server.platform.jobs.tables import ScheduleRow
from quantloom_server.platform.paging import Slice, Window
from quantloom_server.platform.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleSpec:
    """What a schedule is to do, and when."""

    name: str
    kind: str
    cron: str
    timezone: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    is_enabled: bool = True


async def list_schedules(tx: Transaction, window: Window) -> Slice[ScheduleRow]:
    """Read a page of the schedules of the caller's workspace, newest first."""
    return await repository.list_schedules(tx.session, tx.asked_by().workspace_id, window)


async def get_schedule(tx: Transaction, schedule_id: UUID, *, lock: bool = False) -> ScheduleRow:
    """Read a schedule of the caller's workspace.

    Raises:
        ScheduleNotFound: there is none.
    """
    workspace_id = tx.asked_by().workspace_id
    row = await repository.find_schedule(tx.session, workspace_id, schedule_id, lock=lock)
    if row is None:
        raise ScheduleNotFound(schedule_id)
    return row


async def add_schedule(tx: Transaction, spec: ScheduleSpec) -> ScheduleRow:
    """Make a schedule for the caller, who is also the one its jobs are done for.

    Raises:
        UnknownKind, NotSchedulable, BadPayload: the job cannot be made by a schedule.
        BadCron, UnknownTimezone: its times are not understood.
        ScheduleNameTaken: the workspace has one of this name.
    """
    kind = _check_kind(spec)
    caller = tx.asked_by()
    row = await repository.add_schedule(
        tx.session,
        {
            "id": tx.new_id(),
            "workspace_id": caller.workspace_id,
            "user_id": caller.user_id,
            **_columns(spec, kind, tx.now()),
        },
    )
    if row is None:
        raise ScheduleNameTaken(spec.name)
    await _note(tx, "schedules.added", row.id, after=_told(row))
    return row


async def ensure_schedule(tx: Transaction, spec: ScheduleSpec) -> None:
    """Have a schedule of the platform's own, and leave it as it is where there is one already.

    The transaction's scope names the purpose `operate`.
    """
    kind = get_kind(spec.kind)
    await repository.add_schedule(tx.session, {"id": tx.new_id(), **_columns(spec, kind, tx.now())})


async def change_schedule(
    tx: Transaction, schedule_id: UUID, changes: Mapping[str, Any]
) -> ScheduleRow:
    """Change some of a schedule's fields; it is due next as the new ones say.

    Raises:
        ScheduleNotFound: there is none.
        UnknownKind, NotSchedulable, BadPayload, BadCron, UnknownTimezone, ScheduleNameTaken: as
            when it is made.
    """
    row = await get_schedule(tx, schedule_id, lock=True)
    before = _told(row)
    spec = ScheduleSpec(**{name: getattr(row, name) for name in _SPEC_FIELDS} | dict(changes))
    kind = _check_kind(spec)
    if spec.name != row.name:
        await _check_name(tx, spec.name)
    for column, value in _columns(spec, kind, tx.now()).items():
        setattr(row, column, value)
    await tx.session.flush()
    await _note(tx, "schedules.changed", row.id, before=before, after=_told(row))
    return row


async def delete_schedule(tx: Transaction, schedule_id: UUID) -> None:
    """Delete a schedule; a job that it has made goes on.

    Raises:
        ScheduleNotFound: there is none.
    """
    row = await get_schedule(tx, schedule_id, lock=True)
    await tx.session.delete(row)
    await _note(tx, "schedules.deleted", schedule_id, before=_told(row))


_SPEC_FIELDS = ("name", "kind", "cron", "timezone", "payload", "is_enabled")


async def _note(
    tx: Transaction,
    action: str,
    schedule_id: UUID,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await trail.record(
        tx,
        action=action,
        object_kind="schedule",
        object_id=schedule_id,
        before=before,
        after=after,
    )


def _told(row: ScheduleRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SPEC_FIELDS}


def _check_kind(spec: ScheduleSpec) -> JobKind:
    kind = get_kind(spec.kind)
    if not kind.is_schedulable:
        raise NotSchedulable(spec.kind)
    kind.read(spec.payload)
    return kind


async def _check_name(tx: Transaction, name: str) -> None:
    taken = await repository.find_schedule_by_name(tx.session, tx.asked_by().workspace_id, name)
    if taken is not None:
        raise ScheduleNameTaken(name)


def _columns(spec: ScheduleSpec, kind: JobKind, now: datetime) -> dict[str, Any]:
    due = Cron.parse(spec.cron, spec.timezone).next_after(now)
    if due is None:
        raise BadCron(spec.cron, "such a day never comes")
    return {
        "name": spec.name,
        "kind": spec.kind,
        "queue": kind.queue,
        "payload": dict(spec.payload),
        "cron": spec.cron,
        "timezone": spec.timezone,
        "is_enabled": spec.is_enabled,
        "next_run_at": due,
    }
