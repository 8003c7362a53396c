"""The worker process: what a vendor's code can reach, and what becomes of a bad answer."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from quantloom.data.providers import (
    BadProviderSetting,
    ProviderBadData,
    ProviderRateLimited,
    ProviderUnavailable,
    SymbolNotFound,
)
from quantloom.data.providers.hosting import Worker, WorkerAsker
from tests.library.data.providers.builders import make_question, make_vendor

VENDOR = """
    import functools, os, socket, sys, time
    from pathlib import Path
    import pyarrow

    def table(): return pyarrow.table({"day": ["2024-01-02"], "close": [10.5]})
    def frame():
        import datetime, pandas
        day = datetime.date(2024, 1, 2)
        columns = {"Close": [10.5, None], "Day": [day, None], "Odd": ["-", 7]}
        return pandas.DataFrame({(name, "AAPL"): cells for name, cells in columns.items()})
    @functools.cache
    def kept(): return time.time_ns()
    def value(): return {"a": [1, None, "b"]}
    def environment(): return dict(os.environ)
    def arguments(): return sys.argv
    def folder(): return sorted(path.name for path in Path.cwd().iterdir())
    def read(path): return Path(path).read_text()
    def write(path): return Path(path).write_text("here")
    def connect(port): return socket.create_connection(("127.0.0.1", port), 2)
    def start(): return os.posix_spawn("/bin/true", ["true"], {})
    def signal(pid): return os.kill(pid, 15)
    def prints(): print("noise " * 1000); os.write(1, b"more noise"); return 1
    def lies(text):
        for descriptor in range(3, 12):
            try: os.write(descriptor, text.encode("latin-1"))
            except OSError: pass
        return 1
    def sleeps(): time.sleep(60)
    def dies(): os._exit(3)
    def hoards(): return len(bytearray(900 << 20))
    def floods(): return "x" * (3 << 20)
    def spins():
        while True: pass
    def changed(): return {}["new name"]
    def mixed():
        class Frame: pass
        return [float("inf")]

    class RateLimitExceeded(Exception): pass
    class BadSymbol(Exception): pass
    class ConnectionError(Exception): pass
    def limited(): raise RateLimitExceeded("slow down")
    def unknown(symbol): raise BadSymbol("no such thing")
    def down(): raise ConnectionError("refused")
