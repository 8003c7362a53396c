"""Datasets of schema 1, one file each, are read, and become those of today when they change."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quantloom.data import Catalog, CorruptDataset, DatasetNotFound
from quantloom.data.extracts import ask
from quantloom.market import EmptyRange

_FILE = Path(__file__).parent / "schema_1.parquet"


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    folder = tmp_path / "bars" / "LOCAL" / "DEMO"
    folder.mkdir(parents=True)
    shutil.copy(_FILE, folder / "1d.parquet")
    return Catalog(tmp_path)


def test_they_are_listed_described_and_read(catalog: Catalog) -> None:
    info = catalog.info("DEMO.LOCAL")

    assert catalog.list() == (info,)
    assert (info.rows, info.digest, info.source) == (30, "", "a test")
    bars = catalog.read("DEMO.LOCAL")
    assert len(bars) == 30
    assert bars.extras["open_interest"][0] == 7.0
    assert not catalog.read("DEMO.LOCAL", extras=False).extras
    assert catalog.read("DEMO.LOCAL", last=4).digest() == bars[-4:].digest()
    with pytest.raises(EmptyRange):
        catalog.read("DEMO.LOCAL", end=datetime(1990, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("change", ["compact", "write"])
def test_a_change_makes_them_datasets_of_today(change: str, catalog: Catalog) -> None:
    old, info = catalog.read("DEMO.LOCAL"), catalog.info("DEMO.LOCAL")

    if change == "compact":
        catalog.compact("DEMO.LOCAL", "1d")
    else:
        catalog.write(old, info.instrument, source=info.source)

    assert [path.name for path in catalog.root.rglob("*.parquet")] != ["1d.parquet"]
    assert len(catalog.list()) == 1
    assert catalog.read("DEMO.LOCAL").digest() == old.digest() == catalog.info("DEMO.LOCAL").digest
    assert catalog.info("DEMO.LOCAL").instrument == info.instrument


def test_rows_can_be_added_to_them(catalog: Catalog) -> None:
    old = catalog.read("DEMO.LOCAL")

    done = catalog.upsert(old[10:])

    assert (done.added, done.changed, done.unchanged) == (0, 0, 20)
    assert done.info.digest == old.digest()


def test_they_can_be_deleted(catalog: Catalog) -> None:
    catalog.delete("DEMO.LOCAL", "1d")

    with pytest.raises(DatasetNotFound):
        catalog.read("DEMO.LOCAL")


def test_damage_is_noticed(catalog: Catalog) -> None:
    path = catalog.root / "bars" / "LOCAL" / "DEMO" / "1d.parquet"
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(CorruptDataset):
        catalog.read("DEMO.LOCAL", "1d")
    assert len(catalog.damaged()) == 1


def test_one_of_today_hides_one_that_a_crash_left_behind(catalog: Catalog) -> None:
    old = catalog.read("DEMO.LOCAL")
    catalog.write(old[:5], catalog.instrument("DEMO.LOCAL"), source="new")
    shutil.copy(_FILE, catalog.root / "bars" / "LOCAL" / "DEMO" / "1d.parquet")

    assert len(catalog.read("DEMO.LOCAL")) == 5
    assert [info.rows for info in catalog.list()] == [5]


def test_sql_reads_them_as_they_are(catalog: Catalog) -> None:
    bars = catalog.read("DEMO.LOCAL")
    catalog.write(bars[:5], catalog.instrument("DEMO.LOCAL"), source="new")
    other = catalog.root / "bars" / "LOCAL" / "DEMO" / "1w.parquet"
    shutil.copy(_FILE, other.with_name("1d.parquet"))  # a crash left it, and it does not count
    other.write_bytes(b"damaged")
    query = "select count(*) n, sum(close) s, max(open_interest) o, min(ts) t from bars"

    hidden = ask(catalog, query).to_pylist()
    shutil.rmtree(catalog.root / "bars" / "LOCAL" / "DEMO" / "1d")
    found = ask(catalog, query).to_pylist()

    assert hidden[0]["n"] == 5
    assert found[0]["n"] == 30
    assert found[0]["s"] == pytest.approx(float(bars.close.sum()))
    assert found[0]["o"] == bars.extras["open_interest"].max()
    assert found[0]["t"].value == int(bars.ts[0])
    assert ask(catalog, "select part, rows, digest from datasets").to_pylist() == [
        {"part": "1d", "rows": 30, "digest": ""}
    ]
