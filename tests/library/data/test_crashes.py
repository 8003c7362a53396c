"""Writers that die, disks that refuse, writers that meet: what was there before is never lost."""

import errno
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest

from quantloom.data import Catalog, CatalogBusy, CatalogUnwritable, CorruptDataset
from quantloom.market import Bars, Timeframe
from tests.library.data.builders import make_bars, make_instrument, pieces_of, store

_ROOT = Path(__file__).resolve().parents[3]
_STEPS = 60

# Grows, replaces and compacts a dataset until it is killed; says each step when it is done.
_WRITER = """
import sys
from quantloom.data import Catalog
from tests.library.data.test_crashes import steps
catalog = Catalog(sys.argv[1])
print("ready", flush=True)
while True:
    for number, (step, _) in enumerate(steps()):
        step(catalog)
        print(number, flush=True)
"""


def steps() -> list[tuple[Callable[[Catalog], Any], Bars]]:
    """Changes of one dataset, and what it must hold after each."""
    whole, other = make_bars(5_000, timeframe="1h"), make_bars(5_000, timeframe="1h", seed=2)
    instrument = make_instrument()
    found: list[tuple[Callable[[Catalog], Any], Bars]] = [
        (lambda catalog: catalog.write(whole[:2_000], instrument, source="x"), whole[:2_000])
    ]
    for end in range(2_100, 2_100 + 50 * (_STEPS - 4), 50):
        part = whole[end - 100 : end]
        add = part[50:] if end > 2_100 else part
        found.append((lambda catalog, add=add: catalog.append(add), whole[:end]))  # type: ignore[misc]
    found += [
        (lambda catalog: catalog.compact("DEMO.LOCAL", "1h"), found[-1][1]),
        (lambda catalog: catalog.upsert(other), other),
        (lambda catalog: catalog.compact("DEMO.LOCAL", "1h"), other),
    ]
    return found


def die_after(tmp_path: Path, delay_s: float) -> None:
    digests = [bars.digest() for _, bars in steps()]
    catalog = Catalog(tmp_path)
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT / "src"), str(_ROOT)])}
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, env=env
    )
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
        threading.Event().wait(delay_s)
        writer.kill()
        done = [int(line) for line in writer.stdout.read().split(b"\n")[:-1] if line]

    last = done[-1] if done else -1
    following = (last + 1) % len(digests)
    if not done and not catalog.list():
        return
    held = catalog.read("DEMO.LOCAL").digest()
    assert held in {digests[last], digests[following]}
    assert held == catalog.info("DEMO.LOCAL").digest
    catalog.write(make_bars(), make_instrument(), source="the next writer")
    assert len(pieces_of(catalog.info("DEMO.LOCAL", "1d"))) == 1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.untraced
def test_a_killed_writer_loses_nothing_that_was_there(seed: int, tmp_path: Path) -> None:
    die_after(tmp_path, random.Random(seed).uniform(0.0, 0.5))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 500))
def test_writers_killed_at_many_moments_lose_nothing(seed: int, tmp_path: Path) -> None:
    die_after(tmp_path, random.Random(seed).uniform(0.0, 1.5))


