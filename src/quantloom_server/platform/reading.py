"""Hot reads: a statement compiled once, asked in one round trip, and told as bytes.

They go without the ORM and without a transaction of several steps. The scope of the caller holds
all the same, and so do the policies of each table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from sqlalchemy import JSON, Select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from starlette.responses import Response

from quantloom.kit.clock import Clock
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import Database

_DIALECT = PGDialect_asyncpg()  # type: ignore[no-untyped-call]

Told = dict[str, Any]


class Read:
    """A statement with named parameters, as PostgreSQL takes it; made once, when a module loads."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        compiled = statement.compile(dialect=_DIALECT)
        self.text = compiled.string
        self._names = tuple(compiled.positiontup or ())
        self._constants = {
            name: value for name, value in compiled.params.items() if value is not None
        }
        columns = statement.selected_columns
        self._encoded = tuple(str(each.key) for each in columns if isinstance(each.type, JSON))

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        known = {**self._constants, **given} if self._constants else given
        return [known[name] for name in self._names]

    def told(self, row: asyncpg.Record) -> Told:
        """A row by the names of its columns."""
        shown = dict(row)
        for name in self._encoded:
            if shown[name] is not None:
                shown[name] = orjson.loads(shown[name])
        return shown


@dataclass(frozen=True, slots=True)
class Reader:
    """What a hot read works with: who asks, the database, and the clock."""

    caller: Caller
    database: Database
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()

    async def rows(self, read: Read, **given: Any) -> list[Told]:
        """Ask in the caller's scope; a round trip, and a transaction of its own.

        Raises:
            DatabaseDown: PostgreSQL does not answer.
        """
        found = await self.database.read(self.caller.scope, read.text, read.values(given))
        return [read.told(row) for row in found]

    async def one(self, read: Read, **given: Any) -> Told | None:
        """The first row, where there is one."""
        return next(iter(await self.rows(read, **given)), None)


def told(value: Any) -> Response:
    """An answer, to the byte as its model would be: the `ETag` of either is that of the other.

    Args:
        value: the fields in the order of the model that its route declares.
    """
    content = orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)
    return Response(content, media_type="application/json")
