import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from quantloom.data import Catalog
from quantloom.data.atomic import replacing
from tests.library.data.builders import make_bars, make_instrument, store

# Writes one of two datasets again and again until it is killed.
_WRITER = """
import sys
from pathlib import Path
from quantloom.data import Catalog
from tests.library.data.builders import make_bars, make_instrument
catalog, instrument = Catalog(Path(sys.argv[1])), make_instrument()
versions = [make_bars(3_000, seed=seed) for seed in (1, 2)]
print("ready", flush=True)
while True:
    for bars in versions:
        catalog.write(bars, instrument, source="a test")
"""
_ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("reads", [0, 1, 4, 15, 40, 90])
def test_a_killed_writer_leaves_the_old_bars_or_the_new(reads: int, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    versions = {make_bars(3_000, seed=seed).digest() for seed in (1, 2)}
    catalog.write(make_bars(3_000, seed=1), make_instrument(), source="a test")
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT)])}
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=env
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        for _ in range(reads):
            assert catalog.read("DEMO.LOCAL").digest() in versions  # while it writes
        writer.kill()

    assert catalog.read("DEMO.LOCAL").digest() in versions
    assert len(catalog.list()) == 1
    store(catalog, ("DEMO.LOCAL", "1d"))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["1d.parquet"]


def test_an_interrupted_write_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half of the n")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()

    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x.parquet"]  # noqa: PTH208  hidden files count too


def test_a_draft_is_never_listed(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))
    path = catalog.info("DEMO.LOCAL").path

    with replacing(path.with_name("5m.parquet")) as file:
        file.write(b"half")
        file.flush()
        assert len(catalog.list()) == 1
        assert len(catalog.timeframes("DEMO.LOCAL")) == 1


def test_the_next_writer_clears_what_a_dead_one_left(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))
    folder = catalog.info("DEMO.LOCAL").path.parent
    (folder / ".1d.parquet.tmp").write_bytes(b"half")
    (folder / ".5m.parquet.tmp").write_bytes(b"half")

    store(catalog, ("DEMO.LOCAL", "1d"))

    assert [path.name for path in folder.iterdir()] == ["1d.parquet"]


def test_writers_of_one_symbol_wait_for_each_other(tmp_path: Path) -> None:
    catalog, failures = Catalog(tmp_path), []

    def write(seed: int) -> None:
        try:
            for _ in range(5):
                catalog.write(make_bars(500, seed=seed), make_instrument(), source="a test")
        except Exception as error:  # noqa: BLE001  reported by the assertion
            failures.append(error)

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(catalog.read("DEMO.LOCAL")) == 500
