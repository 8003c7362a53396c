"""Real servers for the tests, started once per worker from our own classes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from quantloom_server.platform.embedded.postgres import PostgresServer
from quantloom_server.platform.embedded.valkey import ValkeyServer


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
