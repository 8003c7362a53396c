import asyncpg
import pytest
from sqlalchemy import text

from quantloom_server.platform.database import NOBODY, Database, Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.errors import DatabaseDown
from tests.server.support import IDS, MakeCaller

WHO = "SELECT current_user, app_user_id(), app_workspace_id(), app_purpose()"


async def test_a_transaction_tells_for_whom_it_works(database: Database) -> None:
    scope = Scope(user_id=IDS.new(), workspace_id=IDS.new(), purpose="administer")

    async with database.transaction(scope) as session:
        by_orm = (await session.execute(text(WHO))).one()
    async with database.direct(scope) as connection:
        bare = await connection.fetchrow(WHO)

    told = ("quantloom_app", scope.user_id, scope.workspace_id, "administer")
    assert tuple(by_orm) == told
    assert bare is not None
    assert tuple(bare) == told


async def test_nothing_of_a_scope_stays_behind_on_a_connection(migrated: PostgresServer) -> None:
    one = await Database.open(migrated.app_url(), connections=1)
    scope = Scope(user_id=IDS.new(), workspace_id=IDS.new(), purpose="administer")

    async with one.direct(scope):
        pass
    async with one.direct(NOBODY) as connection:
        row = await connection.fetchrow(WHO)
    await one.close()

    assert row is not None
    assert tuple(row) == ("quantloom_app", None, None, None)


async def test_an_error_undoes_a_transaction(database: Database, make_caller: MakeCaller) -> None:
    caller = await make_caller()

    async def rename_and_fail() -> None:
        async with database.direct(caller.scope) as connection:
            await connection.execute("UPDATE users SET full_name = 'X'")
            await connection.fetchval("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await rename_and_fail()

    async with database.direct(caller.scope) as connection:
        name = await connection.fetchval("SELECT full_name FROM users")
    assert name == ""


async def test_the_application_owns_nothing(database: Database) -> None:
    async with database.direct(Scope(purpose="administer")) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE users DISABLE ROW LEVEL SECURITY")


@pytest.mark.parametrize("word", ["x'; DROP TABLE users; --", "a b", "ü'"])
async def test_a_purpose_is_a_plain_word(database: Database, word: str) -> None:
    with pytest.raises(ValueError, match="purpose"):
        async with database.direct(Scope(purpose=word)):
            pass


async def test_a_server_that_is_gone_is_told_as_such() -> None:
    database = await Database.open("postgresql://nobody@/none?host=/nowhere")

    with pytest.raises(DatabaseDown):
        async with database.direct(NOBODY):
            pass
    with pytest.raises(DatabaseDown):
        async with database.transaction(NOBODY):
            pass
    await database.close()
