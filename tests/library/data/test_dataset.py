import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quantloom.data import Catalog, CorruptDataset, SchemaTooNew
from quantloom.data.store.legacy import read_record
from quantloom.data.store.manifest import MANIFEST, decode, encode
from tests.library.data.builders import make_bars, make_instrument, pieces_of, store


def files_of(catalog: Catalog) -> list[Path]:
    """The manifest and the piece of the dataset."""
    folder = Path(catalog.info("DEMO.LOCAL").location)
    return [folder / MANIFEST, *pieces_of(catalog.info("DEMO.LOCAL"))]


def piece_of(catalog: Catalog) -> Path:
    (piece,) = pieces_of(catalog.info("DEMO.LOCAL"))
    return piece


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path)
    store(catalog, ("DEMO.LOCAL", "1d"), n=300)
    return catalog


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(is_piece=st.booleans(), where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_harmless(
    is_piece: bool, where: float, flip: int, catalog: Catalog
) -> None:
    path = files_of(catalog)[is_piece]
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
    path = piece_of(catalog)
    path.write_bytes(path.read_bytes().replace(name, name[:-1] + b"\xff"))

    with pytest.raises(CorruptDataset):
        catalog.read("DEMO.LOCAL")


@pytest.mark.parametrize("size", [0, 3, 8, 500, -1])
def test_a_cut_off_file_is_corrupt(size: int, catalog: Catalog) -> None:
    path = piece_of(catalog)
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(CorruptDataset, match="is damaged"):
        catalog.read("DEMO.LOCAL")


@pytest.mark.parametrize("size", [0, 3, 8, 100, -1])
def test_a_cut_off_manifest_is_corrupt(size: int, catalog: Catalog) -> None:
    path = files_of(catalog)[0]
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(CorruptDataset, match="is damaged"):
        catalog.read("DEMO.LOCAL")
    assert [str(path) in str(error) for error in catalog.damaged()] == [True]
    assert catalog.list() == ()


def test_a_missing_piece_is_told(catalog: Catalog) -> None:
    piece_of(catalog).unlink()

    with pytest.raises(CorruptDataset, match="a piece is missing"):
        catalog.read("DEMO.LOCAL")


def test_the_piece_of_another_dataset_is_noticed(catalog: Catalog) -> None:
    store(catalog, ("OTHER.LOCAL", "1d"), n=300)
    (other,) = pieces_of(catalog.info("OTHER.LOCAL"))
    piece_of(catalog).write_bytes(other.read_bytes())

    with pytest.raises(CorruptDataset, match=r"it holds 1d bars of OTHER\.LOCAL"):
        catalog.read("DEMO.LOCAL")


@pytest.mark.parametrize("place", [0, 1])
def test_a_corrupt_dataset_is_replaced_by_a_write(place: int, catalog: Catalog) -> None:
    files_of(catalog)[place].write_bytes(b"junk")

    store(catalog, ("DEMO.LOCAL", "1d"))

    assert len(catalog.read("DEMO.LOCAL")) == 5


@pytest.mark.parametrize("place", [0, 1])
def test_a_corrupt_dataset_can_be_deleted_and_written_again(place: int, catalog: Catalog) -> None:
    files_of(catalog)[place].write_bytes(b"junk")

    catalog.delete("DEMO.LOCAL", "1d")
    store(catalog, ("DEMO.LOCAL", "1d"))

    assert len(catalog.read("DEMO.LOCAL")) == 5


def test_a_foreign_parquet_file_is_no_dataset(catalog: Catalog) -> None:
    path = piece_of(catalog)
    pq.write_table(pa.table({"ts": [1, 2]}), path)

    with pytest.raises(CorruptDataset, match="no quantloom record"):
        catalog.read("DEMO.LOCAL")


def test_a_later_schema_asks_for_an_upgrade(catalog: Catalog) -> None:
    path = files_of(catalog)[0]
    path.write_bytes(encode(replace(decode(path.read_bytes(), "x"), schema=3)))

    with pytest.raises(SchemaTooNew, match="schema 3"):
        catalog.read("DEMO.LOCAL")


def test_the_file_is_plain_parquet_for_other_tools(catalog: Catalog) -> None:
    table = pq.read_table(piece_of(catalog))

    assert table.column_names == ["ts", "open", "high", "low", "close", "volume"]
    assert table.schema.field("ts").type == pa.timestamp("ns", "UTC")


def test_the_columns_are_stored_as_promised(catalog: Catalog) -> None:
    metadata = pq.read_metadata(piece_of(catalog))
    group = metadata.row_group(0)

    columns = [group.column(place) for place in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert all("DELTA_BINARY_PACKED" in column.encodings for column in columns)
    assert not any(column.has_dictionary_page for column in columns)
    assert [str(metadata.schema.column(place).logical_type) for place in (1, 5)] == [
        "Decimal(precision=16, scale=2)",
        "Decimal(precision=16, scale=0)",
    ]
    record = json.loads((metadata.metadata or {})[b"quantloom"])
    assert record["subject"] == {"kind": "bars", "symbol": "DEMO.LOCAL", "part": "1d"}


def test_numbers_that_are_no_decimals_are_stored_as_they_are(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(100)
    odd = np.random.default_rng(1).random(100)
    odd[3] = -0.0
    catalog.write(replace(bars, extras={"odd": odd}), make_instrument(), source="x")

    group = pq.read_metadata(piece_of(catalog)).row_group(0)

    assert "BYTE_STREAM_SPLIT" in group.column(6).encodings
    read = catalog.read("DEMO.LOCAL").extras["odd"]
    assert read.tobytes() == odd.tobytes()


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        catalog = Catalog(tmp_path / name)
        store(catalog, ("DEMO.LOCAL", "1d"))
        files.append([path.read_bytes() for path in files_of(catalog)])

    assert files[0] == files[1]


@pytest.mark.untraced
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

    assert pq.read_metadata(piece_of(catalog)).num_row_groups == 4
    assert catalog.read("DEMO.LOCAL").digest() == bars.digest()
