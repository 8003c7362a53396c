import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantloom.data import (
    BadSymbol,
    Catalog,
    CatalogUnwritable,
    CorruptDataset,
    DatasetNotFound,
    InstrumentMismatch,
    ReadOnlyCatalog,
    ReservedColumn,
    TimeframeNeeded,
)
from quantloom.data.store.pieces import ROWS_PER_GROUP
from quantloom.market import BadTimeframe, Bars, EmptyRange
from tests.library.data.builders import make_bars, make_instrument, pieces_of, store

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@st.composite
def any_bars(draw: st.DrawFn) -> Bars:
    n = draw(st.integers(1, 40))
    ts = sorted(draw(st.sets(st.integers(-(2**62), 2**62), min_size=n, max_size=n)))
    price = st.floats(min_value=1e-9, max_value=1e12)
    rows = [sorted(draw(st.tuples(price, price, price, price))) for _ in range(n)]
    low, first, second, high = np.array(rows).T
    volume = draw(st.lists(st.floats(0, 1e15) | st.just(np.nan), min_size=n, max_size=n))
    names = draw(st.sets(st.text("abc_é ", min_size=1, max_size=5), max_size=3))
    extras = {name: np.array(draw(st.lists(st.floats(), min_size=n, max_size=n))) for name in names}
    return Bars.of(
        "DEMO.LOCAL",
        draw(st.sampled_from(["1s", "5m", "1h", "1d", "1M"])),
        ts=ts,
        open=first,
        high=high,
        low=low,
        close=second,
        volume=volume,
        extras=extras,
    )


@same_folder
@given(bars=any_bars())
def test_bars_read_are_the_bars_written(bars: Bars, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)

    catalog.write(bars, make_instrument(), source="a test")

    read = catalog.read("DEMO.LOCAL", bars.timeframe)
    assert read.digest() == bars.digest()
    assert (read.symbol, read.timeframe) == (bars.symbol, bars.timeframe)


def test_what_is_read_cannot_be_changed(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))

    bars = catalog.read("DEMO.LOCAL")

    for column in bars.columns():
        with pytest.raises(ValueError, match="read-only"):
            column[0] = 1


