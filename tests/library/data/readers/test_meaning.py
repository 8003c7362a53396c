"""Every raw file means what it is known to mean, whatever it is called or however ordered."""

import random
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from quantloom.data.readers import (
    FileBars,
    FileRead,
    FileTicks,
    Hints,
    Mapping,
    NotMarketData,
    UnreadableFile,
    map_file,
    read_file,
)
from tests.library.data.readers.truth import CURATED, NOT_MARKET_DATA, TRUTH, Truth
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
DAY = Hints(day="2014-06-05")
# Told by the file's name and nothing else, or by the zone of the symbol that it names.
_BY_NAME = {"600519.SH.qfq.csv", "SSE.600009Q_m1.gbk.csv"}
_HEADED = (".csv", ".txt")


def by_path(truth: Truth) -> str:
    return truth.path


@cache
def read(path: str) -> FileRead:
    needs_day = next(one for one in TRUTH if one.path == path).question == "day"
    return read_file(RAW / path, hints=DAY if needs_day else None)


@cache
def known_as(path: str) -> Mapping:
    """What a file is taken for under its own name; of an archive, its first part."""
    if next(one for one in TRUTH if one.path == path).question == "day":
        return map_file(RAW / path)[0].mapping
    every: list[FileBars | FileTicks] = [*read(path).bars, *read(path).ticks]
    mapping = every[0].mapping
    assert mapping is not None
    return mapping


def facts(mapping: Mapping) -> tuple[object, ...]:
    """What a file is, apart from what it is called."""
    return (
        mapping.kind.value,
        mapping.timeframe.value,
        mapping.label.value,
        mapping.volume_lot.value,
        mapping.turnover_scale.value,
        mapping.price_scale.value,
    )


@needs_shared
@pytest.mark.parametrize("truth", TRUTH, ids=by_path)
def test_a_raw_file_is_read_as_what_it_is(truth: Truth) -> None:
    found = read(truth.path)

    every: list[FileBars | FileTicks] = [*found.bars, *found.ticks]
    assert len(every) == truth.datasets
    first = every[0]
    times = first.bars.ts if isinstance(first, FileBars) else first.ticks.ts
    span = np.array([times[0], times[-1]]).astype("datetime64[ns]").astype("datetime64[s]")
    assert (first.symbol, first.kept) == (truth.symbol, truth.rows)
    assert [str(one) for one in span] == [truth.first, truth.last]
    mapping = first.mapping
    assert mapping is not None
    assert (mapping.kind.value, mapping.timeframe.value) == (truth.kind, truth.timeframe)
    assert (mapping.label.value, mapping.zone.value) == (truth.label, truth.zone)
    units = (mapping.volume_lot.value, mapping.turnover_scale.value, mapping.price_scale.value)
    assert units == truth.units
    assert mapping.adjustment.value == truth.adjustment


@needs_shared
@pytest.mark.parametrize("truth", TRUTH, ids=by_path)
def test_a_raw_file_leaves_one_question_at_most(truth: Truth) -> None:
    asked = [question.about for question in known_as(truth.path).questions]

    assert asked == ([truth.question] if truth.question else [])


@needs_shared
@pytest.mark.parametrize(("raw", "curated"), CURATED)
def test_a_raw_file_equals_its_curated_bars(raw: str, curated: str) -> None:
    bars = read(raw).bars[0].bars
    table = pq.read_table(SHARED / "data" / "bars" / f"{curated}.parquet")
    ts = table.column("ts").to_numpy().astype("datetime64[ns]").astype(np.int64)

    place = np.searchsorted(ts, bars.ts)

    assert place.max() < len(ts)
    same = ts[place] == bars.ts
    # The bars that a head or a single day adds or lacks are those at its own edge.
    assert same.mean() > 0.999
    for name in ("open", "high", "low", "close"):
        theirs = table.column(name).to_numpy()[place][same]
        np.testing.assert_allclose(getattr(bars, name)[same], theirs, rtol=2e-5)
    if bars.volume[same].any() and not np.isnan(bars.volume).all():
        theirs = table.column("volume").to_numpy()[place][same]
        np.testing.assert_allclose(bars.volume[same], theirs, rtol=1e-6)


