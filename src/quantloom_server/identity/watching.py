"""What counts at this moment, read from PostgreSQL at most every 0.8 s for each session and key.

The database is the one truth, so nothing has to be told to every process when a session ends, and
nothing counts on for longer because a message was lost. Requests that come while a query runs are
put together into the next one: a thousand sessions cost a few queries a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from quantloom.kit.clock import NS_PER_SECOND, Clock
from quantloom_server.identity.repository import SessionState

FRESH_NS = 8 * NS_PER_SECOND // 10
_MOST = 20_000
_AT_ONCE = 1_000


class Known(Protocol):
    """What is told apart by an id."""

    @property
    def id(self) -> UUID: ...


State = TypeVar("State", bound=Known)
Reader = Callable[[Sequence[UUID]], Awaitable[list[State]]]


class Watch(Generic[State]):
    """Remembers sessions, or keys, for a moment. One serves one event loop."""

    def __init__(self, read: Reader[State], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._known: dict[UUID, tuple[int, State | None]] = {}
        self._asked: dict[UUID, asyncio.Future[State | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def state_of(self, each_id: UUID, *, fresh: bool = False) -> State | None:
        """What is known of a session or a key; None where it does not count any more.

        Args:
            each_id: which one.
            fresh: read it now, whatever is remembered.
        Raises:
            DatabaseDown: it had to be read, and could not be.
        """
        known = self._known.get(each_id)
        if known is not None and not fresh and self._clock.now_ns() - known[0] < FRESH_NS:
            return known[1]
        asked = self._asked.get(each_id)
        if asked is None:
            asked = self._asked[each_id] = asyncio.get_running_loop().create_future()
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_asked())
        return await asyncio.shield(asked)

    async def _read_asked(self) -> None:
        try:
            while self._asked:
                ids = list(self._asked)[:_AT_ONCE]
                await self._answer({id_: self._asked.pop(id_) for id_ in ids})
        finally:
            self._reading = None

    async def _answer(self, asked: dict[UUID, asyncio.Future[State | None]]) -> None:
        # As of before the query: what it shows may be older than its answer.
        read_ns = self._clock.now_ns()
        try:
            found = {state.id: state for state in await self._read(list(asked))}
        except Exception as error:  # noqa: BLE001  told to each of those who ask
            _fail(asked.values(), error)
            return
        self._make_room(len(asked))
        for each_id, future in asked.items():
            state = found.get(each_id)
            self._known[each_id] = (read_ns, state)
            if not future.done():
                future.set_result(state)

    def _make_room(self, count: int) -> None:
        while self._known and len(self._known) + count > _MOST:
            del self._known[next(iter(self._known))]


def _fail(futures: Iterable[asyncio.Future[State | None]], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
            # Whoever asked may have gone; then nobody reads this.
            future.exception()


SessionWatch = Watch[SessionState]
