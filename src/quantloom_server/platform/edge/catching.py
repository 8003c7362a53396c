"""Where errors of the stack itself, and those that nobody expected, become problem documents."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quantloom.errors import QuantloomError
from quantloom_server.platform import problems


class Catching:
    """Answers what was raised, unless an answer has begun: then the connection is ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if has_begun:
                raise
            answer = await _tell(Request(scope), error)
            await answer(scope, receive, send)


async def _tell(request: Request, error: Exception) -> problems.Answer:
    if isinstance(error, QuantloomError):
        return await problems.tell_ours(request, error)
    if isinstance(error, HTTPException):
        return await problems.tell_http(request, error)
    return await problems.tell_unexpected(request, error)
