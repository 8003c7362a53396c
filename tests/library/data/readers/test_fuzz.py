"""Files cut short or with bytes turned over: a clear error or a correct part, never a traceback."""

import random
from pathlib import Path

import pytest

from quantloom.data.readers import FileRead, Hints, read_file
from quantloom.errors import QuantloomError
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
DAY = Hints(day="2014-06-05")
FILES = sorted(path for path in RAW.rglob("*") if path.is_file()) if RAW.is_dir() else []
SAMPLE = 16


def cut(content: bytes, percent: int) -> bytes:
    return content[: len(content) * percent // 100]


def turned(content: bytes, seed: int) -> bytes:
    """A few bytes anywhere, and sometimes a whole run of them, become others."""
    dice = random.Random(seed)
    changed = bytearray(content)
    for _ in range(dice.choice([1, 3, 20])):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    if dice.random() < 0.3:
        start = dice.randrange(len(changed))
        changed[start : start + 64] = dice.randbytes(min(64, len(changed) - start))
    return bytes(changed)


def read_or_refuse(path: Path) -> FileRead | QuantloomError:
    """What reading a damaged file may come to; anything else that is raised fails the test."""
    try:
        return read_file(path, hints=DAY, on_bad="drop")
    except QuantloomError as refused:
        return refused


def check(outcome: FileRead | QuantloomError) -> None:
    if isinstance(outcome, QuantloomError):
        assert str(outcome)
        return
    for bars in outcome.bars:
        assert bars.read >= bars.kept > 0
        assert bars.read - bars.dropped_rows == bars.kept
    for ticks in outcome.ticks:
        assert ticks.read >= ticks.kept > 0


def damaged(original: Path, content: bytes, folder: Path) -> Path:
    path = folder / original.name
    path.write_bytes(content)
    return path


def chosen() -> list[tuple[Path, int]]:
    dice = random.Random(20_240_102)
    picked = dice.sample(FILES, min(SAMPLE, len(FILES)))
    return [(path, dice.randrange(1, 100)) for path in picked]


@needs_shared
@pytest.mark.parametrize(
    ("original", "percent"), chosen(), ids=lambda one: getattr(one, "name", one)
)
def test_a_file_that_is_cut_short_or_changed_ends_in_no_traceback(
    original: Path, percent: int, tmp_path: Path
) -> None:
    content = original.read_bytes()

    check(read_or_refuse(damaged(original, cut(content, percent), tmp_path)))
    check(read_or_refuse(damaged(original, turned(content, percent), tmp_path)))


@needs_shared
@pytest.mark.soak
@pytest.mark.parametrize("original", FILES, ids=lambda path: path.name)
def test_every_file_cut_at_every_percent_ends_in_no_traceback(
    original: Path, tmp_path: Path
) -> None:
    content = original.read_bytes()

    for percent in range(100):
        check(read_or_refuse(damaged(original, cut(content, percent), tmp_path)))


@needs_shared
@pytest.mark.soak
@pytest.mark.parametrize("original", FILES, ids=lambda path: path.name)
def test_every_file_with_bytes_turned_ends_in_no_traceback(original: Path, tmp_path: Path) -> None:
    content = original.read_bytes()

    for seed in range(100):
        check(read_or_refuse(damaged(original, turned(content, seed), tmp_path)))
