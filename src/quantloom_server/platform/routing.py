"""Routes that say what they need: nobody reaches one without the permission it names.

The check runs before a byte of the body is read. A route is declared by `Routes`, which takes no
route without `needs`; a test walks the application and refuses any that came in another way.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from enum import Enum
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from quantloom.errors import QuantloomError
from quantloom_server.platform.addresses import client_address, neighbourhood
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Scope
from quantloom_server.platform.edge.bodies import LARGEST_JSON, JsonRequest, read_json_body, weighed
from quantloom_server.platform.edge.conditions import answer_unchanged
from quantloom_server.platform.edge.repeats import WRITES, Claim, Replay, claim
from quantloom_server.platform.errors import (
    NotPermitted,
    PasswordChangeNeeded,
    StepUpRequired,
    Unauthenticated,
)
from quantloom_server.platform.hot import shortened
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.problems import status_of_kind
from quantloom_server.platform.rates import Pace
from quantloom_server.platform.transaction import Transaction


class Public(Enum):
    """What a route needs that anyone may call."""

    ANYONE = "anyone"


PUBLIC = Public.ANYONE
NEEDS = "x-permission"
ERRORS = "x-errors"
STEP_UP = "x-step-up"
PACE = "x-pace"
LARGEST_BODY = "x-largest-body"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Declaring(Protocol):
    """What declares the function under it as a route, and leaves it as it is."""

    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...


class GuardedRoute(APIRoute):
    """A route that knows its caller, and lets the ones in that may come."""

    async def handle(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        declared = self.openapi_extra or {}
        limit = declared.get(LARGEST_BODY, LARGEST_JSON)
        await super().handle(scope, weighed(receive, limit), send)

    def get_route_handler(self) -> Handler:
        handle = shortened(self.endpoint, super().get_route_handler())
        answer = _answering(handle, has_json=self._takes_json())
        declared = self.openapi_extra or {}
        needs, pace = declared[NEEDS], declared.get(PACE)
        if needs == PUBLIC.value:
            return answer if pace is None else _open_to_anyone(answer, Pace(pace))
        is_grave = declared.get(STEP_UP, False)
        return _guarded(answer, Permission(needs), Pace(pace or Pace.DEFAULT), is_grave=is_grave)

    @property
    def is_repeatable(self) -> bool:
        """Whether it is a write that takes an idempotency key."""
        is_write = not WRITES.isdisjoint(self.methods or ())
        return is_write and any(each.call in _CLAIMING for each in self.dependant.dependencies)

    def _takes_json(self) -> bool:
        field = self.body_field
        return field is not None and not isinstance(field.field_info, Form)


def _guarded(answer: Handler, permission: Permission, pace: Pace, *, is_grave: bool) -> Handler:
    async def guarded(request: Request) -> Response:
        parts = parts_of(request)
        caller = await _recognise(request, parts, is_grave=is_grave)
        request.state.caller = caller
        left = await _count(request, parts, caller, pace)
        if caller.must_change_password and permission is not Permission.PROFILE:
            raise PasswordChangeNeeded
        if not caller.may(permission):
            raise NotPermitted(permission)
        if is_grave and not caller.is_unlocked(parts.clock.now()):
            raise StepUpRequired
        with parts.rates.one_of(str(caller.user_id)):
            response = await answer(request)
        response.raw_headers.extend(_raw(left))
        return response

    return guarded


async def _count(request: Request, parts: Parts, caller: Caller, pace: Pace) -> dict[str, str]:
    """Count a request; its answer tells of the limit that is nearer, also where it is an error."""
    told = []
    if caller.key_id is not None and caller.requests_per_minute is not None:
        # Before the user's: what a program may not send is not taken from its owner.
        told.append(await parts.rates.take_of_key(caller.key_id, caller.requests_per_minute))
    told.append(await parts.rates.take(pace, str(caller.user_id)))
    left = min(told, key=lambda one: int(one["X-RateLimit-Remaining"]))
    request.state.rate_headers = left
    return left


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they go over the wire; those that no answer has already need no search."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def _open_to_anyone(answer: Handler, pace: Pace) -> Handler:
    async def paced(request: Request) -> Response:
        parts = parts_of(request)
        left = await parts.rates.take(pace, _from_where(request, parts))
        request.state.rate_headers = left
        response = await answer(request)
        response.raw_headers.extend(_raw(left))
        return response

    return paced


def _answering(handle: Handler, *, has_json: bool) -> Handler:
    async def answer(request: Request) -> Response:
        if has_json:
            request = JsonRequest(request.scope, request.receive)
            await read_json_body(request)
        try:
            response = await handle(request)
        except Replay as known:
            return known.answer
        if request.method == "GET":
            return answer_unchanged(request, response)
        # The transaction of the act is still open, and takes the answer in.
        claimed: Claim | None = getattr(request.state, "claim", None)
        if claimed is not None:
            await claimed.keep(response)
        return response

    return answer


async def _recognise(request: Request, parts: Parts, *, is_grave: bool) -> Caller:
    try:
        caller = await parts.gatekeeper.recognise(request, fresh=is_grave)
    except Unauthenticated:
        # Whoever tries tokens is told apart by the address alone.
        await parts.rates.take(Pace.ADDRESS, _from_where(request, parts))
        raise
    if caller is None:
        raise Unauthenticated
    return caller


def _from_where(request: Request, parts: Parts) -> str:
    address = client_address(request, parts.settings.trusted_proxies)
    return str(neighbourhood(address)) if address else "local"


class Routes:
    """The routes of one domain under one prefix; `router` is what the application includes.

    Each takes `needs`, what FastAPI takes, and `errors`: the kinds of its own that it answers with,
    for the document. Its operation is named after its function, and after the end of the path too
    where the function serves several.

    A route declared with `step_up=True` moves money or gives power away: its caller must have
    unlocked trading in this very session, and is looked up anew. `pace` names a limit other than
    the general one; a public route has none unless it names one, and is counted by address then.
    `largest_body` names the bytes of a body where those of JSON are too few.
    """

    def __init__(self, prefix: str, *, tag: str) -> None:
        self.router = APIRouter(prefix=prefix, tags=[tag], route_class=GuardedRoute)
        self._named: set[str] = set()

    def get(self, path: str = "", *, needs: Permission | Public, **options: Any) -> Declaring:
        return self._route(path, "GET", needs, options)

    def post(self, path: str = "", *, needs: Permission | Public, **options: Any) -> Declaring:
        return self._route(path, "POST", needs, options)

    def put(self, path: str = "", *, needs: Permission | Public, **options: Any) -> Declaring:
        return self._route(path, "PUT", needs, options)

    def patch(self, path: str = "", *, needs: Permission | Public, **options: Any) -> Declaring:
        return self._route(path, "PATCH", needs, options)

    def delete(self, path: str = "", *, needs: Permission | Public, **options: Any) -> Declaring:
        return self._route(path, "DELETE", needs, options)

    def _route(
        self, path: str, method: str, needs: Permission | Public, options: dict[str, Any]
    ) -> Declaring:
        errors = [described(error) for error in options.pop("errors", ())]
        extra = {**options.get("openapi_extra", {}), NEEDS: needs.value}
        if options.pop("step_up", False):
            extra[STEP_UP] = True
        if pace := options.pop("pace", None):
            extra[PACE] = pace.value
        if largest := options.pop("largest_body", None):
            extra[LARGEST_BODY] = largest
        options["openapi_extra"] = {**extra, ERRORS: errors} if errors else extra

        def declare(endpoint: Endpoint) -> Endpoint:
            name = options.setdefault("operation_id", self._name(endpoint.__name__, path))
            self._named.add(name)
            found: Endpoint = self.router.api_route(path, methods=[method], **options)(endpoint)
            return found

        return declare

    def _name(self, name: str, path: str) -> str:
        return f"{name}_as_{path.rpartition('/')[2]}" if name in self._named else name


def described(error: type[QuantloomError]) -> dict[str, Any]:
    """An error as the document tells it."""
    words = (error.__doc__ or "").partition("\n\n")[0].split()
    return {"status": status_of_kind(error), "code": error.code, "description": " ".join(words)}


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def _find_parts(request: Request) -> Parts:
    # Asynchronous, or each request would hand it to a thread.
    return parts_of(request)


def caller_of(request: Request) -> Caller | None:
    """Who sends the request; None on a public route."""
    return getattr(request.state, "caller", None)


async def open_transaction(request: Request) -> AsyncIterator[Transaction]:
    request_id = getattr(request.state, "request_id", "")
    async with parts_of(request).transaction(
        caller=caller_of(request), request_id=request_id
    ) as transaction:
        request.state.claim = await claim(transaction, request)
        yield transaction


@asynccontextmanager
async def administering(request: Request) -> AsyncIterator[Transaction]:
    """Open a transaction that works on other people's accounts for the caller."""
    caller = caller_of(request)
    scope = Scope(
        user_id=caller.user_id if caller else None,
        workspace_id=caller.workspace_id if caller else None,
        purpose="administer",
    )
    request_id = getattr(request.state, "request_id", "")
    async with parts_of(request).transaction(
        caller=caller, scope=scope, request_id=request_id
    ) as transaction:
        yield transaction


async def open_administration(request: Request) -> AsyncIterator[Transaction]:
    async with administering(request) as transaction:
        request.state.claim = await claim(transaction, request)
        yield transaction


_CLAIMING = (open_transaction, open_administration)
# Committed before the answer leaves: what a client is told has happened, has.
Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
# Of the few routes that work on other people's accounts; the policies of those name the purpose.
AdminTx = Annotated[Transaction, Depends(open_administration, scope="function")]
PartsOf = Annotated[Parts, Depends(_find_parts)]
