"""The OpenAPI document, finished: what FastAPI knows of the routes, and what it cannot know.

Each route tells who may call it, which errors it answers with and under which codes, and shows a
whole body and a whole answer, put together from the examples of their fields.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, TypeGuard

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.responses import StreamingResponse

from quantloom_server.platform.edge import repeats
from quantloom_server.platform.errors import KeyInUse, KeyReused, StepUpRequired
from quantloom_server.platform.examples import NoExample, example_of
from quantloom_server.platform.problems import MEDIA_TYPE, PROBLEM
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.routing import (
    ERRORS,
    NEEDS,
    PACE,
    PUBLIC,
    STEP_UP,
    GuardedRoute,
    described,
)
from quantloom_server.platform.wording import tell_fields, tell_parameters

Json = dict[str, Any]

ABOUT = """Market data, strategies, backtests, trading and risk behind one API.

**Signing in.** `POST /api/v1/auth/login` gives an access token for `Authorization: Bearer ...`; it
lives 15 minutes, and `POST /api/v1/auth/refresh` gives the next one. Programs send an API key in
`X-API-Key` instead. Each route names the permission that it needs.

**Values.** Names are in `snake_case`, times in ISO 8601 UTC with `Z`. Prices of market data are
numbers; the money and prices of orders, accounts and ledgers are decimal strings.

**Lists** come a page at a time: `limit` and `cursor`, or `page` and `per_page`. `next_cursor` is
null at the end.

**Errors** are problem documents (RFC 9457) with a stable `code`; texts are in English, or in
Chinese for `Accept-Language: zh`. Only 429 and 503 are worth another try; `Retry-After` says when.

