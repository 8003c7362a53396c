"""The pages that show the OpenAPI document, with everything that they load, so offline too."""

import gzip
from collections.abc import Mapping
from html import escape
from importlib import resources
from types import MappingProxyType

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

_ASSETS = resources.files(__package__) / "assets"
_PACKED = ".gz"
_KEPT = "private, max-age=3600"
_KINDS = {"js": "text/javascript", "css": "text/css"}

PAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "/docs": ("swagger-ui.css", "page.css", "swagger-ui-bundle.js", "swagger.js"),
        "/redoc": ("page.css", "redoc.standalone.js", "redoc.js"),
    }
)
"""Each page, with what it loads."""
ASSET = "/docs/assets/{name}"

_SERVED = frozenset(name for loaded in PAGES.values() for name in loaded)


def add_pages(app: FastAPI) -> None:
    """Serve the pages, as open as the document that they show."""
    for path in PAGES:
        app.add_route(path, _show, include_in_schema=False)
    app.add_route(ASSET, _give, include_in_schema=False)


async def _show(request: Request) -> Response:
    root = request.scope.get("root_path", "").rstrip("/")
    loads = (_tag(root, name) for name in PAGES[request.scope["path"].removeprefix(root)])
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Quantloom API</title><link rel="icon" href="data:,">'
        f"{''.join(loads)}</head>"
        f'<body><div id="page" data-url="{escape(root)}/openapi.json"></div></body></html>'
    )


def _tag(root: str, name: str) -> str:
    place = escape(f"{root}{ASSET.format(name=name)}")
    if name.endswith(".css"):
        return f'<link rel="stylesheet" href="{place}">'
    return f'<script src="{place}" defer></script>'


async def _give(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _SERVED:
        return PlainTextResponse("not found", 404)
    headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding"}
    kind = _KINDS[name.rpartition(".")[2]]
    packed = _ASSETS / f"{name}{_PACKED}"
    if not packed.is_file():
        return Response((_ASSETS / name).read_bytes(), media_type=kind, headers=headers)
    content = packed.read_bytes()
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, media_type=kind, headers=headers)
