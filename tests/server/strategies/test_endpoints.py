"""Strategies over HTTP: written, broken, mended, compared, restored, copied, kept in files."""

import hashlib
import json
from typing import Any

import httpx2
import pytest

from quantloom.strategy.check import check_source
from quantloom_server.platform.database import Database
from quantloom_server.strategies import quotas, service
from quantloom_server.strategies.quotas import Quota
from quantloom_server.strategies.reviewing import LARGEST_CODE
from tests.server.identity.access.support import write_member
from tests.server.strategies.support import BROKEN, HOME, SOUND, add, change, read, refusal
from tests.server.support import SignIn, body_of


async def test_a_strategy_is_broken_mended_compared_and_restored(ada: httpx2.AsyncClient) -> None:
    made = await add(ada)
    here = f"{HOME}/{made['id']}"

    broken = await change(ada, made["id"], code=BROKEN, changelog="shorter")
    told = await read(ada, f"{here}/check")
    mended = await change(ada, made["id"], code=SOUND.replace("2", "3"))
    difference = await read(ada, f"{here}/versions/1/diff/3")
    restored = body_of(await ada.post(f"{here}/versions/1/restore"))
    versions = (await read(ada, f"{here}/versions"))["items"]

    (finding,) = [one for one in told["findings"] if one["severity"] == "error"]
    assert (finding["code"], finding["line"], broken["errors"]) == ("wrong_signature", 9, 1)
    assert "on_bar(self, ctx, bar)" in finding["hint_zh"]
    assert (mended["version"], mended["errors"]) == (3, 0)
    assert (difference["added"], difference["removed"]) == (1, 1)
    assert "+    size: int = Parameter(3, low=1, high=9)\n" in difference["unified"]
    assert (restored["version"], restored["code"]) == (4, SOUND)
    assert [one["number"] for one in versions] == [4, 3, 2, 1]
    assert [one["changelog"] for one in versions][::3] == ["restored version 1", ""]


async def test_parameters_are_read_and_the_code_is_never_run(ada: httpx2.AsyncClient) -> None:
    code = "raise SystemExit\n" + SOUND.replace("high=9", "high=9, step=STEP")

    made = await add(ada, code=code)
    sound = body_of(await ada.post(f"{HOME}/check", json={"code": SOUND}))

    assert made["parameters"]["properties"] == {}
    assert [one["name"] for one in made["unreadable"]] == ["size"]
    assert sound["parameters"]["properties"]["size"] == {
        "type": "integer",
        "default": 2,
        "minimum": 1,
        "maximum": 9,
    }


async def test_the_check_says_what_the_library_says(ada: httpx2.AsyncClient) -> None:
    code = "import os\n\0"

    told = body_of(await ada.post(f"{HOME}/check", json={"code": code}))

    assert [one["code"] for one in told["findings"]] == [one.code for one in check_source(code)]


async def test_the_same_code_makes_no_version(ada: httpx2.AsyncClient) -> None:
    made = await add(ada)

    changed = await change(ada, made["id"], code=SOUND, name="Other", status="active")

    assert (changed["version"], changed["name"], changed["status"]) == (1, "Other", "active")
    assert changed["description"] == made["description"]


async def test_of_two_who_change_one_the_second_is_told(ada: httpx2.AsyncClient) -> None:
    made = await add(ada)
    seen = (await ada.get(f"{HOME}/{made['id']}")).headers["ETag"]
    sent = {"If-Match": seen}

    first = await ada.put(f"{HOME}/{made['id']}", json={"name": "First"}, headers=sent)
    second = await ada.put(f"{HOME}/{made['id']}", json={"name": "Second"}, headers=sent)
    gone = await ada.delete(f"{HOME}/{made['id']}", headers=sent)
    fresh = (await ada.get(f"{HOME}/{made['id']}")).headers["ETag"]
    unchanged = await ada.get(f"{HOME}/{made['id']}", headers={"If-None-Match": fresh})

    assert first.status_code == 200
    assert refusal(second) == refusal(gone) == (412, "conflict.changed_since_read")
    assert unchanged.status_code == 304


async def test_a_write_that_is_sent_twice_is_done_once(ada: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "once"}

    answers = [
        await ada.post(HOME, json={"name": "Once", "code": SOUND}, headers=headers)
        for _ in range(2)
    ]

    assert body_of(answers[0])["id"] == body_of(answers[1])["id"]
    assert len((await read(ada, HOME))["items"]) == 1