@needs_shared
@pytest.mark.parametrize("name", NOT_MARKET_DATA)
def test_what_is_no_market_data_says_what_it_is(name: str) -> None:
    with pytest.raises((NotMarketData, UnreadableFile)):
        read_file(RAW / name)


@needs_shared
@pytest.mark.parametrize("folder", ["factor_files", "map_files"])
def test_the_files_beside_leans_prices_are_told_from_them(folder: str) -> None:
    files = sorted((RAW / "lean" / folder).glob("*.csv"))
    assert len(files) == 7

    for file in files:
        with pytest.raises(NotMarketData, match="neither bars nor ticks"):
            read_file(file)


def renamable() -> list[Truth]:
    """All but the archive of 184 parts, which keep their names; it would take seconds."""
    return [one for one in TRUTH if one.datasets < 100]


@needs_shared
@pytest.mark.parametrize("truth", renamable(), ids=by_path)
def test_a_name_that_means_nothing_changes_no_more_than_the_symbol(
    truth: Truth, tmp_path: Path
) -> None:
    original = RAW / truth.path
    renamed = tmp_path / f"f17{original.suffix}"
    shutil.copy(original, renamed)

    known, blind = known_as(truth.path), map_file(renamed)[0].mapping

    assert facts(blind) == facts(known)
    assert [one.role for one in blind.columns] == [one.role for one in known.columns]
    # Dates need no zone, and where the name tells the market it tells its clock.
    is_dated = known.label.value == "session"
    if not is_dated and (known.zone.confidence > 0.9 or known.symbol == blind.symbol):
        assert blind.zone.value == known.zone.value
    assert len(blind.questions) <= 1
    if original.name not in _BY_NAME:
        assert blind.adjustment.value == known.adjustment.value


def headed() -> list[Truth]:
    return [
        one
        for one in TRUTH
        if one.path.endswith(_HEADED)
        and one.path.split("/")[0] not in {"bitcoincharts", "ninjatrader", "cryptodatadownload"}
        and "quote_tick" not in one.path
    ]


@needs_shared
@pytest.mark.parametrize("truth", headed(), ids=by_path)
def test_the_order_of_named_columns_changes_nothing(truth: Truth, tmp_path: Path) -> None:
    original = RAW / truth.path
    encoding = "gb18030" if "gbk" in truth.path else "utf-8-sig"
    lines = original.read_text(encoding=encoding).splitlines()
    order = list(range(len(lines[0].split(","))))
    random.Random(truth.path).shuffle(order)
    shuffled = tmp_path / original.name
    rows = (line.split(",") for line in lines if line)
    text = "\n".join(",".join(row[place] for place in order) for row in rows)
    shuffled.write_text(text + "\n", encoding=encoding)

    known, found = known_as(truth.path), map_file(shuffled)[0].mapping

    assert facts(found) == facts(known)
    assert (found.zone.value, found.adjustment.value) == (known.zone.value, known.adjustment.value)
    roles = {one.name: (one.role, one.level) for one in found.columns if one.name}
    assert roles == {one.name: (one.role, one.level) for one in known.columns if one.name}


@needs_shared
def test_curated_bars_are_taken_for_what_they_are() -> None:
    files = sorted((SHARED / "data" / "bars").rglob("*.parquet"))
    assert len(files) > 100

    for path in files:
        mapping = map_file(path)[0].mapping
        assert mapping.timeframe.value == path.stem.rpartition(".")[2], path.name
        assert mapping.label.value != "close", path.name
        units = (mapping.volume_lot, mapping.turnover_scale, mapping.price_scale)
        assert [one.value for one in units] == [1, 1, 1], path.name
