"""Who is in a workspace, and as what (A10, SEC8)."""

import asyncio

import pytest

from quantloom_server.platform.database import Database
from tests.server.identity.access.support import ADMINISTER, Hire
from tests.server.support import IDS, body_of


async def test_an_administrator_takes_somebody_in_and_gives_a_role(hire: Hire) -> None:
    boss, ada = await hire("admin"), await hire("researcher")

    added = await boss.client.post(
        f"{boss.here}/members", json={"login": ada.username, "role": "trader"}
    )
    again = await boss.client.post(
        f"{boss.here}/members", json={"login": ada.username, "role": "trader"}
    )

    assert added.status_code == 201
    assert await boss.role_of(ada.id) == "trader"
    assert body_of(again)["code"] == "access.already_member"


async def test_nobody_is_found_by_a_name_that_is_not_there(hire: Hire) -> None:
    boss = await hire("admin")

    answer = await boss.client.post(
        f"{boss.here}/members", json={"login": "no-such-name", "role": "viewer"}
    )

    assert answer.status_code == 404


async def test_the_only_one_who_could_decide_acts_alone(hire: Hire) -> None:
    boss, ada = await hire("admin"), await hire("researcher")

    added = await boss.client.post(
        f"{boss.here}/members", json={"login": ada.username, "role": "admin"}
    )

    assert body_of(added)["approval_id"] is None
    assert await boss.role_of(ada.id) == "admin"


async def test_giving_weighty_rights_waits_for_a_second_administrator(hire: Hire) -> None:
    boss = await hire("admin")
    other, ada = (
        await hire("admin", boss.workspace_id),
        await hire("viewer", boss.workspace_id),
    )

    raised = await boss.client.patch(f"{boss.here}/members/{ada.id}", json={"role": "admin"})
    approval = f"/api/v1/approvals/{body_of(raised)['approval_id']}"
    role_before = await boss.role_of(ada.id)
    own = await boss.client.post(f"{approval}/approve", json={})
    agreed = await other.client.post(f"{approval}/approve", json={"note": "as agreed"})
    twice = await other.client.post(f"{approval}/approve", json={})

    assert role_before == "viewer"
    assert body_of(own)["code"] == "approvals.own_proposal"
    assert body_of(agreed)["state"] == "approved"
    assert await boss.role_of(ada.id) == "admin"
    assert body_of(twice)["code"] == "approvals.is_over"


async def test_a_new_member_with_a_weighty_role_begins_as_a_viewer(hire: Hire) -> None:
    boss, ada = await hire("admin"), await hire("researcher")
    other = await hire("admin", boss.workspace_id)

    added = await boss.client.post(
        f"{boss.here}/members", json={"login": ada.username, "role": "risk"}
    )
    refused = await other.client.post(
        f"/api/v1/approvals/{body_of(added)['approval_id']}/reject", json={"note": "no"}
    )

    assert body_of(refused)["state"] == "rejected"
    assert await boss.role_of(ada.id) == "viewer"


async def test_a_role_without_weighty_rights_is_given_at_once(hire: Hire) -> None:
    boss = await hire("admin")
    ada = await hire("viewer", boss.workspace_id)
    await hire("admin", boss.workspace_id)

    raised = await boss.client.patch(f"{boss.here}/members/{ada.id}", json={"role": "trader"})

    assert body_of(raised)["approval_id"] is None
    assert await boss.role_of(ada.id) == "trader"


async def test_another_role_ends_the_sessions_of_a_member(hire: Hire, database: Database) -> None:
    boss = await hire("admin")
    ada = await hire("trader", boss.workspace_id)

    await boss.client.patch(f"{boss.here}/members/{ada.id}", json={"role": "viewer"})

    async with database.direct(ADMINISTER) as connection:
        version = await connection.fetchval(
            "SELECT session_version FROM users WHERE id = $1", ada.id
        )
    assert version == 2


@pytest.mark.parametrize("act", ["remove", "demote"])
async def test_the_last_administrator_stays(hire: Hire, act: str) -> None:
    boss = await hire("admin")
    await hire("trader", boss.workspace_id)
    path = f"{boss.here}/members/{boss.id}"

    answer = (
        await boss.client.delete(path)
        if act == "remove"
        else await boss.client.patch(path, json={"role": "trader"})
    )

    assert body_of(answer)["code"] == "access.last_admin"
    assert await boss.role_of(boss.id) == "admin"


async def test_of_two_administrators_who_remove_each_other_one_stays(hire: Hire) -> None:
    ada = await hire("admin")
    bob = await hire("admin", ada.workspace_id)

    answers = await asyncio.gather(
        ada.client.delete(f"{ada.here}/members/{bob.id}"),
        bob.client.delete(f"{bob.here}/members/{ada.id}"),
    )

    assert sorted(each.status_code for each in answers) == [204, 409]


async def test_nobody_gives_or_takes_what_they_do_not_hold(hire: Hire, database: Database) -> None:
    name = f"host-{IDS.new().hex[:8]}"
    async with database.direct(ADMINISTER) as connection:
        await connection.execute(
            "INSERT INTO roles (name, permissions) VALUES ($1, $2)",
            name,
            ["members:write", "workspaces:read", "roles:read"],
        )
    boss = await hire("admin")
    host = await hire(name, boss.workspace_id)
    ada = await hire("viewer", boss.workspace_id)

    given = await host.client.patch(f"{host.here}/members/{ada.id}", json={"role": "admin"})
    own = await host.client.patch(f"{host.here}/members/{host.id}", json={"role": "admin"})
    taken = await host.client.delete(f"{host.here}/members/{boss.id}")

    assert {body_of(each)["code"] for each in (given, own, taken)} == {"access.beyond_own"}


async def test_a_workspace_that_one_does_not_act_in_is_not_there(hire: Hire) -> None:
    boss, other = await hire("admin"), await hire("admin")

    seen = await boss.client.get(f"{other.here}/members")
    added = await boss.client.post(
        f"{other.here}/members", json={"login": boss.username, "role": "admin"}
    )

    assert [seen.status_code, added.status_code] == [404, 404]
    assert await other.role_of(boss.id) is None


async def test_operators_rights_count_in_their_workspace_alone(hire: Hire) -> None:
    boss = await hire("admin")

    answer = await boss.client.get("/api/v1/users")

    assert answer.status_code == 403
