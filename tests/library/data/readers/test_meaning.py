"""Every raw file means what it is known to mean."""

from functools import cache

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
MANY = "lean/option-usa-daily-twx_2014_quote_american.zip"
"""A file of 171 contracts, which takes as long to read as all the others."""


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


@needs_shared
@pytest.mark.parametrize(
    "truth",
    [one if one.path != MANY else pytest.param(one, marks=pytest.mark.soak) for one in TRUTH],
    ids=by_path,
)
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
