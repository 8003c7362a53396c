"""A front end written to the documents keeps working."""

import httpx2
import pytest

from tests.server.documented_calls import LATER, SERVED, calls
from tests.server.support import body_of

# Without signing in: a route that needs a caller says so, one that needs a body asks for it.
ANSWERS = {"needs a caller": 401, "needs a body": 422, "needs nothing": 200}


@pytest.mark.parametrize(("method", "path"), calls(SERVED))
async def test_a_documented_call_is_served(
    visitor: httpx2.AsyncClient, method: str, path: str
) -> None:
    answer = await visitor.request(method, path, json={} if method == "POST" else None)

    assert answer.status_code in ANSWERS.values()
    assert ("deprecation" in answer.headers) is path.startswith("/api/")


@pytest.mark.parametrize(("method", "path"), calls(LATER))
async def test_a_call_of_a_later_part_is_told_to_be_nothing_yet(
    visitor: httpx2.AsyncClient, method: str, path: str
) -> None:
    answer = await visitor.request(method, path)

    assert answer.status_code == 404
    assert body_of(answer)["code"] == "http.not_found"
    assert body_of(answer)["message"]


def test_no_call_stands_in_both_lists() -> None:
    assert not set(calls(SERVED)) & set(calls(LATER))
    assert (len(calls(SERVED)), len(calls(LATER))) == (17, 60)