**Limits.** `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds) tell of
the nearest limit: that of the user for this kind of route, or that of the API key. Routes that are
open to everybody are counted by address.

**Sending twice.** A write that names an `Idempotency-Key` is done once: within a day, the same
request with the same key is answered as the first was, with `Idempotency-Replayed: true`.

**Changing what others change.** A read tells an `ETag`; a write that sends it back as `If-Match` is
refused with 412 where the thing is not what was read any more.

**Unknown fields** in a body are refused, so a typing error is never taken for a default.
"""

TAGS: Mapping[str, str] = {
    "Operation": "Whether the service lives, is ready, and how it does.",
    "Identity": "Accounts, signing in and out, sessions, second factors, passwords.",
    "Users": "Accounts of others, for administrators.",
    "Access": "Roles, permissions, workspaces, memberships, API keys and approvals.",
    "Audit": "Who did what, chained so that a changed or missing entry shows.",
    "Jobs": "Work that takes longer than a request, and schedules that start it.",
    "Strategies": "Code with its versions, drafts, findings and parameters; templates; files.",
    "Strategy market": "Versions offered to everybody, taken by copy, rated by who took them.",
    "Market data": "What can be traded, by which rules, and at which prices.",
}

RATE_CLASS = "x-rate-class"
_METHODS = ("get", "put", "post", "delete", "patch")
_LIMITS: Mapping[str, str] = {
    "X-RateLimit-Limit": "Requests that the nearest limit allows.",
    "X-RateLimit-Remaining": "How many of them are left.",
    "X-RateLimit-Reset": "Seconds until they are counted anew.",
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    **{name: ("integer", told) for name, told in _LIMITS.items()},
    "Retry-After": ("integer", "Seconds until the same request is worth another try."),
    "ETag": ("string", "What this is now; for `If-None-Match`, and for `If-Match` of a change."),
    repeats.REPLAYED: ("string", "`true` where the request was answered before."),
}
_WAITING = {429: ("Retry-After", *_LIMITS), 503: ("Retry-After",)}
_COMPONENTS = "#/components"
_GENERAL: Mapping[int, str] = {
    400: "The request cannot be read at all.",
    401: "Nobody is signed in, or the token does not count any more.",
    403: "The caller is known and may not do this.",
    404: "There is nothing here that the caller may see.",
    405: "The path knows other methods only.",
    408: "The body was announced and did not come.",
    413: "The body is larger than allowed.",
    422: "Fields are missing, wrong or unknown; `errors` names them.",
    429: "More requests than allowed; `Retry-After` says when the next one is.",
    500: "Something went wrong on our side; the request id finds it in the logs.",
    503: "A part of the service does not answer just now; the same request works later.",
}


def describe(app: FastAPI) -> None:
    """Have an application give its finished document, made once."""

    def document() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = make_document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way to do it


def make_document(app: FastAPI) -> Json:
    """Put the document of an application together."""
    found: Json = get_openapi(
        title=app.title,
        version=app.version,
        description=ABOUT,
        license_info={"name": "MIT", "identifier": "MIT"},
        servers=[{"url": "/", "description": "This server"}],
        routes=app.routes,
    )
    components = found.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    schemas["Problem"] = PROBLEM
    components["responses"] = {f"Problem{code}": _general(code) for code in _GENERAL}
    components["headers"] = {
        name: {"description": told, "schema": {"type": kind}}
        for name, (kind, told) in _HEADERS.items()
    }
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    tagged = {one.operation_id for one in app.routes if _is_tagged(one)}
    repeatable = {one.operation_id for one in app.routes if _is_repeatable(one)}
    used = set()
    for path, operation in operations(found):
        if operation["operationId"] in repeatable:
            _tell_of_repeats(operation)
        _finish(path, operation, schemas, is_tagged=operation["operationId"] in tagged)
        used.update(operation.get("tags", ()))
    tell_fields(schemas)
    found["tags"] = [
        {"name": name, "description": told} for name, told in TAGS.items() if name in used
    ]
    return found


def operations(document: Json) -> Iterator[tuple[str, Json]]:
    """Every operation of a document with its path."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, item[method]


def _finish(path: str, operation: Json, schemas: Json, *, is_tagged: bool) -> None:
    needs = operation[NEEDS]
    is_public = needs == PUBLIC.value
    who = "Open to everybody." if is_public else f"Needs the permission `{needs}`."
    is_grave = operation.get(STEP_UP, False)
    pace = operation.get(PACE, None if is_public else Pace.DEFAULT.value)
    operation[RATE_CLASS] = pace or "none"
    counted = f"Counts against the limit `{pace}`." if pace else "Is not counted."
    facts = " ".join(filter(None, (who, _UNLOCK if is_grave else None, counted)))
    operation["description"] = "\n\n".join(filter(None, (operation.get("description"), facts)))
    if is_grave:
        operation[ERRORS] = [*operation.get(ERRORS, ()), described(StepUpRequired)]
    tell_parameters(operation)
    operation["security"] = [] if is_public else [{"bearer": []}, {"api_key": []}]
    answers = operation["responses"]
    answers.pop("422", None)
    for code in _general_codes(path, operation, is_public=is_public):
        if "content" not in answers.get(str(code), {}):
            answers[str(code)] = {"$ref": f"{_COMPONENTS}/responses/Problem{code}"}
    for code, errors in _by_status(operation.get(ERRORS, ())).items():
        answers[str(code)] = _declared(code, errors)
    operation["responses"] = dict(sorted(answers.items()))
    is_counted = not is_public or pace is not None
    _tell_headers(operation, is_counted=is_counted, is_tagged=is_tagged)
    for content in _contents(operation):
        if "example" not in content and "examples" not in content:
            # A test refuses a route without examples; a reader of its document is better off.
            with suppress(NoExample):
                content["example"] = example_of(content["schema"], schemas)


_UNLOCK = (
    "Needs a session whose trading is unlocked (`POST /api/v1/auth/unlock`); another session does "
    "not do, nor an API key."
)


def _tell_headers(operation: Json, *, is_counted: bool, is_tagged: bool) -> None:
    for code, answer in operation["responses"].items():
        if "$ref" in answer:
            continue
        names = list(_LIMITS) if is_counted and code < "300" else []
        names += ["ETag"] if is_tagged and code == "200" else []
        names += _WAITING.get(int(code), ())
        refs = {name: {"$ref": f"{_COMPONENTS}/headers/{name}"} for name in names}
        if refs:
            answer["headers"] = {**refs, **answer.get("headers", {})}


def _is_repeatable(route: object) -> TypeGuard[GuardedRoute]:
    return isinstance(route, GuardedRoute) and route.is_repeatable


def _is_tagged(route: object) -> TypeGuard[GuardedRoute]:
    """Whether it is a read whose answer is there as a whole, and not streamed."""
    is_read = isinstance(route, GuardedRoute) and "GET" in (route.methods or ())
    return is_read and getattr(route, "response_class", None) is not StreamingResponse


def _tell_of_repeats(operation: Json) -> None:
    """A write that is done once, however often it is sent with one key."""
    operation.setdefault("parameters", []).append(
        {
            "name": repeats.HEADER,
            "in": "header",
            "required": False,
            "description": "A text of yours, new for each act; sent again, nothing is done twice.",
            "schema": {"type": "string", "minLength": 1, "maxLength": repeats.LONGEST_KEY},
        }
    )
    known = {error["code"] for error in operation.get(ERRORS, ())}
    errors = [described(error) for error in (KeyReused, KeyInUse) if error.code not in known]
    operation[ERRORS] = [*operation.get(ERRORS, ()), *errors]
    for code, answer in operation["responses"].items():
        if code < "300":
            answer["headers"] = {
                repeats.REPLAYED: {"$ref": f"{_COMPONENTS}/headers/{repeats.REPLAYED}"}
            }


def _general_codes(path: str, operation: Json, *, is_public: bool) -> list[int]:
    codes = [429, 500, 503]
    codes += [] if is_public else [401, 403]
    if "requestBody" in operation:
        codes += [400, 408, 413, 422]
    if operation.get("parameters"):
        codes.append(422)
    if "{" in path:
        codes.append(404)
    return codes


def _contents(operation: Json) -> Iterator[Json]:
    """The JSON that goes in and comes out."""
    body = operation.get("requestBody", {}).get("content", {})
    answers = [answer.get("content", {}) for answer in operation["responses"].values()]
    for content in (body, *answers):
        if "schema" in content.get("application/json", {}):
            yield content["application/json"]


def _by_status(errors: list[Json]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for error in errors:
        found.setdefault(error["status"], []).append(error)
    return found


def _declared(status: int, errors: list[Json]) -> Json:
    general = [_GENERAL[status]] if status in _GENERAL else []
    told = [f"- `{error['code']}`: {error['description']}" for error in errors]
    told_of = {_CODES[status]: _GENERAL[status]} if status in _CODES else {}
    told_of |= {error["code"]: error["description"] for error in errors}
    examples = {code: {"value": _example(status, code, detail)} for code, detail in told_of.items()}
    return {
        "description": "\n".join([*general, *told]),
        "content": {MEDIA_TYPE: {"schema": _PROBLEM_REF, "examples": examples}},
    }


def _general(status: int) -> Json:
    code = _CODES.get(status, f"http.{HTTPStatus(status).name.lower()}")
    content = {"schema": _PROBLEM_REF, "example": _example(status, code, _GENERAL[status])}
    told: Json = {"description": _GENERAL[status], "content": {MEDIA_TYPE: content}}
    if names := _WAITING.get(status):
        told["headers"] = {name: {"$ref": f"{_COMPONENTS}/headers/{name}"} for name in names}
    return told


def _example(status: int, code: str, detail: str) -> Json:
    return {
        "type": f"https://quantloom.dev/problems/{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "message": detail,
        "code": code,
        "request_id": "0199f1c2-7d6a-7c11-8a55-2f0c6f3e9b10",
    }


_PROBLEM_REF: Json = {"$ref": f"{_COMPONENTS}/schemas/Problem"}
_CODES: Mapping[int, str] = {
    401: "auth.unauthenticated",
    403: "auth.not_permitted",
    408: "limits.too_slow",
    413: "limits.too_large",
    422: "request.invalid",
    429: "limits.too_many",
    500: "internal",
    503: "platform.database_down",
}
