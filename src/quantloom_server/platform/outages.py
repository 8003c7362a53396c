"""What PostgreSQL's refusals mean to whoever asked: it is away, or it could not just then.

Everything else that a driver raises is a fault of ours, and stays what it is.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import exc

from quantloom.errors import Unavailable
from quantloom_server.platform.errors import DatabaseBusy, DatabaseDown, OutcomeUnknown

# Classes and codes of appendix A of PostgreSQL's manual.
_LOST = "08"
_ENDED = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03"})
_NO_ROOM = "53"
# A wrong password, a role or a database that is not there.
_NOT_LET_IN = ("28", "3D")
_TRY_AGAIN = frozenset({"40001", "40P01", "55P03", "57014", "25006"})


def outage(error: BaseException) -> Unavailable | None:
    """The error that a failed statement is to be told as; None where it is no outage."""
    state = _sqlstate(error)
    if _is_lost(error, state):
        return DatabaseDown(_name(error))
    if state in _TRY_AGAIN or state.startswith(_NO_ROOM):
        return DatabaseBusy(_name(error))
    return None


def outage_at_commit(error: BaseException) -> Unavailable | None:
    """The same, of a commit: once its answer is lost, nobody knows whether it was kept."""
    told = outage(error)
    return OutcomeUnknown(told.reason) if isinstance(told, DatabaseDown) else told


def outage_at_connecting(error: BaseException) -> Unavailable | None:
    """The same, of a connection that could not be made or had, whoever is to blame for that."""
    if isinstance(error, OSError) or _sqlstate(error).startswith(_NOT_LET_IN):
        return DatabaseDown(_name(error))
    return outage(error)


@contextmanager
def telling(as_what: Callable[[BaseException], Unavailable | None]) -> Iterator[None]:
    """Tell what a driver raises as an error of ours, where it is one that passes."""
    try:
        yield
    except Exception as error:
        told = as_what(error)
        if told is None:
            raise
        raise told from error


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, or not to be trusted any more."""
    return _is_lost(error, _sqlstate(error))


def _is_lost(error: BaseException, state: str) -> bool:
    # Drivers have no timeouts but ours for an answer, so a server that hangs is told by them.
    if isinstance(error, (TimeoutError, exc.TimeoutError)):
        return True
    spoken = _of_driver(error)
    if isinstance(spoken, asyncpg.InterfaceError) and "connection is closed" in str(spoken):
        return True
    # Its last words have been read, and its end has not: it is still given out.
    if isinstance(spoken, asyncpg.InternalClientError):
        return True
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    return state.startswith(_LOST) or state in _ENDED


def _sqlstate(error: BaseException) -> str:
    return getattr(_of_driver(error), "sqlstate", None) or ""


def _of_driver(error: BaseException) -> BaseException:
    """What asyncpg raised, which SQLAlchemy hides behind two errors of its own."""
    if isinstance(error, exc.DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def _name(error: BaseException) -> str:
    """What the driver calls it. Its text may name hosts, users and values."""
    return type(_of_driver(error)).__name__
