"""Which function does which kind of job, and with what payload.

A kind is named after its domain: `backtests.run` is in `quantloom_server.backtests.jobs`, which is
imported when the first such job comes. Modules of jobs import what is heavy inside their functions.
"""

import importlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar, get_type_hints

import msgspec

from quantloom_server.platform.jobs.context import JobContext
from quantloom_server.platform.jobs.errors import BadPayload, UnknownKind
from quantloom_server.platform.jobs.states import Queue

# The broker waits longer than this for an acknowledgement.
LONGEST_S = 24 * 3600.0

_NAME = re.compile(r"([a-z_]+)\.[a-z_]+")

Result: TypeAlias = Mapping[str, Any] | None
JobFunction: TypeAlias = Callable[[JobContext, Any], Awaitable[Result]]
Function = TypeVar("Function", bound=Callable[..., Awaitable[Any]])


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """What can be done, by which function, on which payload, and for how long at most."""

    name: str
    do: JobFunction
    payload_type: type
    queue: Queue
    limit_s: float
    is_schedulable: bool

    def read(self, payload: Mapping[str, Any]) -> Any:
        """Turn a row's payload into what the function takes.

        Raises:
            BadPayload: it does not fit.
        """
        try:
            return msgspec.convert(payload, self.payload_type)
        except msgspec.ValidationError as error:
            raise BadPayload(self.name, str(error)) from error


_KINDS: dict[str, JobKind] = {}


def job(
    name: str,
    *,
    queue: Queue = Queue.DATA,
    limit_s: float = 6 * 3600.0,
    is_schedulable: bool = False,
) -> Callable[[Function], Function]:
    """Register the function below as what does a kind of job.

    It is called as `await function(context, payload)`, with the payload as the type its second
    parameter names: a dataclass, or anything else that msgspec reads. What it returns, plain JSON,
    is the job's result, unless it has completed the job itself. It may block.

    Args:
        name: `domain.what_it_does`; the domain is the package whose `jobs` module this is.
        queue: where it waits when a schedule makes it.
        limit_s: the longest that it may take; at most a day.
        is_schedulable: whether users may have it done by a schedule of theirs, with any payload
            that fits.
    """
    if not _NAME.fullmatch(name) or not 0 < limit_s <= LONGEST_S:
        raise ValueError(name, limit_s)

    def register(function: Function) -> Function:
        _KINDS[name] = JobKind(
            name=name,
            do=function,
            payload_type=_second_type(function),
            queue=queue,
            limit_s=limit_s,
            is_schedulable=is_schedulable,
        )
        return function

    return register


def get_kind(name: str) -> JobKind:
    """Find who does a kind of job, importing the domain's jobs where that is still to be done.

    Raises:
        UnknownKind: nobody does.
    """
    if name not in _KINDS:
        _import_jobs_of(name)
    try:
        return _KINDS[name]
    except KeyError:
        raise UnknownKind(name) from None


def _import_jobs_of(name: str) -> None:
    match = _NAME.fullmatch(name)
    if match is None:
        raise UnknownKind(name)
    module = f"quantloom_server.{match[1]}.jobs"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        # A package that a module of jobs itself lacks is another matter, and a louder one.
        if error.name is None or not module.startswith(error.name):
            raise
        raise UnknownKind(name) from error


def _second_type(function: Callable[..., Any]) -> type:
    hints = get_type_hints(function)
    hints.pop("return", None)
    payload_type: type = list(hints.values())[1]
    return payload_type
