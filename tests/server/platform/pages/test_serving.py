"""The pages of the documentation load everything from the service itself."""

import hashlib
import re

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from quantloom_server.app import create_app
from quantloom_server.platform.pages.serving import PAGES
from quantloom_server.settings import Settings

# As they were published.
PUBLISHED = {
    "swagger-ui-bundle.js": "e6a898692f2d768e807c3ba4626068a69a2c5dd960dd6c76f3e4d3a3de180af2",
    "swagger-ui.css": "5ed08757e53da3e026d6cbecc61fe5d43585c9560b302d534ad56692519a273d",
    "redoc.standalone.js": "dcaf76612bc4a3fbcc923a8966dee2f6146a5f32e5ce1b6f02dd60cbbf89500b",
}


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_loads_what_the_service_serves(visitor: httpx2.AsyncClient, page: str) -> None:
    shown = await visitor.get(page)
    old = await visitor.get(f"/api/v1{page}")

    places = re.findall(r'(?:src|href)="([^"]+)"', shown.text)
    assert old.text == shown.text
    for place in places:
        if place != "data:,":
            loaded = await visitor.get(place)
            assert loaded.status_code == 200
            assert loaded.headers["content-type"].split(";")[0] in {"text/css", "text/javascript"}
    assert 'data-url="/openapi.json"' in shown.text
    assert "http" not in shown.headers["content-security-policy"]
    assert "script-src 'self';" in shown.headers["content-security-policy"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
@pytest.mark.parametrize("name", PUBLISHED)
async def test_programs_of_others_are_as_they_were_published(
    visitor: httpx2.AsyncClient, name: str, encoding: str
) -> None:
    given = await visitor.get(f"/docs/assets/{name}", headers={"Accept-Encoding": encoding})

    assert given.headers.get("content-encoding", "identity") == encoding
    assert hashlib.sha256(given.content).hexdigest() == PUBLISHED[name]


async def test_nothing_else_of_the_folder_is_given(visitor: httpx2.AsyncClient) -> None:
    for name in ("LICENSES.txt", "swagger-ui.css.gz", "..%2Fserving.py"):
        assert (await visitor.get(f"/docs/assets/{name}")).status_code == 404


async def test_production_shows_no_pages() -> None:
    settings = Settings(
        _env_file=None, docs=False, secret_key=SecretStr("Kp3-an0ther-key-of-f0rty-bytes-at-least!")
    )
    hidden: FastAPI = create_app(settings)

    assert not {route.path for route in hidden.routes if hasattr(route, "path")} & {
        *PAGES,
        "/openapi.json",
    }