@same_folder
@given(first=st.integers(-5, 70_000), length=st.integers(1, 70_000))
def test_a_span_read_is_that_slice_of_the_whole(first: int, length: int, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars = make_bars(2 * ROWS_PER_GROUP + 100, timeframe="1m")
    if not catalog.symbols():
        catalog.write(bars, make_instrument(), source="a test")
    start = bars.start + timedelta(minutes=first)
    end = start + timedelta(minutes=length)

    if first >= len(bars) or first + length <= 0:
        with pytest.raises(EmptyRange):
            catalog.read("DEMO.LOCAL", start=start, end=end)
    else:
        expected = bars.between(start, end)
        assert catalog.read("DEMO.LOCAL", start=start, end=end).digest() == expected.digest()


def test_extras_are_left_unread_when_not_wanted(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars = replace(make_bars(), extras={"open_interest": make_bars().volume})

    info = catalog.write(bars, make_instrument(), source="a test")

    assert info.extras == ("open_interest",)
    assert set(catalog.read("DEMO.LOCAL").extras) == {"open_interest"}
    assert not catalog.read("DEMO.LOCAL", extras=False).extras


def test_the_record_tells_origin_and_instrument(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars, instrument = make_bars(), make_instrument(tick_size="0.010")

    catalog.write(bars, instrument, source="a vendor", licence="MIT", dropped_rows=3)

    info = catalog.info("DEMO.LOCAL", "1d")
    assert (info.source, info.licence, info.dropped_rows) == ("a vendor", "MIT", 3)
    assert (info.rows, info.start, info.end) == (5, bars.start, bars.end)
    assert info.digest == bars.digest()
    assert info.bytes == sum(path.stat().st_size for path in pieces_of(info))
    assert str(catalog.instrument("DEMO.LOCAL").tick_size) == "0.010"
    assert catalog.instrument("DEMO.LOCAL") == instrument


def test_writing_again_replaces(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))
    later = make_bars(9, seed=2)

    catalog.write(later, make_instrument(), source="a test")

    assert catalog.read("DEMO.LOCAL").digest() == later.digest()
    assert len(catalog.list()) == 1


def test_the_only_timeframe_needs_no_name(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "5m"))

    assert str(catalog.read("DEMO.LOCAL").timeframe) == "5m"


def test_one_of_several_timeframes_must_be_named(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"), ("DEMO.LOCAL", "5m"))

    with pytest.raises(TimeframeNeeded, match="5m, 1d"):
        catalog.read("DEMO.LOCAL")


def test_minutes_and_months_do_not_mix(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1m"), ("DEMO.LOCAL", "1M"))

    assert [str(one) for one in catalog.timeframes("DEMO.LOCAL")] == ["1m", "1M"]
    assert catalog.read("DEMO.LOCAL", "1M").timeframe.unit == "M"


def test_the_list_is_sorted_by_symbol_then_length(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("b.LOCAL", "1d"), ("b.LOCAL", "5m"), ("a.LOCAL", "1h"))

    found = [(info.symbol, str(info.timeframe)) for info in catalog.list()]

    assert found == [("a.LOCAL", "1h"), ("b.LOCAL", "5m"), ("b.LOCAL", "1d")]


def test_an_empty_catalog_lists_nothing(tmp_path: Path) -> None:
    assert Catalog(tmp_path / "not made yet").list() == ()


def test_a_missing_symbol_names_what_comes_close(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("rb2410.SHFE", "1d"))

    with pytest.raises(DatasetNotFound, match=r"did you mean rb2410\.SHFE"):
        catalog.read("RB2401.SHFE")


def test_a_missing_timeframe_names_those_there_are(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"), ("DEMO.LOCAL", "1h"))

    with pytest.raises(DatasetNotFound, match=r"no 5m bars of DEMO\.LOCAL; there are 1h, 1d"):
        catalog.read("DEMO.LOCAL", "5m")


def test_a_timeframe_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadTimeframe):
        Catalog(tmp_path).read("DEMO.LOCAL", "daily")


def test_a_span_without_bars_says_so(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"))

    with pytest.raises(EmptyRange, match="1990"):
        catalog.read("DEMO.LOCAL", end=datetime(1990, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("symbol", ["", "rb2410", ".SHFE", "rb2410.", "x" * 300 + ".LOCAL"])
def test_a_symbol_without_code_or_venue_is_refused(symbol: str, tmp_path: Path) -> None:
    with pytest.raises(BadSymbol):
        Catalog(tmp_path).read(symbol)


@pytest.mark.parametrize(
    "symbol", ["../../x.LOCAL", "a/b.LOCAL", "...LOCAL", "螺纹 %2E.本地", "a.b.C"]
)
def test_any_symbol_stays_inside_the_catalog(symbol: str, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path / "catalog")

    store(catalog, (symbol, "1d"))

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {len(file.relative_to(tmp_path / "catalog").parts) for file in files} == {5}
    assert catalog.symbols() == (symbol,)
    assert catalog.read(symbol).symbol == symbol


def test_a_deleted_dataset_is_gone(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"), ("DEMO.LOCAL", "1h"))

    catalog.delete("DEMO.LOCAL", "1d")

    assert [str(info.timeframe) for info in catalog.list()] == ["1h"]
    with pytest.raises(DatasetNotFound):
        catalog.delete("DEMO.LOCAL", "1d")


def test_deleting_from_a_catalog_never_made_finds_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound):
        Catalog(tmp_path / "none").delete("DEMO.LOCAL", "1d")


def test_bars_go_with_their_own_instrument_only(tmp_path: Path) -> None:
    with pytest.raises(InstrumentMismatch):
        Catalog(tmp_path).write(make_bars(), make_instrument("OTHER.LOCAL"), source="a test")


def test_no_bars_are_not_stored(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)

    with pytest.raises(EmptyRange):
        catalog.write(make_bars()[:0], make_instrument(), source="a test")

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_an_extra_may_not_pose_as_a_price(tmp_path: Path) -> None:
    bars = replace(make_bars(), extras={"close": make_bars().open})

    with pytest.raises(ReservedColumn):
        Catalog(tmp_path).write(bars, make_instrument(), source="a test")


def test_a_read_only_catalog_takes_no_changes(tmp_path: Path) -> None:
    store(Catalog(tmp_path), ("DEMO.LOCAL", "1d"))
    catalog = Catalog(tmp_path, is_writable=False)

    with pytest.raises(ReadOnlyCatalog):
        catalog.write(make_bars(), make_instrument(), source="a test")
    with pytest.raises(ReadOnlyCatalog):
        catalog.delete("DEMO.LOCAL", "1d")


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "bars").write_text("a file where a folder belongs")

    with pytest.raises(CatalogUnwritable, match="DEMO/1d"):
        Catalog(tmp_path).write(make_bars(), make_instrument(), source="a test")


def test_a_file_moved_to_another_symbol_is_noticed(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    store(catalog, ("a.LOCAL", "1d"), ("b.LOCAL", "1d"))

    shutil.copytree(
        catalog.info("a.LOCAL").location, catalog.info("b.LOCAL").location, dirs_exist_ok=True
    )

    with pytest.raises(CorruptDataset, match=r"it holds 1d bars of a\.LOCAL"):
        catalog.read("b.LOCAL")
