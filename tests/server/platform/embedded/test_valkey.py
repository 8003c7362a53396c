"""The embedded Valkey: a password, a socket, what outlives a restart."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import AuthenticationError, Redis

from quantloom_server.platform.embedded.errors import AlreadyRunning
from quantloom_server.platform.embedded.valkey import ValkeyServer


@pytest.fixture
def server(data_dir: Path) -> Iterator[ValkeyServer]:
    made = ValkeyServer(data_dir)
    yield made
    made.stop()


def test_it_answers_by_its_url(valkey: ValkeyServer) -> None:
    with Redis.from_url(valkey.url()) as line:
        assert line.ping()


@pytest.mark.parametrize("login", ["", ":wrong@"])
def test_a_wrong_password_is_refused(valkey: ValkeyServer, login: str) -> None:
    url = f"unix://{login}{valkey.socket_dir}/valkey.sock"

    with Redis.from_url(url) as line, pytest.raises(AuthenticationError):
        line.get("anything")


def test_it_listens_on_its_socket_alone(valkey: ValkeyServer) -> None:
    with Redis.from_url(valkey.url()) as line:
        assert line.config_get("port")["port"] == "0"


def test_queues_are_never_evicted(valkey: ValkeyServer) -> None:
    with Redis.from_url(valkey.url()) as line:
        assert line.config_get("maxmemory-policy") == {"maxmemory-policy": "volatile-lru"}


def test_the_socket_is_private(valkey: ValkeyServer) -> None:
    assert valkey.socket_dir.stat().st_mode & 0o777 == 0o700


def test_a_second_instance_is_refused(valkey: ValkeyServer) -> None:
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        ValkeyServer(valkey.data_dir).start()


def test_queues_outlive_an_orderly_restart(server: ValkeyServer) -> None:
    server.start()
    with Redis.from_url(server.url()) as line:
        line.lpush("queue", "job")
    server.stop()

    server.start()

    with Redis.from_url(server.url()) as line:
        assert line.lrange("queue", 0, -1) == [b"job"]


def test_it_starts_after_a_kill(server: ValkeyServer) -> None:
    child = server.start()
    child.kill()
    child.wait()

    server.start()

    assert server.is_ready()


def test_a_server_left_running_is_stopped_first(server: ValkeyServer) -> None:
    left = server.start()
    server._hold.release()  # as if we had died and the kernel had not told the child

    second = ValkeyServer(server.data_dir)
    second.start()

    assert left.wait(timeout=5) == 0
    assert second.is_ready()
    second.stop()


def test_a_lost_password_is_made_anew(server: ValkeyServer) -> None:
    server.start()
    server.stop()
    (server.data_dir / "secrets" / "valkey.json").unlink()

    server.start()

    assert server.is_ready()
