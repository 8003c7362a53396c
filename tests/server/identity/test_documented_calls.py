"""The calls about accounts that older clients make, in the order in which those make them."""

from typing import Any

import httpx2

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.relay import Relay
from tests.server.documented_calls import SERVED, Call, calls
from tests.server.identity.mailing import Postbox, deliver_all, token_in
from tests.server.identity.support import PASSWORD, Person, bearer, new_name
from tests.server.test_documented_calls import refuse_wrong

NEW = "another horse, another staple"


class OldClient:
    """Somebody who signs in by the paths of the documents."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        name = new_name()
        self.person = Person(client, name, f"{name}@example.com")
        self.made: set[str] = set()
        self._calls = {str(call): call for call in calls(SERVED)}
        self._headers: dict[str, str] = {}

    async def send(self, told: str, body: Any = None, **names: str) -> dict[str, Any]:
        call: Call = self._calls[told]
        answer = await self.person.client.request(
            call.method,
            call.path.format(**names),
            json=body,
            headers=self._headers,
            follow_redirects=False,
        )
        refuse_wrong(call, answer)
        self.made.add(told)
        found: dict[str, Any] = answer.json() if answer.content else {}
        if "access_token" in found:
            assert found["token_type"] == "bearer"
            self._headers = bearer(found["access_token"])
        return found


async def test_an_old_client_lives_through_an_account(
    stranger: httpx2.AsyncClient, relay: Relay, postbox: Postbox, clock: ManualClock
) -> None:
    old = OldClient(stranger)
    ada = old.person
    account = {"username": ada.username, "email": ada.email, "password": PASSWORD}

    await old.send("POST /api/auth/register", {**account, "agree_terms": True})
    tokens = await old.send("POST /api/auth/login", {"username": ada.email, "password": PASSWORD})
    await old.send("POST /api/auth/refresh", {"refresh_token": tokens["refresh_token"]})
    await old.send("PUT /api/auth/profile", {"full_name": "Ada King", "phone": "+86 138 0000 0000"})
    profile = await old.send("GET /api/auth/profile")
    me = await old.send("GET /api/auth/me")
    await ada.login()
    sessions = (await old.send("GET /api/auth/sessions"))["items"]
    other = next(each["id"] for each in sessions if not each["is_current"])
    await old.send("DELETE /api/auth/sessions/{session}", session=other)
    change = {"old_password": PASSWORD, "new_password": NEW}
    await old.send("POST /api/auth/change-password", change)
    await old.send("POST /api/auth/logout")
    await old.send("POST /api/auth/reset-password", {"email": ada.email})
    await deliver_all(relay)
    token = token_in(postbox.to(ada)[-1][1])
    await old.send(
        "POST /api/auth/reset-password/confirm", {"token": token, "new_password": PASSWORD}
    )

    assert profile == me
    assert profile["full_name"] == "Ada King"
    accounts = {str(call) for call in calls(SERVED) if call.path.startswith("/api/auth/")}
    assert old.made == accounts
