import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from quantloom_server.platform import trail
from quantloom_server.platform.database import NOBODY, Database, Scope
from quantloom_server.platform.trail import Actor, AuditDetailRow, AuditEntryRow
from tests.server.support import MakeCaller, MakeTransaction


async def test_an_act_leaves_an_entry_with_who_did_it_and_what_changed(
    make_transaction: MakeTransaction, make_caller: MakeCaller
) -> None:
    caller = await make_caller()
    tx = await make_transaction(caller)

    entry_id = await trail.record(
        tx,
        action="t.renamed",
        object_kind="thing",
        object_id=7,
        before={"name": "a"},
        after={"name": "b"},
    )

    entry = (await tx.session.execute(select(AuditEntryRow))).scalar_one()
    detail = (await tx.session.execute(select(AuditDetailRow))).scalar_one()
    assert (entry.id, entry.actor_id, entry.object_id) == (entry_id, caller.user_id, "7")
    assert entry.after_hash == trail.detail_hash(detail.salt, {"name": "b"})


async def test_an_entry_without_details_has_none(
    make_transaction: MakeTransaction, make_caller: MakeCaller
) -> None:
    tx = await make_transaction(await make_caller())

    await trail.record(tx, action="t.seen", object_kind="thing", object_id="x")

    assert (await tx.session.execute(select(AuditDetailRow))).scalar_one_or_none() is None


async def test_nobody_reads_the_entries_of_another_workspace(
    make_transaction: MakeTransaction, make_caller: MakeCaller, database: Database
) -> None:
    mine, theirs = await make_caller(), await make_caller()
    actor = Actor(user_id=mine.user_id, workspace_id=mine.workspace_id)
    tx = await make_transaction(theirs)

    await trail.record(tx, action="t.a", object_kind="thing", object_id="x", actor=actor)

    assert (await tx.session.execute(select(AuditEntryRow))).all() == []


async def test_a_failed_sign_in_is_kept_and_seen_by_operators_alone(
    make_transaction: MakeTransaction,
) -> None:
    tx = await make_transaction(scope=NOBODY)
    await trail.record(
        tx, action="t.refused", object_kind="account", object_id="x", actor=Actor(address="::1")
    )
    seen = (await tx.session.execute(select(AuditEntryRow.id))).all()

    await tx.session.execute(text("SELECT set_config('quantloom.purpose', 'operate', true)"))
    by_operators = (await tx.session.execute(select(AuditEntryRow.action))).scalars().all()

    assert seen == []
    assert "t.refused" in by_operators


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "DELETE FROM audit_details",
        "TRUNCATE audit_entries",
        "SELECT * FROM audit_seals",
        "DELETE FROM audit_pending",
    ],
)
async def test_the_service_can_only_add(database: Database, forbidden: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.direct(Scope(purpose="operate")) as connection:
            await connection.execute(forbidden)


async def test_an_act_whose_entry_fails_is_undone(
    database: Database, make_caller: MakeCaller, make_transaction: MakeTransaction
) -> None:
    caller = await make_caller()
    tx = await make_transaction(caller)
    await tx.session.execute(text("UPDATE users SET full_name = 'changed'"))

    with pytest.raises(DBAPIError):
        await trail.record(tx, action="t.x", object_kind="thing", object_id="nul \x00")

    async with database.direct(caller.scope) as connection:
        assert await connection.fetchval("SELECT full_name FROM users") == ""