async def test_strategies_are_searched_and_paged(ada: httpx2.AsyncClient) -> None:
    await add(ada, name="双均线", category="trend")
    await add(ada, name="Grid 5", category="grid", risk_level="high")
    await add(ada, name="100% grid", category="grid", description="均线")

    async def names(**params: Any) -> list[str]:
        return [one["name"] for one in (await read(ada, HOME, **params))["items"]]

    first = await read(ada, HOME, limit=2)
    assert await names() == ["100% grid", "Grid 5", "双均线"]
    assert await names(q="均线") == ["100% grid", "双均线"]
    assert await names(q="0%") == ["100% grid"]
    assert await names(category="grid", risk_level="high") == ["Grid 5"]
    assert await names(status="active") == []
    assert await names(cursor=first["next_cursor"]) == ["双均线"]
    counts = {
        one["category"]: one["count"] for one in (await read(ada, f"{HOME}/categories"))["items"]
    }
    assert (counts["grid"], counts["trend"], counts["other"]) == (2, 1, 0)


async def test_a_draft_is_ones_own_until_it_is_saved(database: Database, sign_in: SignIn) -> None:
    caller, _ = await write_member(database, "researcher", None)
    other, _ = await write_member(database, "trader", caller.workspace_id)
    ada, colleague = await sign_in(caller), await sign_in(other)
    made = await add(ada)
    place = f"{HOME}/{made['id']}/draft"

    before = await read(ada, place)
    await ada.put(place, json={"code": "half a li", "based_on": 1})
    await ada.put(place, json={"code": "half a line", "based_on": 1})
    written, theirs = await read(ada, place), await read(colleague, place)
    await change(ada, made["id"], code=SOUND + "\n")
    after = await read(ada, place)

    assert (before["code"], before["saved_at"]) == (SOUND, None)
    assert (written["code"], theirs["code"]) == ("half a line", SOUND)
    assert (after["code"], after["based_on"], after["saved_at"]) == (SOUND + "\n", 2, None)
    assert (await ada.delete(place)).status_code == 204


async def test_a_copy_goes_its_own_way(ada: httpx2.AsyncClient) -> None:
    made = await add(ada, category="grid")

    copied = body_of(await ada.post(f"{HOME}/{made['id']}/copy"))
    named = body_of(await ada.post(f"{HOME}/{made['id']}/copy", json={"name": "Apart"}))
    await change(ada, copied["id"], code=SOUND + "\n")

    assert (copied["name"], named["name"]) == ("Mine 2", "Apart")
    assert (copied["origin"], copied["origin_id"]) == ("strategy", made["id"])
    assert (copied["category"], copied["status"]) == ("grid", "draft")
    assert (await read(ada, f"{HOME}/{made['id']}"))["version"] == 1


