import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantloom.data import Catalog, CorruptDataset, SchemaTooNew
from quantloom.data.dataset import read_record
from tests.library.data.builders import make_bars, make_instrument, store


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"), n=300)
    return catalog


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_harmless(where: float, flip: int, catalog: Catalog) -> None:
    path = catalog.info("DEMO.LOCAL").path
    whole = path.read_bytes()
    digest, instrument = catalog.info("DEMO.LOCAL").digest, catalog.instrument("DEMO.LOCAL")
    place = int(where * len(whole))
    path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])

    try:
        found = (catalog.read("DEMO.LOCAL").digest(), catalog.instrument("DEMO.LOCAL"))
    except CorruptDataset as problem:
        error: CorruptDataset | None = problem
    else:
        error = None
        assert found == (digest, instrument)
    finally:
        path.write_bytes(whole)
    assert error is None or f"{path} is damaged" in str(error)


@pytest.mark.parametrize("name", [b"ts", b"open", b"volume"])
def test_a_damaged_column_name_is_noticed(name: bytes, catalog: Catalog) -> None:
    path = catalog.info("DEMO.LOCAL").path
    path.write_bytes(path.read_bytes().replace(name, name[:-1] + b"\xff"))

    with pytest.raises(CorruptDataset):
        catalog.read("DEMO.LOCAL")


@pytest.mark.parametrize("size", [0, 3, 8, 500, -1])
def test_a_cut_off_file_is_corrupt(size: int, catalog: Catalog) -> None:
    path = catalog.info("DEMO.LOCAL").path
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(CorruptDataset, match="is damaged"):
        catalog.read("DEMO.LOCAL")
    assert [str(path) in str(error) for error in catalog.damaged()] == [True]
    assert path not in [info.path for info in catalog.list()]


def test_a_corrupt_dataset_can_be_deleted_and_written_again(catalog: Catalog) -> None:
    catalog.info("DEMO.LOCAL").path.write_bytes(b"junk")

    catalog.delete("DEMO.LOCAL", "1d")
    store(catalog, ("DEMO.LOCAL", "1d"))

    assert len(catalog.read("DEMO.LOCAL")) == 5


def test_a_foreign_parquet_file_is_no_dataset(catalog: Catalog) -> None:
    path = catalog.info("DEMO.LOCAL").path
    pq.write_table(pa.table({"ts": [1, 2]}), path)

    with pytest.raises(CorruptDataset, match="no quantloom record"):
        catalog.read("DEMO.LOCAL")


def test_a_later_schema_asks_for_an_upgrade(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quantloom.data.dataset.SCHEMA", 2)
    store(catalog, ("DEMO.LOCAL", "1d"))
    monkeypatch.undo()

    with pytest.raises(SchemaTooNew, match="schema 2"):
        catalog.read("DEMO.LOCAL")


def test_the_file_is_plain_parquet_for_other_tools(catalog: Catalog) -> None:
    table = pq.read_table(catalog.info("DEMO.LOCAL").path)

    assert table.column_names == ["ts", "open", "high", "low", "close", "volume"]
    assert table.schema.field("ts").type == pa.timestamp("ns", "UTC")


def test_the_columns_are_stored_as_promised(catalog: Catalog) -> None:
    metadata = pq.read_metadata(catalog.info("DEMO.LOCAL").path)
    group = metadata.row_group(0)

    columns = [group.column(place) for place in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert "DELTA_BINARY_PACKED" in columns[0].encodings
    assert all("BYTE_STREAM_SPLIT" in column.encodings for column in columns[1:])
    assert not any(column.has_dictionary_page for column in columns)
    record = json.loads((metadata.metadata or {})[b"quantloom"])
    assert record["schema"] == 1
    assert record["instrument"]["tick_size"] == "0.01"


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        catalog = Catalog(tmp_path / name)
        store(catalog, ("DEMO.LOCAL", "1d"))
        files.append(catalog.info("DEMO.LOCAL").path.read_bytes())

    assert files[0] == files[1]


def test_reading_loads_no_pandas(catalog: Catalog) -> None:
    program = (
        "import sys; from pathlib import Path; from quantloom.data import Catalog;"
        f"c = Catalog(Path({str(catalog.root)!r})); c.read('DEMO.LOCAL'); c.list();"
        "print('pandas' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )

    assert done.stdout.strip() == "False"


def test_a_missing_file_is_not_called_corrupt(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_record(tmp_path / "none.parquet")


def test_many_row_groups_are_one_column(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    bars = make_bars(100_000, timeframe="1m")

    catalog.write(bars, make_instrument(), source="a test")

    assert pq.read_metadata(catalog.info("DEMO.LOCAL").path).num_row_groups == 4
    assert catalog.read("DEMO.LOCAL").digest() == bars.digest()
