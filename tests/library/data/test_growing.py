"""Datasets that grow: bars added at the end, put among others, or written block by block."""

from pathlib import Path

import numpy as np
import pytest

from quantloom.data import Catalog, InstrumentMissing, NotLater
from quantloom.market import Bars
from tests.library.data.builders import make_bars, make_instrument


def changed(bars: Bars, row: int) -> Bars:
    volume = np.array(bars.volume)
    volume[row] += 1
    columns = {name: getattr(bars, name) for name in ("ts", "open", "high", "low", "close")}
    return Bars.of(bars.symbol, bars.timeframe, **columns, volume=volume)


def test_bars_added_at_the_end_follow_those_before(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(50)
    catalog.write(bars[:30], make_instrument(), source="first", licence="MIT", dropped_rows=2)

    info = catalog.append(bars[30:], dropped_rows=1)

    assert catalog.read("DEMO.LOCAL").digest() == bars.digest() == info.digest
    assert (info.source, info.licence, info.dropped_rows) == ("first", "MIT", 3)
    assert info.instrument == make_instrument()


def test_bars_that_are_not_later_are_refused(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(50)
    catalog.write(bars[:30], make_instrument(), source="first")

    with pytest.raises(NotLater, match="use upsert"):
        catalog.append(bars[29:])

    assert catalog.read("DEMO.LOCAL").digest() == bars[:30].digest()


def test_the_first_bars_need_their_instrument(tmp_path: Path) -> None:
    with pytest.raises(InstrumentMissing):
        Catalog(tmp_path).append(make_bars())

    assert Catalog(tmp_path).append(make_bars(), make_instrument(), source="x").rows == 5


def test_an_upsert_counts_what_it_did(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(50)
    catalog.write(bars[10:40], make_instrument(), source="first")
    other = changed(bars, 20)

    done = catalog.upsert(other[15:45])

    assert (done.added, done.changed, done.unchanged) == (5, 1, 24)
    expected = other[10:45]
    assert catalog.read("DEMO.LOCAL").digest() == expected.digest() == done.info.digest


def test_blocks_are_stored_when_the_last_one_is_there(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(50)

    with catalog.writer("DEMO.LOCAL", "1d", make_instrument(), source="blocks") as writer:
        writer.add(bars[:20])
        writer.add(bars[20:])
        assert catalog.list() == ()
        writer.describe(dropped_rows=4, quality={"grade": "B"})

    assert writer.info is not None
    assert (writer.info.dropped_rows, writer.info.grade) == (4, "B")
    assert catalog.read("DEMO.LOCAL").digest() == bars.digest()


def test_a_failed_import_leaves_what_was_there(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(50)
    catalog.write(bars[:10], make_instrument(), source="first")

    def write_backwards() -> None:
        with catalog.writer("DEMO.LOCAL", "1d", make_instrument(), source="x") as writer:
            writer.add(bars[20:])
            writer.add(bars[:20])

    with pytest.raises(NotLater):
        write_backwards()

    assert catalog.read("DEMO.LOCAL").digest() == bars[:10].digest()
