"""The calls about strategies that older clients make."""

from typing import Any

import httpx2

from tests.server.documented_calls import SERVED, calls
from tests.server.strategies.support import SOUND
from tests.server.test_documented_calls import refuse_wrong


async def test_an_old_client_keeps_a_strategy(ada: httpx2.AsyncClient) -> None:
    known = {str(call): call for call in calls(SERVED) if call.path.startswith("/api/strategies")}
    made: set[str] = set()

    async def send(told: str, body: Any = None, strategy: str = "") -> dict[str, Any]:
        call = known[told]
        path = call.path.format(strategy=strategy)
        answer = await ada.request(call.method, path, json=body, follow_redirects=False)
        refuse_wrong(call, answer)
        made.add(told)
        return answer.json() if answer.content else {}

    mine = (await send("POST /api/strategies", {"name": "Old", "code": SOUND}))["id"]
    read = await send("GET /api/strategies/{strategy}", strategy=mine)
    listed = await send("GET /api/strategies")
    changed = await send("PUT /api/strategies/{strategy}", {"risk_level": "high"}, mine)
    copied = await send("POST /api/strategies/{strategy}/copy", strategy=mine)
    versions = await send("GET /api/strategies/{strategy}/versions", strategy=mine)
    await send("DELETE /api/strategies/{strategy}", strategy=copied["id"])

    assert read["code"] == SOUND
    assert [one["id"] for one in listed["items"]] == [mine]
    assert changed["risk_level"] == "high"
    assert len(versions["items"]) == 1
    assert made == set(known)
