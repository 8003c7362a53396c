"""Real servers for the tests, started once per worker from our own classes."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from quantloom.kit.clock import SystemClock
from quantloom_server.app import create_app
from quantloom_server.platform import migrating
from quantloom_server.platform.callers import Caller
from quantloom_server.platform.database import NOBODY, Database, Scope
from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.transaction import Transaction
from quantloom_server.settings import Settings
from tests.server.support import (
    IDS,
    MakeCaller,
    MakeTransaction,
    OpenDoor,
    SignIn,
    add_caller,
    client_of,
    running,
    undone,
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.geteuid() == 0:
        return
    # Left out rather than skipped: nothing is missing, and no install would bring it.
    left_out = [item for item in items if item.get_closest_marker("root")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("root")]


def make_open_folder() -> Path:
    """A folder that the servers' account can pass; pytest's own are shut where root runs it."""
    folder = Path(tempfile.mkdtemp(prefix="ql-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="session")
def servers_folder() -> Iterator[Path]:
    folder = make_open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data folder of the test's own."""
    folder = make_open_folder()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(servers_folder: Path) -> Iterator[PostgresServer]:
    server = PostgresServer(servers_folder / "p", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def made_before(servers_folder: Path) -> Path:
    """A data folder with a database that was made and stopped; copying is quicker than making."""
    server = PostgresServer(servers_folder / "made", durable=False)
    server.start()
    server.stop()
    return server.data_dir


@pytest.fixture
def made_data_dir(data_dir: Path, made_before: Path) -> Path:
    """A data folder of the test's own that already holds a database."""
    subprocess.run(["cp", "-a", made_before, data_dir], check=True)
    return data_dir


@pytest.fixture(scope="session")
def valkey(servers_folder: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(servers_folder / "v", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def database_url(postgres: PostgresServer) -> str:
    return postgres.app_url()


@pytest.fixture(scope="session")
def redis_url(valkey: ValkeyServer) -> str:
    return valkey.url()


@pytest.fixture(scope="session")
async def migrated(postgres: PostgresServer) -> PostgresServer:
    """The server with its database in this release's shape."""
    await migrating.upgrade(postgres.owner_url())
    return postgres


@pytest.fixture(scope="session")
async def database(migrated: PostgresServer) -> AsyncIterator[Database]:
    database = await Database.open(migrated.app_url(), connections=5)
    yield database
    await database.close()


@pytest.fixture
async def make_transaction(database: Database) -> AsyncIterator[MakeTransaction]:
    """Makes transactions for callers; all are undone at the end of the test."""
    async with AsyncExitStack() as stack:

        async def make(caller: Caller | None = None, scope: Scope | None = None) -> Transaction:
            opened = database.transaction(scope or (caller.scope if caller else NOBODY))
            session = await stack.enter_async_context(undone(opened))
            return Transaction(session=session, clock=SystemClock(), ids=IDS, caller=caller)

        yield make


@pytest.fixture
def make_caller(database: Database) -> MakeCaller:
    """Makes a user with a workspace and the permissions named, or all; they are kept."""

    async def make(*permissions: Permission, beside: Caller | None = None) -> Caller:
        return await add_caller(database, permissions, beside)

    return make


@pytest.fixture(scope="session")
def settings(postgres: PostgresServer, valkey: ValkeyServer, servers_folder: Path) -> Settings:
    return Settings(
        _env_file=None,
        data_dir=servers_folder / "data",
        database_url=SecretStr(postgres.app_url()),
        redis_url=SecretStr(valkey.url()),
        secret_key=SecretStr("a key of thirty-two bytes or more, for tests alone"),
        database_connections=5,
        # All tests come from one address; those of the limits set their own.
        rate_auth="100000/minute",
        rate_address="100000/minute",
    )


@pytest.fixture(scope="session")
def door() -> OpenDoor:
    return OpenDoor()


@pytest.fixture(scope="session")
async def app(
    settings: Settings, door: OpenDoor, migrated: PostgresServer
) -> AsyncIterator[FastAPI]:
    """The whole application, running, with a gatekeeper that knows whom the test admits."""
    async with running(create_app(settings, keeper=lambda *_: door)) as app:
        yield app


@pytest.fixture
async def visitor(app: FastAPI) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that has not signed in."""
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def sign_in(app: FastAPI, door: OpenDoor) -> AsyncIterator[SignIn]:
    """Makes a client for a caller."""
    async with AsyncExitStack() as stack:

        async def sign_in(caller: Caller) -> httpx2.AsyncClient:
            return await stack.enter_async_context(client_of(app, door.admit(caller)))

        yield sign_in
