"""Turning the key of secrets at rest over: every small key is wrapped anew, the secrets stay shut.

It may be stopped at any moment and simply run again: what has the new key is passed over.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg

from quantloom_server.platform.database import OWNER_ROLE, plain_url
from quantloom_server.platform.outages import outage_at_connecting, telling
from quantloom_server.platform.secrets import CannotUnseal, Vault

_BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedColumn:
    """Where sealed secrets lie.

    A secret is bound to the table's name and the values of `keys`, joined by `/`; the keys also
    tell its row.
    """

    table: str
    column: str
    keys: tuple[str, ...]

    def bound_to(self, row: Mapping[str, object]) -> str:
        return bound(self.table, *(row[key] for key in self.keys))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a table is: `kept` are those that nothing in the ring opens."""

    table: str
    turned: int
    kept: tuple[str, ...]


def bound(table: str, *keys: object) -> str:
    """The place that a secret is bound to."""
    return "/".join((table, *map(str, keys)))


async def rotate(
    owner_url: str, vault: Vault, columns: tuple[SealedColumn, ...]
) -> AsyncIterator[Progress]:
    """Wrap everything under the vault's present key, a batch in each transaction."""
    with telling(outage_at_connecting):
        connection = await asyncpg.connect(plain_url(owner_url))
    try:
        await connection.execute(f"SET ROLE {OWNER_ROLE}")
        for column in columns:
            yield await _turn(connection, vault, column)
    finally:
        await connection.close()


async def _turn(connection: asyncpg.Connection, vault: Vault, column: SealedColumn) -> Progress:
    turned, kept = 0, []
    after: tuple[object, ...] | None = None
    while rows := await _next(connection, column, after):
        async with connection.transaction():
            for row in rows:
                place = column.bound_to(row)
                try:
                    turned += await _wrap(connection, vault, column, row, place)
                except CannotUnseal:
                    kept.append(place)
        after = tuple(rows[-1][key] for key in column.keys)
    return Progress(column.table, turned, tuple(kept))


async def _wrap(
    connection: asyncpg.Connection,
    vault: Vault,
    column: SealedColumn,
    row: Mapping[str, object],
    place: str,
) -> int:
    sealed = row["sealed"]
    if not isinstance(sealed, bytes) or vault.is_current(sealed):
        return 0
    wrapped = vault.rewrap(sealed, bound_to=place)
    where = " AND ".join(f"{key} = ${at}" for at, key in enumerate(column.keys, 3))
    # Only where nobody has sealed it anew meanwhile.
    status = await connection.execute(
        f"UPDATE {column.table} SET {column.column} = $1 WHERE {column.column} = $2 AND {where}",  # noqa: S608  names of ours
        wrapped,
        sealed,
        *(row[key] for key in column.keys),
    )
    return int(status.rpartition(" ")[2])


async def _next(
    connection: asyncpg.Connection, column: SealedColumn, after: tuple[object, ...] | None
) -> list[dict[str, Any]]:
    keys = ", ".join(column.keys)
    where = f"{column.column} IS NOT NULL"
    if after is not None:
        places = ", ".join(f"${at}" for at in range(1, len(after) + 1))
        where += f" AND ({keys}) > ({places})"
    rows = await connection.fetch(
        f"SELECT {keys}, {column.column} AS sealed FROM {column.table} WHERE {where} "  # noqa: S608  names of ours
        f"ORDER BY {keys} LIMIT {_BATCH}",
        *(after or ()),
    )
    return [dict(row) for row in rows]
