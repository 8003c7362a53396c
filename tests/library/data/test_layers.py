from pathlib import Path

import pytest

from quantloom.data import (
    Catalog,
    Catalogs,
    DatasetNotFound,
    ReadOnlyCatalog,
    TicksNotFound,
    demo_catalog,
    open_catalog,
)
from tests.library.data.builders import make_bars, make_instrument, make_ticks, store


def test_the_demonstration_set_is_there_without_a_catalog_of_ones_own() -> None:
    catalog = open_catalog()

    assert len(catalog.read("rb-MAIN.SHFE", "1d")) == 1404
    assert catalog.list() == demo_catalog().list()


def test_ones_own_bars_hide_those_of_the_demonstration_set(tmp_path: Path) -> None:
    own = make_bars(symbol="AAPL.NASDAQ")
    catalog = open_catalog(tmp_path)

    catalog.write(own, make_instrument("AAPL.NASDAQ"), source="mine")

    assert catalog.read("AAPL.NASDAQ").digest() == own.digest()
    assert catalog.info("AAPL.NASDAQ", "1d").source == "mine"
    assert catalog.instrument("AAPL.NASDAQ").tick_size == make_instrument().tick_size
    assert [info.source for info in catalog.list() if info.symbol == "AAPL.NASDAQ"] == ["mine"]


def test_another_timeframe_still_comes_from_the_demonstration_set(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    store(catalog.layers[0], ("rb-MAIN.SHFE", "1h"))

    assert [str(one) for one in catalog.timeframes("rb-MAIN.SHFE")] == ["5m", "1h", "1d"]
    assert len(catalog.read("rb-MAIN.SHFE", "1d")) == 1404
    assert str(catalog.read("rb-MAIN.SHFE").timeframe) == "1h"


def test_what_no_catalog_has_is_sought_in_all(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    store(catalog.layers[0], ("rb2410.SHFE", "1d"))

    with pytest.raises(DatasetNotFound, match=r"rb2410\.SHFE") as caught:
        catalog.read("rb2411.SHFE")
    with pytest.raises(DatasetNotFound, match="there are 5m, 1d bars"):
        catalog.read("rb-MAIN.SHFE", "1w")

    assert caught.value.similar[0] == "rb2410.SHFE"
    assert {"rb2410.SHFE", "SPY.ARCA"} <= set(catalog.symbols())


def test_the_demonstration_set_cannot_be_changed(tmp_path: Path) -> None:
    with pytest.raises(ReadOnlyCatalog):
        open_catalog().write(make_bars(), make_instrument(), source="mine")
    with pytest.raises(ReadOnlyCatalog):
        open_catalog(tmp_path).delete("AAPL.NASDAQ", "1d")
    with pytest.raises(DatasetNotFound):
        open_catalog(tmp_path).delete("AAPL.NASDAQ", "1w")


def test_ones_own_bars_can_be_deleted_to_see_the_demonstration_set_again(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    store(catalog.layers[0], ("AAPL.NASDAQ", "1d"))

    catalog.delete("AAPL.NASDAQ", "1d")

    assert len(catalog.read("AAPL.NASDAQ")) == 1569


def test_the_place_of_a_catalog_may_be_text(tmp_path: Path) -> None:
    store(Catalog(tmp_path), ("DEMO.LOCAL", "1d"))

    assert len(open_catalog(str(tmp_path)).read("DEMO.LOCAL")) == 5


def test_opening_makes_no_folder(tmp_path: Path) -> None:
    root = tmp_path / "later"

    open_catalog(root).list()

    assert not root.exists()
    assert isinstance(open_catalog(root).layers[0], Catalog)


def test_ticks_grow_and_go_in_ones_own_catalog(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    ticks = make_ticks(30)
    catalog.write_ticks(ticks[:10], make_instrument(), source="x")

    catalog.append_ticks(ticks[10:20])
    info = catalog.upsert_ticks(ticks[15:])

    assert info.digest == ticks.digest() == catalog.read_ticks("DEMO.LOCAL").digest()
    assert catalog.list_ticks() == (info,)
    assert catalog.compact_ticks("DEMO.LOCAL", "trades").info.rows == 30
    catalog.delete_ticks("DEMO.LOCAL", "trades")
    assert catalog.list_ticks() == ()
    with pytest.raises(TicksNotFound):
        catalog.delete_ticks("DEMO.LOCAL", "trades")


def test_ticks_of_a_later_catalog_are_read_and_stay(tmp_path: Path) -> None:
    later = Catalog(tmp_path / "later")
    later.write_ticks(make_ticks(5), make_instrument(), source="x")
    both = Catalogs((Catalog(tmp_path / "own"), later))

    assert len(both.read_ticks("DEMO.LOCAL")) == 5
    with pytest.raises(ReadOnlyCatalog):
        both.delete_ticks("DEMO.LOCAL", "trades")
    both.write_ticks(make_ticks(3), make_instrument(), source="mine")
    assert len(both.read_ticks("DEMO.LOCAL")) == 3
    assert [info.source for info in both.list_ticks()] == ["mine"]
