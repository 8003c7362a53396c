import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.data import (
    BadCells,
    Catalog,
    DamagedFile,
    FileChanged,
    NoUsableRows,
    StreamedFile,
    TornRows,
    importing,
    map_file,
    read_bars,
    read_file,
    stream_bars,
)
from quantloom.data.cleaning import CONFLICTING
from quantloom.data.graded import inherit_grade
from quantloom.data.quality import QualityReport, RowAccount, check
from quantloom.data.spool import Spool
from quantloom.market import BadBars, Bars, assume_instrument
from tests.library.data.builders import make_bars

HEADER = "time,open,high,low,close,volume"


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ROWS", 100)
    monkeypatch.setattr("quantloom.data.readers.blocks.BLOCK_BYTES", 4096)


def rows_of(bars: Bars) -> list[str]:
    times = bars.ts.astype("datetime64[ns]").astype("datetime64[s]").astype(str)
    _, *columns = bars.columns()
    values = zip(*(column.tolist() for column in columns), strict=True)
    return [",".join([time, *map(repr, row)]) for time, row in zip(times, values, strict=True)]


def write(folder: Path, rows: Sequence[str], header: str = HEADER) -> Path:
    path = folder / "DEMO.LOCAL.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def stream(path: Path, folder: Path, **told: Any) -> tuple[StreamedFile, Catalog]:
    catalog = Catalog(folder / "catalog")
    (part,) = map_file(path)
    return stream_bars(part, catalog, **told), catalog


def make_rows(n: int = 1000) -> tuple[Bars, list[str]]:
    bars = make_bars(n, timeframe="1m")
    return bars, rows_of(bars)


def test_a_long_file_is_stored_as_it_would_be_read(tmp_path: Path) -> None:
    _, rows = make_rows()
    path = write(tmp_path, rows)

    streamed, catalog = stream(path, tmp_path)

    (dataset,) = streamed.datasets
    assert (dataset.read, dataset.dropped, dataset.info.source) == (1000, (), str(path))
    assert catalog.read(dataset.info.symbol, "1m").digest() == read_bars(path).bars.digest()


def test_a_file_that_is_written_to_meanwhile_changes_nothing_in_the_catalog(tmp_path: Path) -> None:
    _, rows = make_rows()
    path = write(tmp_path, rows)
    stream(path, tmp_path)

    def touch(done: int, _: int) -> None:
        os.utime(path, ns=(done, done))

    with pytest.raises(FileChanged, match="written to while"):
        stream(path, tmp_path, progress=touch)

    catalog = Catalog(tmp_path / "catalog")
    assert [dataset.rows for dataset in catalog.list()] == [1000]


@pytest.mark.parametrize("on_bad", ["error", "drop"])
def test_rows_from_the_newest_on_are_turned(tmp_path: Path, on_bad: str) -> None:
    bars, rows = make_rows()

    streamed, catalog = stream(write(tmp_path, rows[::-1]), tmp_path, on_bad=on_bad)

    stored = catalog.read(streamed.datasets[0].info.symbol, "1m")
    assert np.array_equal(stored.ts, bars.ts)
    assert np.array_equal(stored.close, bars.close)


def test_rows_in_disorder_are_sorted_where_asked(tmp_path: Path) -> None:
    bars, rows = make_rows()
    path = write(tmp_path, [*rows[300:700], *rows[:350], *rows[700:]])

    with pytest.raises(BadBars, match="do not rise"):
        stream(path, tmp_path)
    streamed, catalog = stream(path, tmp_path, on_bad="drop")

    (dataset,) = streamed.datasets
    assert (dataset.read, sum(count for _, count in dataset.dropped)) == (1050, 50)
    assert np.array_equal(catalog.read(dataset.info.symbol, "1m").ts, bars.ts)


