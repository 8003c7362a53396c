"""The refresh token in a cookie, which no other site can use (SEC14)."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx2
import pytest

from tests.server.identity.support import Person, Register
from tests.server.support import body_of


def cookies_of(answer: httpx2.Response) -> dict[str, Morsel[str]]:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        jar.load(line)
    return dict(jar)


async def refresh(ada: Person, **headers: str) -> httpx2.Response:
    return await ada.client.post("/api/v1/auth/refresh", headers=headers)


async def by_cookie(ada: Person) -> dict[str, Morsel[str]]:
    return cookies_of(await ada.login(use_cookie=True))


async def test_a_browser_keeps_the_token_where_scripts_and_other_sites_cannot_reach(
    register: Register,
) -> None:
    ada = await register()

    cookies = await by_cookie(ada)
    token, proof = cookies["quantloom_refresh"], cookies["quantloom_csrf"]

    assert ada.tokens["refresh_token"] is None
    assert token["httponly"]
    assert token["secure"]
    assert token["path"] == "/api/v1/auth"
    assert token["samesite"].lower() == proof["samesite"].lower() == "strict"
    assert proof["secure"]
    assert not proof["httponly"]


async def test_a_cookie_refreshes_together_with_the_header_that_proves_the_page(
    register: Register,
) -> None:
    ada = await register()
    before = await by_cookie(ada)

    answer = await refresh(ada, **{"X-CSRF-Token": before["quantloom_csrf"].value})

    assert answer.status_code == 200
    assert answer.json()["refresh_token"] is None
    assert cookies_of(answer)["quantloom_refresh"].value != before["quantloom_refresh"].value


@pytest.mark.parametrize("proof", [None, "", "0" * 64, "not hex", "é"])
async def test_a_cookie_alone_refreshes_nothing_and_spends_nothing(
    register: Register, proof: str | None
) -> None:
    ada = await register()
    cookies = await by_cookie(ada)
    headers: dict[str, Any] = {} if proof is None else {"X-CSRF-Token": proof.encode()}

    refused = await refresh(ada, **headers)
    right = await refresh(ada, **{"X-CSRF-Token": cookies["quantloom_csrf"].value})

    assert (refused.status_code, body_of(refused)["code"]) == (403, "identity.csrf_missing")
    assert right.status_code == 200


async def test_the_proof_of_one_session_is_none_of_another(register: Register) -> None:
    ada, bob = await register(), await register()
    await by_cookie(ada)
    bobs = (await by_cookie(bob))["quantloom_csrf"].value

    answer = await refresh(ada, **{"X-CSRF-Token": bobs})

    assert answer.status_code == 403


async def test_logging_out_takes_the_cookies_away(register: Register) -> None:
    ada = await register()
    await by_cookie(ada)

    answer = await ada.post("/logout")

    assert {name for name, one in cookies_of(answer).items() if one["max-age"] == "0"} == {
        "quantloom_refresh",
        "quantloom_csrf",
    }


async def test_without_a_token_there_is_nothing_to_refresh(stranger: httpx2.AsyncClient) -> None:
    answer = await stranger.post("/api/v1/auth/refresh")

    assert (answer.status_code, body_of(answer)["code"]) == (401, "identity.bad_token")
