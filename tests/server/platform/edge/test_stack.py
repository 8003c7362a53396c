"""Everything that each request passes, whatever route it asks for."""

import httpx2
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from quantloom_server.platform.edge.stack import surround
from quantloom_server.platform.problems import tell_errors
from quantloom_server.platform.routing import PUBLIC, Routes
from quantloom_server.platform.telemetry.metrics import HttpMetrics
from quantloom_server.settings import Settings
from tests.server.support import body_of, client_of

NOTHING = "there is nothing at this path; /docs lists what there is"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
}


class Said(BaseModel):
    word: str


def make_small(app: FastAPI, settings: Settings, metrics: HttpMetrics | None = None) -> FastAPI:
    """An application with the stack and a few routes of the test's own."""
    routes = Routes("/api/v1/t", tag="T")

    @routes.get("/{name}", needs=PUBLIC)
    async def read(name: str) -> Said:
        if name == "broken":
            raise ZeroDivisionError("the password=hunter2 was here")
        return Said(word=name)

    @routes.put("/{name}", needs=PUBLIC)
    async def write(name: str, said: Said, request: Request) -> Said:
        return said

    small = FastAPI()
    small.state.parts = app.state.parts
    tell_errors(small)
    small.router.routes.extend(routes.router.routes)
    surround(small, settings, metrics or HttpMetrics())
    return small


@pytest.fixture
def small(app: FastAPI, settings: Settings) -> FastAPI:
    origins = {"cors_origins": ("https://app.example.com",)}
    return make_small(app, settings.model_copy(update=origins))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/t/a", 200),
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/t/a", 405),
        ("PUT", "/api/v1/t/a", 422),
        ("GET", "/api/v1/t/broken", 500),
        ("GET", "/" + "x" * 9000, 414),
        ("OPTIONS", "/api/v1/t/a", 204),
    ],
)
async def test_every_answer_has_an_id_and_the_headers_that_keep_browsers_safe(
    small: FastAPI, method: str, path: str, status: int
) -> None:
    async with client_of(small) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert ALWAYS.items() <= dict(answer.headers).items()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert len(answer.headers["x-request-id"]) == 32
    assert "server" not in answer.headers
    if status >= 400:
        assert answer.headers["cache-control"] == "no-store"
        assert body_of(answer)["request_id"] == answer.headers["x-request-id"]
        assert body_of(answer)["message"] == body_of(answer)["detail"]


async def test_what_nobody_expected_is_told_without_its_text(small: FastAPI) -> None:
    async with client_of(small) as client:
        answer = await client.get("/api/v1/t/broken")

    assert "hunter2" not in answer.text
    assert "Zero" not in answer.text


@pytest.mark.parametrize(
    ("given", "kept"), [("client-id-0001", True), ("short", False), ("a\r\nX: 1" * 3, False)]
)
async def test_a_client_may_name_its_request_by_a_sound_id(
    small: FastAPI, given: str, kept: bool
) -> None:
    async with client_of(small, {"X-Request-ID": given}) as client:
        answer = await client.get("/api/v1/t/a")

    assert (answer.headers["x-request-id"] == given) is kept


async def test_old_paths_are_served_as_new_ones_and_say_so(small: FastAPI) -> None:
    async with client_of(small) as client:
        old = await client.get("/api/t/%E4%B8%AD?x=1")
        new = await client.get("/api/v1/t/%E4%B8%AD")

    assert old.json() == new.json() == {"word": "中"}
    assert old.headers["deprecation"].startswith("@")
    assert old.headers["link"] == '</api/v1/t/%E4%B8%AD>; rel="successor-version"'
    assert "deprecation" not in new.headers


async def test_head_is_get_without_the_body(small: FastAPI) -> None:
    async with client_of(small) as client:
        head = await client.head("/api/v1/t/a")
        get = await client.get("/api/v1/t/a")

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_the_methods_of_a_path_are_all_named(small: FastAPI) -> None:
    async with client_of(small) as client:
        asked = await client.options("/api/v1/t/a")
        refused = await client.delete("/api/v1/t/a")
        nothing = await client.options("/api/v1/nothing")

    assert asked.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS, PUT"
    assert nothing.status_code == 404


def preflight(origin: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": "PUT"}


async def test_another_site_may_call_only_if_it_is_listed(small: FastAPI) -> None:
    async with client_of(small) as client:
        good = await client.options("/api/v1/t/a", headers=preflight("https://app.example.com"))
        evil = await client.options("/api/v1/t/a", headers=preflight("https://evil.example.com"))
        read = await client.get("/api/v1/t/a", headers={"Origin": "https://evil.example.com"})

    assert good.headers["access-control-allow-origin"] == "https://app.example.com"
    assert good.headers["access-control-allow-credentials"] == "true"
    assert evil.status_code == 400
    assert "access-control-allow-origin" not in evil.headers
    assert "access-control-allow-origin" not in read.headers


async def test_endless_heads_are_refused(small: FastAPI) -> None:
    many = {f"X-{number}": "1" for number in range(101)}

    async with client_of(small) as client:
        answers = [
            await client.get("/api/v1/t/a", headers=headers)
            for headers in (many, {"X-Long": "x" * 40_000})
        ]

    assert [answer.status_code for answer in answers] == [431, 431]


@pytest.mark.parametrize(
    ("language", "status", "told"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", 404, "此路径下什么也没有；/docs 列出全部路径"),
        (
            "en-US,en;q=0.9,zh;q=0.1",
            404,
            NOTHING,
        ),
        ("fr", 404, NOTHING),
    ],
)
async def test_problems_are_told_in_the_language_that_is_preferred(
    small: FastAPI, language: str, status: int, told: str
) -> None:
    async with client_of(small, {"Accept-Language": language}) as client:
        answer = await client.get("/nothing")

    assert answer.status_code == status
    assert body_of(answer)["detail"] == told
    assert answer.headers["content-language"] == ("zh-CN" if language[:2] == "zh" else "en")
    assert "Accept-Language" in answer.headers["vary"]


async def test_wrong_fields_are_told_in_both_languages(small: FastAPI) -> None:
    async def told(language: str) -> str:
        async with client_of(small, {"Accept-Language": language}) as client:
            answer = await client.put("/api/v1/t/a", json={})
        fault: dict[str, str] = body_of(answer)["errors"][0]
        assert (fault["field"], fault["code"]) == ("body.word", "missing")
        return fault["message"]

    assert await told("en") == "Field required"
    assert await told("zh") == "必须给出"


async def test_requests_are_counted_by_route_never_by_path(
    app: FastAPI, settings: Settings
) -> None:
    metrics = HttpMetrics()
    small = make_small(app, settings, metrics)

    async with client_of(small) as client:
        for number in range(20):
            await client.get(f"/api/t/{number}")
            await client.request("BREW", f"/nothing/{number}")

    lines = metrics.text().decode().splitlines()
    counted = sorted(line for line in lines if line.startswith("http_requests_total"))
    assert counted == [
        'http_requests_total{method="GET",route="/api/v1/t/{name}",status="200"} 20.0',
        'http_requests_total{method="other",route="unmatched",status="404"} 20.0',
    ]
    assert "http_requests_in_progress 0.0" in lines


async def test_nothing_is_left_open_to_a_plain_reader_of_the_schema(
    visitor: httpx2.AsyncClient,
) -> None:
    root = await visitor.get("/openapi.json")
    below = await visitor.get("/api/v1/openapi.json")

    assert root.json() == below.json()
    assert not any(path.startswith("/api/") and "/v1/" not in path for path in root.json()["paths"])
