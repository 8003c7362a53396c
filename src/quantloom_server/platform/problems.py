"""Errors as problem documents (RFC 9457); the one place that turns kinds into HTTP statuses."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from quantloom.errors import Conflict, Forbidden, Invalid, NotFound, QuantloomError, Unavailable
from quantloom.messages import in_chinese
from quantloom_server.platform import errors

MEDIA_TYPE = "application/problem+json"

# The first kind that fits counts, so the narrow ones come first.
_STATUSES: Mapping[type[QuantloomError], int] = {
    errors.Unauthenticated: 401,
    errors.TooMany: 429,
    errors.TooLarge: 413,
    errors.PreconditionFailed: 412,
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Unavailable: 503,
}

log = structlog.get_logger("error")


PROBLEM: Mapping[str, Any] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "message", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "A name of this kind of error."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
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
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
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
) -> JSONResponse:
    """Make the document of one error."""
    body: dict[str, Any] = {
        "type": f"https://quantloom.dev/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "message": detail,
        "code": code,
        "request_id": getattr(request.state, "request_id", ""),
    }
    if fields is not None:
        body["errors"] = fields
    return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)


async def _tell_ours(request: Request, error: Exception) -> JSONResponse:
    error = cast("QuantloomError", error)
    wants_chinese = request.headers.get("accept-language", "").lower().startswith("zh")
    detail = (wants_chinese and in_chinese(error)) or str(error)
    headers: dict[str, str] = {}
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(error.retry_after_s)
    return problem(request, status_of(error), code=error.code, detail=detail, headers=headers)


async def _tell_fields(request: Request, error: Exception) -> JSONResponse:
    error = cast("RequestValidationError", error)
    # Never what was sent: it may be a password.
    fields = [
        {"field": ".".join(map(str, fault["loc"])), "code": fault["type"], "message": fault["msg"]}
        for fault in error.errors()
    ]
    told = "; ".join(f"{fault['field']}: {fault['message']}" for fault in fields[:3])
    return problem(request, 422, code="request.invalid", detail=told, fields=fields)


async def _tell_http(request: Request, error: Exception) -> JSONResponse:
    error = cast("HTTPException", error)
    code = HTTPStatus(error.status_code).name.lower()
    return problem(
        request, error.status_code, code=f"http.{code}", detail=error.detail, headers=error.headers
    )


async def _tell_unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("request.failed", path=request.url.path, exc_info=error)
    return problem(
        request,
        500,
        code="internal",
        detail="something went wrong on our side; report the request id if it stays so",
    )


def tell_errors(app: FastAPI) -> None:
    """Have an application answer every error by a problem document."""
    app.add_exception_handler(QuantloomError, _tell_ours)
    app.add_exception_handler(RequestValidationError, _tell_fields)
    app.add_exception_handler(HTTPException, _tell_http)
    app.add_exception_handler(Exception, _tell_unexpected)
