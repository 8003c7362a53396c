"""A front end written to the documents keeps working."""

import re
from typing import Any

import httpx2
import pytest

from quantloom_server.platform.permissions import Permission
from tests.house.checkout import ROOT
from tests.server.documented_calls import LATER, SERVED, Call, calls
from tests.server.operations import all_operations
from tests.server.support import MakeCaller, SignIn, body_of

PAGE = ROOT / "docs" / "reference" / "compatibility.md"
SERVED_CALLS, LATER_CALLS = calls(SERVED), calls(LATER)
# Those of accounts and strategies are told as stories, in test_documented_calls.py of each.
TOLD_APART = ("/api/auth/", "/api/strategies")
PLAIN = [call for call in SERVED_CALLS if not call.path.startswith(TOLD_APART)]


def refuse_wrong(call: Call, answer: httpx2.Response) -> None:
    """What every answer to a documented call is."""
    assert answer.status_code == call.status, (str(call), answer.text)
    if call.shape:
        assert call.shape <= set(body_of(answer)), str(call)
    if call.is_renamed:
        successor = answer.request.url.path.replace("/api/", "/api/v1/", 1)
        successor = "/health" if successor == "/api/v1/health" else successor
        assert answer.headers["Deprecation"].startswith("@")
        assert f'<{successor}>; rel="successor-version"' in answer.headers["Link"]
    else:
        assert "Deprecation" not in answer.headers


@pytest.mark.parametrize("call", PLAIN, ids=str)
async def test_a_documented_call_is_answered_where_it_was_sent(
    make_caller: MakeCaller, sign_in: SignIn, call: Call
) -> None:
    client = await sign_in(await make_caller(*Permission))

    answer = await client.request(call.method, call.path, follow_redirects=False)

    refuse_wrong(call, answer)


@pytest.mark.parametrize("call", LATER_CALLS, ids=str)
async def test_a_call_of_a_later_part_is_told_to_be_nothing_yet(
    visitor: httpx2.AsyncClient, call: Call
) -> None:
    answer = await visitor.request(call.method, call.path)

    served = "is served: assert it, and move it to SERVED and in docs/reference/compatibility.md"
    assert answer.status_code == 404, f"{call} {served}"
    assert body_of(answer)["code"] == "http.not_found"
    assert body_of(answer)["message"]


def test_no_call_stands_twice() -> None:
    named = [str(call) for call in (*SERVED_CALLS, *LATER_CALLS)]

    assert len(named) == len(set(named))
    assert (len(SERVED_CALLS), len(LATER_CALLS)) == (27, 54)


def test_each_call_of_later_says_which_part_will_serve_it() -> None:
    domains = {call.domain for call in LATER_CALLS}

    assert domains == {
        "assistant",
        "backtests",
        "files",
        "marketdata",
        "notifications",
        "strategies",
        "training",
    }
    assert {call.domain for call in SERVED_CALLS} == {None}


def test_no_old_spelling_is_in_the_document() -> None:
    paths = {operation.path for operation in all_operations()}

    assert [path for path in paths if re.match("/api/(?!v1/)", path)] == []


def test_the_page_of_compatibility_tells_the_same() -> None:
    told = PAGE.read_text(encoding="utf-8")

    assert _rows_of(told) == [_row(call) for call in (*SERVED_CALLS, *LATER_CALLS)]


def _rows_of(page: str) -> list[str]:
    return [line for line in page.splitlines() if re.match(r"\| `(GET|PUT|POST|DELETE) ", line)]


def _row(call: Call) -> str:
    shape = ", ".join(f"`{name}`" for name in sorted(call.shape))
    cells: list[Any] = [f"`{call}`", call.status, shape, call.domain or "served"]
    return "| " + " | ".join(map(str, cells)) + " |"
