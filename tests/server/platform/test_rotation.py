"""Turning the key over on a real table, stopped midway and gone on with."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.rotation import Progress, SealedColumn, bound, rotate
from quantloom_server.platform.secrets import Vault

OLD = b"the first of two keys, thirty-two bytes and more"
NEW = b"the second of two keys, as long as the first one"
COLUMN = SealedColumn(table="test_sealed", column="secret", keys=("a", "b"))
ROWS = 450


@pytest.fixture
async def owner(migrated: PostgresServer) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(migrated.owner_url())
    await connection.execute("CREATE TABLE test_sealed (a int, b text, secret bytea)")
    vault = Vault(KeyRing([OLD]))
    await connection.executemany(
        "INSERT INTO test_sealed VALUES ($1, $2, $3)",
        [
            (n, "x", vault.seal(b"secret %d" % n, bound_to=bound("test_sealed", n, "x")))
            for n in range(ROWS)
        ],
    )
    yield connection
    await connection.execute("DROP TABLE test_sealed")
    await connection.close()


async def turn(server: PostgresServer, vault: Vault) -> Progress:
    (progress,) = [each async for each in rotate(server.owner_url(), vault, (COLUMN,))]
    return progress


async def test_every_secret_is_wrapped_under_the_new_key(
    owner: asyncpg.Connection, migrated: PostgresServer
) -> None:
    first = await turn(migrated, Vault(KeyRing([NEW, OLD])))
    again = await turn(migrated, Vault(KeyRing([NEW, OLD])))

    new_alone = Vault(KeyRing([NEW]))
    rows = await owner.fetch("SELECT * FROM test_sealed ORDER BY a")
    opened = [new_alone.unseal(row["secret"], bound_to=COLUMN.bound_to(dict(row))) for row in rows]
    assert first == Progress("test_sealed", ROWS, ())
    assert again == Progress("test_sealed", 0, ())
    assert opened == [b"secret %d" % n for n in range(ROWS)]


async def test_a_rotation_that_was_cut_off_goes_on_where_it_stopped(
    owner: asyncpg.Connection, migrated: PostgresServer
) -> None:
    both = Vault(KeyRing([NEW, OLD]))
    row = await owner.fetchrow("SELECT * FROM test_sealed WHERE a = 7")
    assert row is not None
    wrapped = both.rewrap(row["secret"], bound_to=COLUMN.bound_to(dict(row)))
    await owner.execute("UPDATE test_sealed SET secret = $1 WHERE a = 7", wrapped)

    assert (await turn(migrated, both)).turned == ROWS - 1


async def test_what_no_key_opens_is_told_and_left_as_it_is(
    owner: asyncpg.Connection, migrated: PostgresServer
) -> None:
    await owner.execute("UPDATE test_sealed SET b = 'moved' WHERE a = 3")

    progress = await turn(migrated, Vault(KeyRing([NEW, OLD])))

    assert progress == Progress("test_sealed", ROWS - 1, ("test_sealed/3/moved",))