def test_every_instrument_of_a_file_becomes_a_dataset(tmp_path: Path) -> None:
    _, rows = make_rows(400)
    cells = [f"{row},{name}" for row in rows for name in ("AAA", "BBB")]
    path = write(tmp_path, [*cells, f"{rows[-1]},"], f"{HEADER},symbol")

    streamed, catalog = stream(path, tmp_path)

    assert streamed.nameless == 1
    read = {one.symbol: one.bars for one in read_file(path).bars}
    assert len(read) == len(streamed.datasets) == 2
    for dataset in streamed.datasets:
        stored = catalog.read(dataset.info.symbol, "1m")
        assert stored.digest() == read[dataset.info.symbol].digest()


def test_impossible_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    _, rows = make_rows()
    rows[150] = rows[150].replace(",", ",x", 1)
    rows[250] = rows[249].replace(".0", ".5")
    rows[350] = rows[350].rpartition(",")[0]
    path = write(tmp_path, rows)

    with pytest.raises(BadCells):
        stream(path, tmp_path)
    streamed, catalog = stream(path, tmp_path, on_bad="drop")

    (dataset,) = streamed.datasets
    assert streamed.torn == 1
    assert (dataset.info.rows, dataset.info.dropped_rows) == (997, 2)
    assert CONFLICTING in dict(dataset.dropped)
    assert len(catalog.read(dataset.info.symbol, "1m")) == 997


def test_torn_rows_and_damage_are_errors_until_the_very_end(tmp_path: Path) -> None:
    _, rows = make_rows()
    path = write(tmp_path, rows)
    stream(path, tmp_path)
    torn = write(tmp_path, [*rows[:999], "2030-01-01"])

    with pytest.raises(TornRows):
        stream(torn, tmp_path)
    packed = gzip.compress("\n".join([HEADER, *rows]).encode())
    path.write_bytes(packed[:-200])
    with pytest.raises(DamagedFile):
        stream(path, tmp_path)

    assert [info.rows for info in Catalog(tmp_path / "catalog").list()] == [1000]


def test_what_was_stored_stays_when_a_file_breaks_off(tmp_path: Path) -> None:
    _, rows = make_rows()
    stream(write(tmp_path, rows), tmp_path)
    broken = [*rows[:900], rows[900].replace(",", ",x", 1), *rows[901:]]

    with pytest.raises(BadCells):
        stream(write(tmp_path, broken), tmp_path)

    assert [info.rows for info in Catalog(tmp_path / "catalog").list()] == [1000]
    assert [path for path in (tmp_path / "catalog").iterdir() if path.is_file()] == []


def test_a_file_without_a_row_to_use_is_refused(tmp_path: Path) -> None:
    rows = [f"2024-01-0{day},0,0,0,0,1" for day in range(2, 6)]

    with pytest.raises(NoUsableRows):
        stream(write(tmp_path, rows), tmp_path, on_bad="drop")


def test_progress_is_told(tmp_path: Path) -> None:
    _, rows = make_rows()
    seen: list[tuple[int, int]] = []

    stream(write(tmp_path, rows), tmp_path, progress=lambda done, size: seen.append((done, size)))

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[0][0] < seen[0][1]


def test_a_spool_gives_rows_in_order_and_one_time_in_one_block(tmp_path: Path) -> None:
    with Spool(tmp_path) as spool:
        for ts in ([30, 31], [10, 12, 11], [12, 20], [40]):
            spool.add("a", np.array(ts), {"x": np.array(ts, dtype=np.float64)})
        spool.add("b", np.array([1]), {"x": np.array([5.0])})
        blocks = [(ts.tolist(), columns["x"].tolist()) for ts, columns in spool.blocks("a")]

    assert spool.names == ("a", "b")
    assert [times for times, _ in blocks] == [[10, 11, 12, 12, 20], [30, 31], [40]]
    assert all(times == values for times, values in blocks)
    assert list(tmp_path.iterdir()) == []


def graded(report: QualityReport) -> tuple[object, ...]:
    return report.grade, [(one.check, one.count, one.of, one.facts) for one in report.findings]