async def test_a_name_is_given_once_in_a_workspace_until_it_is_free(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    made, second = await add(ada), await add(ada, name="Second")
    await add(bob)

    twice = await ada.post(HOME, json={"name": "MINE"})
    renamed = await ada.put(f"{HOME}/{second['id']}", json={"name": "mine"})
    deleted = await ada.delete(f"{HOME}/{made['id']}")
    again = await add(ada)

    assert refusal(twice) == refusal(renamed) == (409, "strategies.name_taken")
    assert deleted.status_code == 204
    assert again["id"] != made["id"]
    assert refusal(await ada.get(f"{HOME}/{made['id']}")) == (404, "strategies.not_found")


async def test_templates_are_read_and_begun_with(ada: httpx2.AsyncClient) -> None:
    listed = (await read(ada, f"{HOME}/templates"))["items"]
    macd = await read(ada, f"{HOME}/templates/macd")
    made = body_of(await ada.post(HOME, json={"name": "Of MACD", "template": "macd"}))
    plain = body_of(await ada.post(HOME, json={"name": "To begin with"}))
    both = await ada.post(HOME, json={"name": "x", "template": "macd", "code": ""})

    presets = {one["name"]: one for one in listed if one["is_preset"]}
    assert {"macd", "sma-cross", "bollinger", "rsi", "grid"} <= presets.keys()
    assert all(one["problem"] is None and one["description"] for one in presets.values())
    assert made["code"] == macd["code"]
    assert (made["origin"], made["origin_id"], made["errors"]) == ("template", "macd", 0)
    assert made["parameters"] == macd["parameters"]
    assert (plain["errors"], plain["warnings"]) == (0, 0)
    assert refusal(both) == (422, "strategies.code_or_template")
    assert refusal(await ada.get(f"{HOME}/templates/none")) == (
        404,
        "strategies.no_such_template",
    )


async def test_a_file_brings_a_strategy_elsewhere_with_its_versions(
    ada: httpx2.AsyncClient, bob: httpx2.AsyncClient
) -> None:
    made = await add(ada, name="双均线", category="trend")
    await change(ada, made["id"], code=SOUND + "# second\n", changelog="a remark")

    answer = await ada.get(f"{HOME}/{made['id']}/export")
    brought = body_of(await bob.post(f"{HOME}/import", json=body_of(answer)))
    twice = body_of(await bob.post(f"{HOME}/import", json=body_of(answer)))
    versions = (await read(bob, f"{HOME}/{brought['id']}/versions"))["items"]

    assert "%E5%8F%8C%E5%9D%87%E7%BA%BF.strategy.json" in answer.headers["Content-Disposition"]
    assert (brought["name"], twice["name"]) == ("双均线", "双均线 2")
    assert (brought["category"], brought["origin"]) == ("trend", "file")
    assert brought["code"] == SOUND + "# second\n"
    assert [one["changelog"] for one in versions] == ["a remark", ""]


async def test_the_checksum_of_a_file_is_what_the_page_says(ada: httpx2.AsyncClient) -> None:
    made = await add(ada, name="双均线")

    bundle = body_of(await ada.get(f"{HOME}/{made['id']}/export"))

    held = {"strategy": bundle["strategy"], "versions": bundle["versions"]}
    told = json.dumps(held, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(told.encode()).hexdigest() == bundle["checksum"]


async def test_a_file_that_was_changed_is_refused(ada: httpx2.AsyncClient) -> None:
    made = await add(ada)
    bundle = body_of(await ada.get(f"{HOME}/{made['id']}/export"))

    bundle["versions"][0]["code"] += "import os\n"
    answer = await ada.post(f"{HOME}/import", json=bundle)

    assert refusal(answer) == (422, "strategies.bad_bundle")


async def test_code_has_a_limit_and_every_export_can_be_imported(ada: httpx2.AsyncClient) -> None:
    large = SOUND + "#" * (LARGEST_CODE - len(SOUND))
    made = await add(ada, code=large)
    for number in range(4):
        await change(ada, made["id"], code=large[:-1] + str(number))

    bundle = body_of(await ada.get(f"{HOME}/{made['id']}/export"))
    brought = await ada.post(f"{HOME}/import", json=bundle)
    too_long = await ada.post(HOME, json={"name": "x", "code": "均" * (LARGEST_CODE // 2)})

    assert [one["number"] for one in bundle["versions"]] == [3, 4, 5]
    assert brought.status_code == 201
    assert refusal(too_long) == (413, "limits.too_large")


async def test_a_role_keeps_so_many_and_so_much(
    ada: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await add(ada)
    monkeypatch.setitem(quotas._BY_ROLE, "researcher", Quota(strategies=1, code_mb=0))
    monkeypatch.setattr(service, "MOST_VERSIONS", 1)

    crowded = await ada.post(HOME, json={"name": "x"})
    many = await ada.put(f"{HOME}/{made['id']}", json={"code": BROKEN})
    monkeypatch.setattr(service, "MOST_VERSIONS", 9)
    bulky = await ada.put(f"{HOME}/{made['id']}", json={"code": BROKEN})

    assert refusal(crowded) == (409, "strategies.too_many")
    assert refusal(many) == (409, "strategies.too_many_versions")
    assert refusal(bulky) == (409, "strategies.out_of_space")


async def test_every_change_leaves_a_line_in_the_trail_and_drafts_none(
    database: Database, sign_in: SignIn
) -> None:
    caller, _ = await write_member(database, "researcher", None)
    ada = await sign_in(caller)
    made = await add(ada)
    await ada.put(f"{HOME}/{made['id']}/draft", json={"code": "x", "based_on": 1})
    await change(ada, made["id"], name="Renamed")
    await ada.delete(f"{HOME}/{made['id']}")

    async with database.direct(caller.scope) as connection:
        rows = await connection.fetch(
            "SELECT e.action, d.before->>'name', d.after->>'name' FROM audit_entries e "
            "LEFT JOIN audit_details d ON d.entry_id = e.id WHERE e.object_id = $1 ORDER BY e.id",
            made["id"],
        )

    assert [tuple(row) for row in rows] == [
        ("strategies.added", None, "Mine"),
        ("strategies.changed", "Mine", "Renamed"),
        ("strategies.deleted", "Renamed", None),
    ]


async def test_who_leaves_takes_their_strategies_along(database: Database, sign_in: SignIn) -> None:
    caller, _ = await write_member(database, "researcher", None)
    ada = await sign_in(caller)
    await add(ada)

    exported = body_of(await ada.get("/api/v1/account/export"))

    assert [(one["name"], one["code"]) for one in exported["strategies"]] == [("Mine", SOUND)]
