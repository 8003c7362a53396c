"""Hot routes: those that take a `Reader`.

One whose other argument is at most a model of its query is called directly, with the model read
from the query as it stands in the address. FastAPI documents it like any other, and still solves
what goes beyond, or is wrong: errors are told in one way.
"""

from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Annotated, Any, get_args, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.params import Query
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from quantloom_server.platform.errors import Unauthenticated
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.reading import Reader

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Endpoint = Callable[..., Coroutine[Any, Any, Response]]

_MOST_QUERIES = 4096


async def _reader_of(request: Request) -> Reader:
    return reader_of(request)


ReaderOf = Annotated[Reader, Depends(_reader_of)]


def reader_of(request: Request) -> Reader:
    """The caller's reader.

    Raises:
        Unauthenticated: the route is a public one, and nobody is known.
    """
    parts: Parts = request.app.state.parts
    caller = getattr(request.state, "caller", None)
    if caller is None:
        raise Unauthenticated
    return Reader(caller, parts.database, parts.clock)


def find_reader(endpoint: Callable[..., Any]) -> str | None:
    """The argument that makes an endpoint a hot one."""
    hints = get_type_hints(endpoint, include_extras=True)
    return next((name for name, hint in hints.items() if hint == ReaderOf), None)


def shortened(endpoint: Endpoint, solve: Handler) -> Handler:
    """What answers a route: the endpoint itself where it is hot, else what FastAPI made of it."""
    reader = find_reader(endpoint)
    others = _arguments(endpoint, without=("return", reader))
    models = {name: model for name, hint in others.items() if (model := _model_in(hint))}
    if reader is None or len(others) > 1 or len(models) != len(others):
        return solve
    for name, model in models.items():
        return _asked(endpoint, solve, reader=reader, name=name, model=model)
    return _alone(endpoint, reader)


def _alone(endpoint: Endpoint, reader: str) -> Handler:
    async def answer(request: Request) -> Response:
        return await endpoint(**{reader: reader_of(request)})

    return answer


def _asked(
    endpoint: Endpoint, solve: Handler, *, reader: str, name: str, model: type[BaseModel]
) -> Handler:
    # Frozen models, of texts that were sound: the same query is the same model.
    read = lru_cache(_MOST_QUERIES)(lambda query: model.model_validate(_fields(query)))

    async def answer(request: Request) -> Response:
        try:
            asked = read(request.scope["query_string"])
        except (ValidationError, UnicodeDecodeError):
            return await solve(request)
        return await endpoint(**{reader: reader_of(request), name: asked})

    return answer


def _arguments(endpoint: Endpoint, *, without: tuple[str | None, ...]) -> dict[str, Any]:
    hints = get_type_hints(endpoint, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in without}


def _fields(query: bytes) -> dict[str, str]:
    return dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True))


def _model_in(hint: Any) -> type[BaseModel] | None:
    """The model that an argument reads from the query; None for any other argument."""
    kind, *told = get_args(hint) or (hint,)
    is_query = any(isinstance(each, Query) for each in told)
    is_frozen = (
        isinstance(kind, type)
        and issubclass(kind, BaseModel)
        and kind.model_config.get("frozen", False)
    )
    return kind if is_query and is_frozen else None