def spoiled(rows: list[str]) -> list[str]:
    """Rows with a hole, a wrong print, a torn row, an unreadable one and two of one time."""
    cells = rows[500].split(",")
    rows[500] = ",".join([cells[0], *(str(2 * float(cell)) for cell in cells[1:5]), cells[5]])
    rows[700] = rows[700].replace(",", ",x", 1)
    rows[800] = rows[800].rpartition(",")[0]
    rows[900] = rows[899].replace(".0", ".5")
    return [*rows[:200], *rows[230:]]


@pytest.mark.parametrize("is_sorted", [True, False])
def test_what_is_streamed_has_the_grade_of_what_is_read(tmp_path: Path, is_sorted: bool) -> None:
    _, rows = make_rows(3000)
    rows = spoiled(rows)
    rows = rows if is_sorted else [*rows[1500:], *rows[:1500]]
    path = write(tmp_path, rows)

    streamed, catalog = stream(path, tmp_path, on_bad="drop")

    (dataset,), (read,) = streamed.datasets, read_file(path, on_bad="drop").bars
    instrument = assume_instrument(read.bars)
    raw = RowAccount(read=read.read, dropped=read.dropped, unsorted=read.unsorted)
    assert graded(dataset.report) == graded(check(read.bars, instrument=instrument, raw=raw))
    assert dataset.info.grade == dataset.report.grade > "A"
    assert dataset.info.instrument == instrument
    stored = catalog.read(dataset.info.symbol, "1m")
    assert inherit_grade(stored).is_stored


def test_rows_join_those_that_are_stored(tmp_path: Path) -> None:
    bars, rows = make_rows(1000)
    changed = [row.rpartition(",")[0] + ",7" for row in rows[400:700]]
    _, catalog = stream(write(tmp_path, [*rows[:500], *rows[600:900]]), tmp_path)

    streamed, _ = stream(write(tmp_path, [*changed, *rows[900:]]), tmp_path, is_added=True)

    (dataset,) = streamed.datasets
    stored = catalog.read(dataset.info.symbol, "1m")
    assert np.array_equal(stored.ts, bars.ts)
    expected = bars.volume.copy()
    expected[400:700] = 7
    assert np.array_equal(stored.volume, expected)
    assert (dataset.read, dataset.report.rows, dataset.info.rows) == (400, 1000, 1000)
    assert inherit_grade(stored).is_stored


def test_rows_that_join_others_bring_columns_of_their_own(tmp_path: Path) -> None:
    bars, rows = make_rows(300)
    _, catalog = stream(write(tmp_path, rows[:200]), tmp_path)
    more = [f"{row},5.5" for row in rows[150:]]

    streamed, _ = stream(write(tmp_path, more, f"{HEADER},vwap"), tmp_path, is_added=True)

    stored = catalog.read(streamed.datasets[0].info.symbol, "1m")
    assert np.isnan(stored.extras["vwap"][:150]).all()
    assert (stored.extras["vwap"][150:] == 5.5).all()
    assert stored.digest() == catalog.info(stored.symbol, "1m").digest
    assert np.array_equal(stored.close, bars.close)


def test_a_stop_in_the_middle_leaves_what_was_there_and_no_litter(tmp_path: Path) -> None:
    _, rows = make_rows()
    path = write(tmp_path, rows)
    stream(path, tmp_path)
    before = sorted((tmp_path / "catalog").rglob("*"))
    digest = Catalog(tmp_path / "catalog").list()[0].digest

    def stop(done: int, size: int) -> None:
        if done > size // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stream(path, tmp_path, progress=stop)

    assert sorted((tmp_path / "catalog").rglob("*")) == before
    assert Catalog(tmp_path / "catalog").list()[0].digest == digest


def test_each_instrument_is_told_once_it_is_stored(tmp_path: Path) -> None:
    _, rows = make_rows(300)
    cells = [f"{row},{name}" for row in rows for name in ("AAA", "BBB")]
    told: list[int] = []
    catalog = Catalog(tmp_path / "catalog")
    path = write(tmp_path, cells, f"{HEADER},symbol")

    stream(path, tmp_path, on_stored=lambda _: told.append(len(catalog.list())))

    assert told == [1, 2]
