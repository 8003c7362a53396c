"""Roles that can be edited, and never grant more than their editor holds (A4)."""

from uuid import UUID

from quantloom_server.platform.database import Database
from tests.server.identity.access.support import ADMINISTER, Hire
from tests.server.support import IDS, body_of


def new_role() -> str:
    return f"role-{IDS.new().hex[-12:]}"


async def test_the_roles_of_the_platform_are_there(hire: Hire) -> None:
    ada = await hire("viewer")

    found = body_of(await ada.client.get("/api/v1/roles"))

    shipped = {each["name"] for each in found["items"] if each["is_shipped"]}
    assert shipped == {"admin", "trader", "researcher", "risk", "viewer"}
    assert "users:write" in found["permissions"]


async def test_a_role_is_made_given_and_removed_when_nobody_is_in_it(
    hire: Hire, operators: UUID
) -> None:
    boss, name = await hire("admin", operators), new_role()

    made = await boss.client.post(
        "/api/v1/roles", json={"name": name, "permissions": ["market:read"]}
    )
    twice = await boss.client.post("/api/v1/roles", json={"name": name, "permissions": []})
    ada = await hire(name, operators)
    held = await boss.client.delete(f"/api/v1/roles/{name}")
    await boss.client.delete(f"{boss.here}/members/{ada.id}")
    gone = await boss.client.delete(f"/api/v1/roles/{name}")

    assert made.status_code == 201
    assert body_of(twice)["code"] == "access.role_there"
    assert body_of(held)["code"] == "access.role_in_use"
    assert gone.status_code == 204


async def test_a_role_of_the_platform_can_be_changed_and_set_back(
    hire: Hire, operators: UUID
) -> None:
    boss = await hire("admin", operators)
    before = {r["name"]: r for r in body_of(await boss.client.get("/api/v1/roles"))["items"]}

    changed = await boss.client.put("/api/v1/roles/viewer", json={"permissions": ["market:read"]})
    back = await boss.client.put("/api/v1/roles/viewer", json={"permissions": None})

    assert body_of(changed)["permissions"] == ["market:read"]
    assert body_of(changed)["is_changed"] is True
    assert body_of(back)["permissions"] == before["viewer"]["permissions"]
    assert body_of(back)["is_changed"] is False


async def test_admin_permits_everything_and_stays(hire: Hire, operators: UUID) -> None:
    boss = await hire("admin", operators)

    changed = await boss.client.put("/api/v1/roles/admin", json={"permissions": []})
    dropped = await boss.client.delete("/api/v1/roles/admin")
    shipped = await boss.client.delete("/api/v1/roles/viewer")

    assert {body_of(each)["code"] for each in (changed, dropped, shipped)} == {"access.role_fixed"}


async def test_an_editor_gives_a_role_no_more_than_they_hold(
    hire: Hire, operators: UUID, database: Database
) -> None:
    editors = new_role()
    async with database.direct(ADMINISTER) as connection:
        await connection.execute(
            "INSERT INTO roles (name, permissions) VALUES ($1, $2)",
            editors,
            ["roles:write", "roles:read"],
        )
    editor = await hire(editors, operators)

    made = await editor.client.post(
        "/api/v1/roles", json={"name": new_role(), "permissions": ["users:write"]}
    )
    raised = await editor.client.put(
        f"/api/v1/roles/{editors}", json={"permissions": ["roles:write", "users:write"]}
    )
    lowered = await editor.client.put("/api/v1/roles/trader", json={"permissions": []})

    assert {body_of(each)["code"] for each in (made, raised, lowered)} == {"access.beyond_own"}


async def test_weighty_rights_for_a_role_in_use_wait_for_a_second_person(
    hire: Hire, operators: UUID
) -> None:
    boss, other, name = (
        await hire("admin", operators),
        await hire("admin", operators),
        new_role(),
    )
    await boss.client.post("/api/v1/roles", json={"name": name, "permissions": ["market:read"]})
    await hire(name, operators)

    raised = await boss.client.put(f"/api/v1/roles/{name}", json={"permissions": ["users:write"]})
    waiting = body_of(raised)
    await other.client.post(f"/api/v1/approvals/{waiting['approval_id']}/approve")
    roles = {r["name"]: r for r in body_of(await boss.client.get("/api/v1/roles"))["items"]}

    assert waiting["permissions"] == ["market:read"]
    assert roles[name]["permissions"] == ["users:write"]


async def test_a_permission_that_is_not_there_is_refused(hire: Hire, operators: UUID) -> None:
    boss = await hire("admin", operators)

    answer = await boss.client.post(
        "/api/v1/roles", json={"name": new_role(), "permissions": ["everything"]}
    )

    assert answer.status_code == 422
