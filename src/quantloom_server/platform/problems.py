"""Errors as problem documents (RFC 9457); the one place that turns kinds into HTTP statuses.

Texts come in the language that the request prefers, English or Chinese.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeAlias, cast

import asyncpg
import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from quantloom.errors import Conflict, Forbidden, Invalid, NotFound, QuantloomError, Unavailable
from quantloom.messages import in_chinese
from quantloom_server import messages
from quantloom_server.platform import errors
from quantloom_server.platform.languages import prefers_chinese
from quantloom_server.platform.rates import told
from quantloom_server.platform.telemetry import sentry

MEDIA_TYPE = "application/problem+json"
Answer: TypeAlias = Response

# The first kind that fits counts, so the narrow ones come first.
_STATUSES: Mapping[type[QuantloomError], int] = {
    errors.Unauthenticated: 401,
    errors.TooMany: 429,
    errors.TooLarge: 413,
    errors.TooSlow: 408,
    errors.PreconditionFailed: 412,
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}
_MOST_FIELDS = 50
_USUALLY_BACK_S = 5

log = structlog.get_logger("error")


PROBLEM: Mapping[str, Any] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "message", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "A name of this kind of error."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "description": "Of HTTP."},
        "detail": {"type": "string", "description": "What happened, and what to do next."},
        "message": {"type": "string", "description": "The same as `detail`."},
        "code": {"type": "string", "description": "Stable; the one to decide by."},
        "request_id": {"type": "string", "description": "Finds the request in the logs."},
        "errors": {
            "type": "array",
            "description": "The fields that are wrong, where fields are.",
            "items": {
                "type": "object",
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string", "description": "As `body.email`."},
                    "code": {"type": "string", "description": "What is wrong."},
                    "message": {"type": "string", "description": "The same in words."},
                },
            },
        },
    },
}
"""The schema of the documents, for the description of the API."""


def status_of(error: QuantloomError) -> int:
    return status_of_kind(type(error))


def status_of_kind(kind: type[QuantloomError]) -> int:
    return next((code for one, code in _STATUSES.items() if issubclass(kind, one)), 500)


def problem(
    request: Request,
    status: int,
    *,
    code: str,
    detail: str,
    fields: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Make the document of one error."""
    chinese = _wants_chinese(request)
    phrase = HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"https://quantloom.dev/problems/{code}",
        "title": messages.TITLES.get(status, phrase) if chinese else phrase,
        "status": status,
        "detail": detail,
        "message": detail,
        "code": code,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if fields is not None:
        body["errors"] = fields
    spoken = {"Content-Language": "zh-CN" if chinese else "en", "Vary": "Accept-Language"}
    left: Mapping[str, str] = getattr(request.state, "rate_headers", {})
    return Response(orjson.dumps(body), status, {**spoken, **left, **(headers or {})}, MEDIA_TYPE)


async def tell_ours(request: Request, error: Exception) -> Response:
    """Answer an error of ours, whose text and code are its own."""
    error = cast("QuantloomError", error)
    detail = (_wants_chinese(request) and in_chinese(error)) or str(error)
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooSlow):
        headers["Connection"] = "close"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(getattr(error, "retry_after_s", _USUALLY_BACK_S))
    if isinstance(error, errors.TooMany) and error.limit is not None:
        headers.update(told(error.limit, 0, error.retry_after_s))
    return problem(request, status_of(error), code=error.code, detail=detail, headers=headers)


async def _tell_fields(request: Request, error: Exception) -> Response:
    error = cast("RequestValidationError", error)
    chinese = _wants_chinese(request)
    # Never what was sent: it may be a password.
    fields = [
        {
            "field": ".".join(map(str, fault["loc"])),
            "code": fault["type"],
            "message": _told(fault, chinese=chinese),
        }
        for fault in error.errors()[:_MOST_FIELDS]
    ]
    first = "; ".join(f"{fault['field']}: {fault['message']}" for fault in fields[:3])
    return problem(request, 422, code="request.invalid", detail=first, fields=fields)


async def tell_http(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: no such path, no such method."""
    error = cast("HTTPException", error)
    code = f"http.{HTTPStatus(error.status_code).name.lower()}"
    spoken = messages.SPOKEN.get(code)
    detail = spoken[_wants_chinese(request)] if spoken else error.detail
    return problem(request, error.status_code, code=code, detail=detail, headers=error.headers)


async def tell_unexpected(request: Request, error: Exception) -> Response:
    """Answer what should never happen; logged once, here."""
    if _is_unstorable(error):
        return await tell_ours(request, errors.UnstorableText())
    request_id = getattr(request.state, "request_id", "")
    log.error("request.failed", method=request.method, path=request.url.path, exc_info=error)
    sentry.report(error, request_id=request_id)
    detail = messages.SPOKEN["internal"][_wants_chinese(request)]
    return problem(request, 500, code="internal", detail=detail)


def _is_unstorable(error: BaseException | None) -> bool:
    """Whether PostgreSQL refused a NUL; SQLAlchemy hides its error behind two of its own."""
    if error is None:
        return False
    refusals = (asyncpg.CharacterNotInRepertoireError, asyncpg.UntranslatableCharacterError)
    return isinstance(error, refusals) or _is_unstorable(error.__cause__)


def tell_errors(app: FastAPI) -> None:
    """Have an application answer every error by a problem document."""
    app.add_exception_handler(QuantloomError, tell_ours)
    app.add_exception_handler(RequestValidationError, _tell_fields)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(Exception, tell_unexpected)


def _wants_chinese(request: Request) -> bool:
    return prefers_chinese(request.headers.get("accept-language", ""))


def _told(fault: Mapping[str, Any], *, chinese: bool) -> str:
    text = messages.FAULTS.get(fault["type"]) if chinese else None
    if text is None:
        return str(fault["msg"])
    try:
        return text.format(**fault.get("ctx", {}))
    except (KeyError, IndexError):
        return str(fault["msg"])
