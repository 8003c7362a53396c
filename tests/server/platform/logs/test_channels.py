"""Where events go, and what they look like there."""

import io
import json
import logging
import multiprocessing
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from quantloom_server.platform.logs.files import LogFile
from tests.server.logged import logging_into

Read = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def console() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def read(tmp_path: Path, console: io.StringIO) -> Iterator[Read]:
    """Opens the logs in a folder of the test's own; reads a file of them."""

    def lines(name: str) -> list[dict[str, Any]]:
        path = tmp_path / "logs" / f"{name}.log"
        found = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line) for line in found]

    with logging_into(tmp_path, console):
        yield lines


def test_each_channel_has_its_file_and_errors_have_one_more(read: Read) -> None:
    structlog.get_logger("app").info("request.done", status=200)
    structlog.get_logger("trade").info("order.sent", order_id=7)
    structlog.get_logger("trade").error("order.lost", order_id=8)
    structlog.get_logger("error").error("request.failed")

    assert [line["event"] for line in read("app")] == ["request.done", "request.failed"]
    assert [line["event"] for line in read("trade")] == ["order.sent", "order.lost"]
    assert [line["event"] for line in read("error")] == ["order.lost", "request.failed"]
    (first, _) = read("app")
    assert first["status"] == 200
    assert (first["level"], first["process"], first["channel"]) == ("info", "test", "app")
    assert first["timestamp"].endswith("Z")


def test_what_packages_log_comes_along_without_its_secrets(read: Read) -> None:
    logging.getLogger("some.package").warning("no way to redis://:hunter2@cache")

    (line,) = read("app")
    assert line["event"] == "no way to redis://:[hidden]@cache"
    assert (line["logger"], line["level"]) == ("some.package", "warning")


def fail(password: str) -> None:
    raise ValueError(f"password={password}")


def test_a_traceback_is_told_without_what_it_quotes(read: Read) -> None:
    try:
        fail("hunter2")
    except ValueError as error:
        structlog.get_logger("error").error("request.failed", exc_info=error)

    (line,) = read("error")
    assert "ValueError: password=[hidden]" in line["exception"]


def test_a_request_is_named_on_every_line(read: Read) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc"):
        structlog.get_logger("app").info("jobs.asked")

    assert read("app")[0]["request_id"] == "abc"


def test_nothing_said_by_a_client_begins_a_line(read: Read, console: io.StringIO) -> None:
    structlog.get_logger("app").info("request.done", path="/a\r\n2026 error forged\x1b[2J 中")

    assert len(read("app")) == 1
    assert console.getvalue().count("\n") == 1
    assert "\x1b" not in console.getvalue()
    assert "中" in console.getvalue()


def test_nothing_that_an_error_quotes_begins_a_line_either(
    read: Read, console: io.StringIO
) -> None:
    try:
        fail("\n09:30:00.000 error    forged\x1b[2J")
    except ValueError as error:
        structlog.get_logger("error").error("request.failed", exc_info=error)

    lines = console.getvalue().splitlines()
    assert len(read("error")) == 1
    assert len(lines) > 3
    assert all(line.startswith("    ") for line in lines[1:])
    assert "\x1b" not in console.getvalue()


def test_a_full_file_is_turned_over_and_few_are_kept(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "app.log", most_bytes=10_000, kept=2)

    for number in range(100):
        file.write(b"%04d" % number + b"x" * 1019 + b"\n")
    file.close()

    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["app.lock", "app.log", "app.log.1", "app.log.2"]
    assert all(path.stat().st_size <= 11 * 1024 for path in tmp_path.iterdir())
    assert (tmp_path / "app.log").read_bytes().splitlines()[-1].startswith(b"0099")


def _write(path: Path, name: str) -> None:
    file = LogFile(path, most_bytes=20_000, kept=50)
    for number in range(500):
        file.write(f"{name}-{number:04d} {'x' * 100}\n".encode())
    file.close()


@pytest.mark.untraced
def test_processes_that_share_a_file_lose_no_line(tmp_path: Path) -> None:
    names = ["a", "b", "c"]
    spawning = multiprocessing.get_context("fork")
    writers = [spawning.Process(target=_write, args=(tmp_path / "app.log", name)) for name in names]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    lines = [line for path in tmp_path.glob("app.log*") for line in path.read_bytes().splitlines()]
    assert sorted(line.split()[0].decode() for line in lines) == sorted(
        f"{name}-{number:04d}" for name in names for number in range(500)
    )


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let this process write files of so many bytes, as a disk that is nearly full would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_that_a_full_disk_cut_short_spoils_no_other(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "app.log", most_bytes=100_000, kept=1)

    with room_for(12):
        file.write(b"first\n")
        file.write(b"second, cut\n")
    file.write(b"third\n")

    assert (tmp_path / "app.log").read_bytes().splitlines() == [b"first", b"second", b"third"]
    assert file.lost == 1


def test_a_disk_that_takes_nothing_loses_lines_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    file = LogFile(tmp_path / "logs" / "app.log", most_bytes=1000, kept=1)

    file.write(b"a line\n")

    assert file.lost == 1
