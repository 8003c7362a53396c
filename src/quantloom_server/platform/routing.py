"""Routes that say what they need: nobody reaches one without the permission it names.

The check runs before a byte of the body is read. A route is declared by `Routes`, which takes no
route without `needs`; a test walks the application and refuses any that came in another way.
"""

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from enum import Enum
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute

from quantloom.errors import QuantloomError
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Scope
from quantloom_server.platform.errors import (
    NotPermitted,
    PasswordChangeNeeded,
    StepUpRequired,
    Unauthenticated,
)
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.problems import status_of_kind
from quantloom_server.platform.transaction import Transaction


class Public(Enum):
    """What a route needs that anyone may call."""

    ANYONE = "anyone"


PUBLIC = Public.ANYONE
NEEDS = "x-permission"
ERRORS = "x-errors"
STEP_UP = "x-step-up"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Declaring(Protocol):
    """What declares the function under it as a route, and leaves it as it is."""

    def __call__(self, endpoint: Endpoint, /) -> Endpoint: ...


class GuardedRoute(APIRoute):
    """A route that knows its caller, and lets the ones in that may come."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        declared = self.openapi_extra or {}
        needs, is_grave = declared[NEEDS], declared.get(STEP_UP, False)
        if needs == PUBLIC.value:
            return handle
        permission = Permission(needs)

        async def guarded(request: Request) -> Response:
            parts = parts_of(request)
            caller = await parts.gatekeeper.recognise(request, fresh=is_grave)
            if caller is None:
                raise Unauthenticated
            request.state.caller = caller
            if caller.must_change_password and permission is not Permission.PROFILE:
                raise PasswordChangeNeeded
            if not caller.may(permission):
                raise NotPermitted(permission)
            if is_grave and not caller.is_unlocked(parts.clock.now()):
                raise StepUpRequired
            return await handle(request)

        return guarded


class Routes:
    """The routes of one domain under one prefix; `router` is what the application includes.

    Each takes `needs`, what FastAPI takes, and `errors`: the kinds of its own that it answers with,
    for the document. Its operation is named after its function, and after the end of the path too
    where the function serves several.

    A route declared with `step_up=True` moves money or gives power away: its caller must have
    unlocked trading in this very session, and is looked up anew.
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
        errors = [_told(error) for error in options.pop("errors", ())]
        extra = {**options.get("openapi_extra", {}), NEEDS: needs.value}
        if options.pop("step_up", False):
            extra[STEP_UP] = True
        options["openapi_extra"] = {**extra, ERRORS: errors} if errors else extra

        def declare(endpoint: Endpoint) -> Endpoint:
            name = options.setdefault("operation_id", self._name(endpoint.__name__, path))
            self._named.add(name)
            found: Endpoint = self.router.api_route(path, methods=[method], **options)(endpoint)
            return found

        return declare

    def _name(self, name: str, path: str) -> str:
        return f"{name}_as_{path.rpartition('/')[2]}" if name in self._named else name


def _told(error: type[QuantloomError]) -> dict[str, Any]:
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
        yield transaction


# Committed before the answer leaves: what a client is told has happened, has.
Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
# Of the few routes that work on other people's accounts; the policies of those name the purpose.
AdminTx = Annotated[Transaction, Depends(open_administration, scope="function")]
PartsOf = Annotated[Parts, Depends(_find_parts)]