"""


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerAsker]:
    folder = tmp_path_factory.mktemp("vendor")
    worker = make_vendor(folder, VENDOR)
    found = WorkerAsker(
        Worker(path=worker.path, memory_mb=700, answer_mb=2)  # room for pyarrow, not for hoards
    )
    yield found
    found.close()


def ask(asker: WorkerAsker, function: str, **arguments: Any) -> Any:
    return asker.ask(make_question(function, arguments=arguments)).value


def test_a_table_comes_back_with_the_hash_of_its_bytes(asker: WorkerAsker) -> None:
    first, again = (asker.ask(make_question("table")) for _ in range(2))

    assert first.table is not None
    assert first.table.to_pydict() == {"day": ["2024-01-02"], "close": [10.5]}
    assert first.sha256 == again.sha256


def test_what_a_vendor_would_answer_from_memory_is_asked_anew(asker: WorkerAsker) -> None:
    first, second = (asker.ask(make_question("kept")).value for _ in range(2))

    assert first < second


def test_a_frame_of_two_levels_comes_back_with_the_first_and_odd_columns_as_text(
    asker: WorkerAsker,
) -> None:
    table = asker.ask(make_question("frame")).table

    assert table is not None
    assert table.to_pydict() == {
        "Close": [10.5, None],
        "Day": [date(2024, 1, 2), None],
        "Odd": ["-", "7"],
    }


def test_a_value_comes_back_as_json_has_it(asker: WorkerAsker) -> None:
    assert ask(asker, "value") == {"a": [1, None, "b"]}


def test_nothing_of_our_environment_is_handed_on(
    asker: WorkerAsker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.close()
    monkeypatch.setenv("A_SECRET", "hunter2")

    environment = ask(asker, "environment")

    assert set(environment) == {
        *("HOME", "TMPDIR", "LANG", "TZ", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    }


def test_the_secret_is_not_in_the_arguments_of_the_process(asker: WorkerAsker) -> None:
    assert len(ask(asker, "arguments")) == 1


def test_it_starts_in_a_folder_of_its_own_that_goes_with_it(asker: WorkerAsker) -> None:
    ask(asker, "write", path="left")
    held = ask(asker, "folder")
    asker.close()

    assert "left" in held
    assert "left" not in ask(asker, "folder")


@pytest.fixture
def walled(asker: WorkerAsker) -> WorkerAsker:
    ask(asker, "value")
    if "files" not in asker.walls:
        pytest.skip("this kernel has no Landlock")
    return asker


def test_it_cannot_read_what_is_not_its_own(walled: WorkerAsker, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2", encoding="utf-8")

    with pytest.raises((ProviderBadData, ProviderUnavailable), match="Permission"):
        ask(walled, "read", path=str(secret))


def test_it_cannot_write_beside_its_folder(walled: WorkerAsker, tmp_path: Path) -> None:
    with pytest.raises((ProviderBadData, ProviderUnavailable), match="Permission"):
        ask(walled, "write", path=str(tmp_path / "left"))
    assert not (tmp_path / "left").exists()


def test_it_cannot_start_a_program(walled: WorkerAsker) -> None:
    with pytest.raises((ProviderBadData, ProviderUnavailable), match="Permission"):
        ask(walled, "start")


def test_it_talks_to_web_ports_alone(walled: WorkerAsker) -> None:
    if "ports" not in walled.walls:
        pytest.skip("this kernel's Landlock knows no ports")
    with pytest.raises(ProviderUnavailable, match=r"Permission|refused"):
        ask(walled, "connect", port=5432)


def test_it_cannot_end_its_parent(walled: WorkerAsker) -> None:
    with pytest.raises((ProviderBadData, ProviderUnavailable), match=r"permitted|Permission"):
        ask(walled, "signal", pid=os.getpid())


def test_what_a_vendor_prints_stands_in_no_answer(asker: WorkerAsker) -> None:
    assert ask(asker, "prints") == 1
    assert ask(asker, "value") == {"a": [1, None, "b"]}


def test_a_vendor_that_takes_too_long_is_killed_and_started_anew(asker: WorkerAsker) -> None:
    with pytest.raises(ProviderUnavailable, match="too long"):
        asker.ask(make_question("sleeps", timeout_s=0.3))
    assert ask(asker, "value")


def test_a_vendor_that_burns_the_processor_is_killed(asker: WorkerAsker) -> None:
    with pytest.raises(ProviderUnavailable, match=r"too long|exit code"):
        asker.ask(make_question("spins", timeout_s=0.3))


def test_a_worker_that_died_says_how_and_is_started_anew(asker: WorkerAsker) -> None:
    with pytest.raises(ProviderUnavailable, match="exit code 3"):
        ask(asker, "dies")
    assert ask(asker, "value")


def test_a_vendor_that_hoards_memory_is_stopped(asker: WorkerAsker) -> None:
    with pytest.raises(ProviderUnavailable, match=r"MemoryError|exit code"):
        ask(asker, "hoards")


def test_an_answer_past_the_limit_is_not_read(asker: WorkerAsker) -> None:
    with pytest.raises(ProviderBadData, match=r"3\.0 MB"):
        ask(asker, "floods")
    assert ask(asker, "value")


@pytest.mark.parametrize(
    "lie",
    [
        "\0" * 16,
        "\0" * 7 + "\2" + "\0" * 8 + "[]",
        "\xff" * 64,
        "\0" * 7 + "\x10" + "\0" * 7 + "\4" + '{"form":"arrow"}' + "junk",
        "\0" * 7 + "\x0f" + "\0" * 7 + "\4" + '{"form":"json"}' + "junk",
    ],
    ids=["nothing", "a list", "huge", "no arrow", "no json"],
)
def test_a_forged_answer_is_bad_data_and_ends_the_worker(asker: WorkerAsker, lie: str) -> None:
    with pytest.raises(ProviderBadData):
        ask(asker, "lies", text=lie)
    asker.close()
    assert ask(asker, "value")


@pytest.mark.parametrize(
    ("function", "wanted"),
    [
        ("limited", ProviderRateLimited),
        ("down", ProviderUnavailable),
        ("changed", ProviderBadData),
        ("no_such_function", ProviderBadData),
    ],
)
def test_a_vendors_exception_becomes_one_of_ours(
    asker: WorkerAsker, function: str, wanted: type[Exception]
) -> None:
    with pytest.raises(wanted):
        ask(asker, function)


def test_an_unknown_symbol_is_named(asker: WorkerAsker) -> None:
    with pytest.raises(SymbolNotFound, match="XYZ"):
        ask(asker, "unknown", symbol="XYZ")


def test_a_package_that_is_not_there_is_named_with_its_extra(asker: WorkerAsker) -> None:
    question = make_question("fetch_ohlcv", vendor="ccxt", extra={"exchange": "a", "markets": []})

    with pytest.raises(BadProviderSetting, match=r"quantloom\[crypto\]"):
        asker.ask(question)


def test_a_token_never_travels_in_clear_text(asker: WorkerAsker) -> None:
    question = make_question(
        "daily",
        vendor="tushare",
        extra={"endpoint": "http://127.0.0.1/dataapi", "fields": ""},
        secret="hunter2",
    )

    with pytest.raises(ProviderBadData, match="https only") as caught:
        asker.ask(question)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(question)