class Faults:
    """Lets the n-th step on the disk fail."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.failing, self.count = -1, 0
        for name in ("fsync", "replace", "unlink", "open", "mkdir"):
            patch.setattr(os, name, self._wrapped(getattr(os, name)))
        opened = Path.open

        def open_watched(path: Path, *args: Any, **options: Any) -> Any:
            self.step()
            return _Watched(opened(path, *args, **options), self)

        patch.setattr(Path, "open", open_watched)

    def step(self) -> None:
        self.count += 1
        if self.count == self.failing:
            raise OSError(errno.ENOSPC, "No space left on device")

    def _wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **options: Any) -> Any:
            self.step()
            return call(*args, **options)

        return watched


class _Watched:
    def __init__(self, file: Any, faults: Faults) -> None:
        self._file, self._faults = file, faults

    def write(self, data: Any) -> int:
        self._faults.step()
        written: int = self._file.write(data)
        return written

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


WHOLE = make_bars(300, timeframe="1h")
CHANGES: dict[str, tuple[Callable[[Catalog], Any], Bars]] = {
    "write": (lambda c: c.write(WHOLE[50:], make_instrument(), source="x"), WHOLE[50:]),
    "append": (lambda c: c.append(WHOLE[200:]), WHOLE),
    "upsert": (lambda c: c.upsert(WHOLE[100:]), WHOLE),
    "compact": (lambda c: c.compact("DEMO.LOCAL", "1h"), WHOLE[:200]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_disk_that_fails_at_any_step_leaves_the_old_bars_or_the_new(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, expected = CHANGES[name]
    old = WHOLE[:200]
    failing, is_over = 0, False
    while not is_over:
        failing += 1
        catalog = Catalog(tmp_path / str(failing))
        catalog.write(old[:190], make_instrument(), source="x")
        catalog.append(old[190:])
        with monkeypatch.context() as patch:
            faults = Faults(patch)
            faults.failing = failing
            has_failed = False
            try:
                change(catalog)
            except (CatalogUnwritable, CorruptDataset):
                has_failed = True
            is_over = faults.count < failing
        held = catalog.read("DEMO.LOCAL").digest()
        assert held == catalog.info("DEMO.LOCAL").digest
        assert held in {old.digest(), expected.digest()}
        assert has_failed or held == expected.digest()
        change(catalog) if held == old.digest() else None
        assert catalog.read("DEMO.LOCAL").digest() == expected.digest()
    assert failing > 10


def test_a_disk_that_fails_between_pieces_leaves_the_old_bars_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (
        replace(make_bars(6, seed=seed), timeframe=Timeframe.parse("1s")) for seed in (1, 2)
    )
    failing, is_over, held = 0, False, ""
    while not is_over:
        failing += 1
        catalog = Catalog(tmp_path / str(failing))
        assert catalog.write(old, make_instrument(), source="x").pieces == 6
        with monkeypatch.context() as patch:
            faults = Faults(patch)
            faults.failing = failing
            with suppress(CatalogUnwritable, CorruptDataset):
                catalog.write(new, make_instrument(), source="x")
            is_over = faults.count < failing
        held = catalog.read("DEMO.LOCAL").digest()
        assert held == catalog.info("DEMO.LOCAL").digest
        assert held in {old.digest(), new.digest()}
    assert held == new.digest()
    assert failing > 30


def test_the_next_writer_clears_what_a_dead_one_left(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))
    folder = Path(catalog.info("DEMO.LOCAL").location)
    (folder / ".all.2-0.0123.parquet.tmp").write_bytes(b"half")
    (folder / "all.2-0.0123.parquet").write_bytes(b"never committed")
    assert len(catalog.read("DEMO.LOCAL")) == 5

    store(catalog, ("DEMO.LOCAL", "1d"))

    assert len(list(folder.iterdir())) == 2


def test_an_import_under_way_is_not_listed(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(100, timeframe="1s")

    with catalog.writer("DEMO.LOCAL", "1s", make_instrument(), source="x") as writer:
        writer.add(bars)
        assert catalog.list() == ()
        assert catalog.timeframes("DEMO.LOCAL") == ()

    assert len(catalog.list()) == 1


def test_an_import_given_up_leaves_no_folder(tmp_path: Path) -> None:
    def give_up() -> None:
        with Catalog(tmp_path).writer("DEMO.LOCAL", "1d", make_instrument(), source="x") as writer:
            writer.add(make_bars())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_up()

    assert not list((tmp_path / "bars" / "LOCAL" / "DEMO").iterdir())


def test_a_second_writer_waits_and_then_says_who_is_busy(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, wait_s=0.1)

    with catalog.writer("DEMO.LOCAL", "1d", make_instrument(), source="x") as writer:
        writer.add(make_bars())
        with pytest.raises(CatalogBusy, match=r"waited 0\.1 s"):
            catalog.write(make_bars(), make_instrument(), source="y")

    assert catalog.info("DEMO.LOCAL").source == "x"


def test_writers_of_one_dataset_wait_for_each_other(tmp_path: Path) -> None:
    catalog, failures = Catalog(tmp_path), []
    bars = make_bars(400, timeframe="1h")

    def upsert(first: int) -> None:
        try:
            for start in range(first, 400, 40):
                catalog.upsert(bars[start : start + 10], make_instrument(), source="a test")
        except Exception as error:  # noqa: BLE001  reported by the assertion
            failures.append(error)

    threads = [threading.Thread(target=upsert, args=(first,)) for first in (0, 10, 20, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert catalog.read("DEMO.LOCAL").digest() == bars.digest()


def test_readers_see_whole_datasets_while_a_writer_works(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    changes = steps()
    digests = {bars.digest() for _, bars in changes}
    changes[0][0](catalog)
    is_over = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for step, _ in changes:
                step(catalog)
        except BaseException as error:  # noqa: BLE001  reported by the assertion
            failures.append(error)
        finally:
            is_over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not is_over.is_set():
        seen.add(catalog.read("DEMO.LOCAL").digest())
    writer.join()

    assert failures == []
    assert seen <= digests
