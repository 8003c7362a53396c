"""Files whose cells have types: Parquet, Feather, JSON, workbooks, HDF5 and WonderTrader's."""

import gzip
import importlib
import json
import struct
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from quantloom.data.readers import RawTable, UnreadableFile, elements, hdf5, open_tables
from quantloom.data.readers.extras import PackageMissing
from quantloom.data.readers.raw import NoTable
from quantloom.data.readers.streams import Source
from tests.library.data.readers.cells import cells, open_one

TABLE = pa.table(
    {
        " open ": [1.5, 2.5, None],
        "name": pa.array(["浦发", " b ", ""]).dictionary_encode(),
        "__index_level_0__": pa.array([1, 2, 3], pa.timestamp("ms")),
        "volume": pa.array([1, 2, 3], pa.decimal128(9, 2)),
    }
)


def save_parquet(path: Path) -> None:
    pq.write_table(TABLE, path)


def save_feather(path: Path) -> None:
    pyarrow.feather.write_feather(TABLE, str(path))


def save_stream(path: Path) -> None:
    with pa.ipc.new_stream(str(path), TABLE.schema) as writer:
        writer.write_table(TABLE)


@pytest.mark.parametrize("save", [save_parquet, save_feather, save_stream])
@pytest.mark.parametrize("packing", [None, "gzip", "zip"])
def test_columns_keep_their_types_and_lose_the_ways_of_storing(
    tmp_path: Path, save: Any, packing: str | None
) -> None:
    path = tmp_path / "table"
    save(path)
    if packing == "gzip":
        path.write_bytes(gzip.compress(path.read_bytes()))
    elif packing == "zip":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.write(path, "inner")
        path = tmp_path / "a.zip"

    (table,) = open_tables(path)

    assert table.columns == ("open", "name", "", "volume")
    assert table.form.compression == packing
    sample = table.sample(2)
    assert sample.schema.types == [pa.float64(), pa.string(), pa.timestamp("ms"), pa.float64()]
    assert sample.num_rows == 2
    assert [row[:2] for row in cells(table)] == [(1.5, "浦发"), (2.5, "b"), (None, None)]


def test_typed_cells_are_cast_to_what_is_wanted(tmp_path: Path) -> None:
    save_parquet(tmp_path / "table")
    (table,) = open_tables(tmp_path / "table")

    (as_text,) = table.batches([pa.string(), None, None, pa.int64()])
    (worded,) = table.batches([None, pa.int64(), None, pa.float64()])

    assert as_text.schema.types == [pa.string(), pa.int64()]
    assert as_text.column(0).to_pylist() == ["1.5", "2.5", None]
    assert worded.schema.names == ["1", "3"]
    assert worded.schema.types == [pa.string(), pa.string()]


def test_columns_that_are_called_the_same_stay_apart(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "table")
    (table,) = open_tables(tmp_path / "table")

    (batch,) = table.batches([None, pa.int64()])

    assert table.columns == ("a", "a")
    assert batch.column(0).to_pylist() == [3, 4]


def test_many_rows_come_in_bounded_batches(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"a": pa.array(range(300_000))}), tmp_path / "table", row_group_size=10**6
    )
    (table,) = open_tables(tmp_path / "table")

    sizes = [batch.num_rows for batch in table.batches()]

    assert (sum(sizes), max(sizes)) == (300_000, 1 << 16)
    assert table.done_bytes == table.size_bytes


@pytest.mark.parametrize("save", [save_parquet, save_feather, save_stream])
def test_cut_files_of_columns_are_refused(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()

    with pytest.raises(UnreadableFile, match="damaged"):
        cells(open_one(tmp_path, content[: len(content) - 300]))


LISTS: list[list[Any]] = [[1, 1.5, "a"], [2, 2.0, None], [3, 4.25, "c"]]
RECORDS = [dict(zip("tpn", row, strict=True)) for row in LISTS]
ROWS: list[tuple[Any, ...]] = [tuple(row) for row in LISTS]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        (json.dumps(LISTS), ("", "", "")),
        (json.dumps(LISTS, indent=2), ("", "", "")),
        ("\n".join(map(json.dumps, LISTS)), ("", "", "")),
        (json.dumps(RECORDS), ("t", "p", "n")),
        ("\n".join(map(json.dumps, RECORDS)) + "\n", ("t", "p", "n")),
        (json.dumps({"columns": ["t", "p", "n"], "data": LISTS}), ("t", "p", "n")),
        (json.dumps({k: [r[k] for r in RECORDS] for k in "tpn"}), ("t", "p", "n")),
        (json.dumps({"s": "ok", **{k: [r[k] for r in RECORDS] for k in "tpn"}}), ("t", "p", "n")),
        (json.dumps({"code": 0, "data": {"items": LISTS}}), ("", "", "")),
        (json.dumps({"code": 0, "data": RECORDS, "log": []}), ("t", "p", "n")),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_of_any_shape_is_read(
    tmp_path: Path, content: str, columns: tuple[str, ...], encoding: str
) -> None:
    table = open_one(tmp_path, content.encode(encoding))

    assert (table.form.kind, table.columns) == ("json", columns)
    assert table.sample().schema.types == [pa.int64(), pa.float64(), pa.string()]
    assert cells(table) == ROWS


@pytest.mark.parametrize(
    "content",
    [
        {"2024-01-02": {"p": 1.5}, "2024-01-03": {"p": 2.5}},
        {"p": {"2024-01-02": 1.5, "2024-01-03": 2.5}, "q": {"2024-01-02": 1, "2024-01-03": 2}},
        {"Meta": {"a": "b"}, "Daily": {"2024-01-02": {"p": 1.5}, "2024-01-03": {"p": 2.5}}},
        {"columns": ["p"], "index": ["2024-01-02", "2024-01-03"], "data": [[1.5], [2.5]]},
    ],
)
def test_json_by_key_has_the_keys_in_a_column_without_name(tmp_path: Path, content: Any) -> None:
    table = open_one(tmp_path, json.dumps(content))

    assert table.columns[:2] == ("", "p")
    assert [row[:2] for row in cells(table)] == [("2024-01-02", 1.5), ("2024-01-03", 2.5)]


def test_records_in_records_are_laid_flat_and_lists_kept_as_json(tmp_path: Path) -> None:
    record = {"ts": 1, "data": {"s": "X", "b": [["1.5", "2"]]}}

    table = open_one(tmp_path, json.dumps([record, record]))

    assert table.columns == ("ts", "data.s", "data.b")
    assert cells(table)[0] == (1, "X", '[["1.5","2"]]')


def test_long_json_comes_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elements, "_BLOCK", 1 << 14)
    rows = [[number, f"],[{number}", [[number, number]]] for number in range(20_000)]

    table = open_one(tmp_path, json.dumps(rows))

    batches = list(table.batches([pa.int64(), None, None]))
    assert len(batches) > 2
    assert [n for batch in batches for n in batch.column(0).to_pylist()] == list(range(20_000))


def test_json_that_ends_in_the_middle_is_read_up_to_there(tmp_path: Path) -> None:
    table = open_one(tmp_path, json.dumps(LISTS)[:-8])

    assert cells(table) == ROWS[:2]
    assert "ends in the middle" in table.damage[0]


def test_rows_of_another_width_are_torn(tmp_path: Path) -> None:
    table = open_one(tmp_path, json.dumps([*LISTS, [1, 2], "x", *LISTS]))

    assert cells(table) == ROWS * 2
    assert table.torn == 2


@pytest.mark.parametrize("content", ["[]", "{}", "[1, 2]", '["a", "b"]', '{"a": 1}', '[{"a": '])
def test_json_without_rows_is_no_table(tmp_path: Path, content: str) -> None:
    with pytest.raises(NoTable):
        open_one(tmp_path, content)


@pytest.mark.parametrize("content", ['[[1,2],[3,"a],[5,6]]', '{"a": [1, 2', "[" * 100_000])
def test_broken_json_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(UnreadableFile):
        cells(open_one(tmp_path, content))


def save_book(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in (
        ["Prices of the year"],
        [],
        ["time", "code", "close", None],
        [datetime(2024, 1, 2, 9, 30), 600000, 10.5],  # noqa: DTZ001 -- as sheets hold them
        [datetime(2024, 1, 2, 9, 31), 600000, None],  # noqa: DTZ001
    ):
        sheet.append(row)
    book.create_sheet("empty")
    days = book.create_sheet("日线")
    days.append(["日期", "备注"])
    days.append([date(2024, 1, 2), "x"])
    book.save(path)


def test_each_sheet_with_rows_is_a_table(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    save_book(tmp_path / "book")

    prices, days = open_tables(tmp_path / "book")

    assert (prices.form.kind, prices.form.member, days.form.member) == ("excel", "Sheet", "日线")
    assert (prices.columns, days.columns) == (("time", "code", "close"), ("日期", "备注"))
    assert cells(prices)[0] == (datetime(2024, 1, 2, 9, 30), 600000, 10.5)  # noqa: DTZ001
    assert cells(prices)[1][2] is None
    assert cells(days) == [(date(2024, 1, 2), "x")]


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("python_calamine")
    with zipfile.ZipFile(tmp_path / "book", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook")

    with pytest.raises(UnreadableFile):
        open_tables(tmp_path / "book")


def make_hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    pytest.importorskip("hdf5plugin")
    stamps = np.array([1704187800 * 10**9, 1704187860 * 10**9])
    with h5py.File(path, "w") as file:
        rows = np.zeros(2, [("index", "i8"), ("values_block_0", "f8", 2), ("date", "i8")])
        rows["values_block_0"], rows["date"] = [[1.5, 10], [2.5, 20]], stamps
        frame = file.create_group("BTC/5m")
        frame.attrs["pandas_type"] = np.bytes_(b"frame_table")
        frame.attrs["info"] = np.bytes_(b"(dp0\nVdate\n(dp1\nVtz\np2\nVUTC\np3\nss.")
        table = frame.create_dataset("table", data=rows)
        table.attrs["values_block_0_kind"] = np.bytes_(b"(lp0\nVopen\np1\naVvolume\np2\na.")
        table.attrs["date_kind"] = np.bytes_(b"(lp0\nVdate\np1\na.")
        table.attrs["date_dtype"] = np.bytes_(b"datetime64")
        file["plain"] = np.array([(1, b"x")], [("ts", "i8"), ("name", "S4")])
        file["outside"] = h5py.ExternalLink("other.h5", "/plain")
        file["soft"] = h5py.SoftLink("/plain")


def test_tables_of_pandas_and_records_are_found_in_hdf5(tmp_path: Path) -> None:
    make_hdf5(tmp_path / "data")

    frame, plain = open_tables(tmp_path / "data")

    assert (frame.form.member, frame.columns) == ("/BTC/5m", ("", "open", "volume", "date"))
    assert cells(frame)[0][1:] == (1.5, 10.0, datetime(2024, 1, 2, 9, 30, tzinfo=UTC))
    assert (plain.form.member, cells(plain)) == ("/plain", [(1, "x")])


def test_a_pickle_in_hdf5_is_never_run(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    make_hdf5(tmp_path / "data")
    mark = tmp_path / "ran"
    with h5py.File(tmp_path / "data", "r+") as file:
        evil = f"cpathlib\nPath\n(V{mark}\ntR.".encode()
        file["BTC/5m/table"].attrs["values_block_0_kind"] = np.bytes_(evil)

    frame = open_tables(tmp_path / "data")[0]

    assert len(cells(frame)) == 2
    assert not mark.exists()


def test_a_kind_whose_package_is_missing_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise ImportError(name)

    save_book(tmp_path / "book")
    monkeypatch.setattr(importlib, "import_module", fail)

    with pytest.raises(PackageMissing, match=r"quantloom\[excel\]"):
        open_tables(tmp_path / "book")
    with pytest.raises(PackageMissing, match=r"quantloom\[hdf5\]"):
        hdf5.open_hdf5(Source(path=tmp_path / "data"))


def bars(count: int, *, aligned: bool) -> bytes:
    fields = "<I4xQ9d" if aligned else "<IQ9d"
    minute = 34_01_02_09_31  # 2024-01-02 09:31 since 1990
    row = struct.pack(fields, 20240102, minute, 1, 4, 0.5, 2, 1.7976931348623157e308, 9, 7, 6, -5)
    return row * count


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_newer_bars_of_wondertrader_are_read(tmp_path: Path, aligned: bool, packed: bool) -> None:
    body = bars(5000, aligned=aligned)
    squeezed = pa.compress(body, codec="zstd", asbytes=True)
    head = struct.pack("<8sHH", b"&^%$#@!\0", 21, 4 if packed else 3)
    tail = struct.pack("<Q", len(squeezed)) + squeezed if packed else body

    table = open_one(tmp_path, head + tail)

    rows = cells(table)
    assert len(rows) == 5000
    assert rows[0][:2] == (datetime(2024, 1, 2, 9, 31), date(2024, 1, 2))  # noqa: DTZ001
    assert dict(zip(table.columns, rows[0], strict=True)) | {"time": 0, "trading_day": 0} == {
        "time": 0,
        "trading_day": 0,
        "open": 1.0,
        "high": 4.0,
        "low": 0.5,
        "close": 2.0,
        "settle": None,
        "turnover": 9.0,
        "volume": 7.0,
        "open_interest": 6.0,
        "open_interest_change": -5.0,
    }


def test_a_cut_block_of_wondertrader_is_read_up_to_there(tmp_path: Path) -> None:
    head = struct.pack("<8sHH", b"&^%$#@!\0", 21, 3)

    table = open_one(tmp_path, head + bars(10, aligned=True)[:-20])

    assert (len(cells(table)), table.torn) == (9, 1)


def test_other_blocks_of_wondertrader_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="kind 27"):
        open_one(tmp_path, struct.pack("<8sHHQ", b"&^%$#@!\0", 27, 2, 0))


def test_tables_satisfy_the_protocol(tmp_path: Path) -> None:
    table: RawTable = open_one(tmp_path, json.dumps(LISTS))

    assert (table.size_bytes, table.done_bytes, table.torn) == (len(json.dumps(LISTS)), 0, 0)


def test_names_that_are_no_text_are_damage(tmp_path: Path) -> None:
    save_feather(feather := tmp_path / "turned.feather")
    feather.write_bytes(feather.read_bytes().replace(b"volume", b"vol\xd6me"))
    with zipfile.ZipFile(archive := tmp_path / "turned.zip", "w") as packed:
        info = zipfile.ZipInfo("kürs.csv")  # outside ASCII, so that it is marked as UTF-8
        packed.writestr(info, "date,open,high,low,close\n2024-01-02,1,1,1,1\n")
    turned = archive.read_bytes().replace("kürs".encode(), b"k\xcb\x20rs", 1)
    archive.write_bytes(turned)

    for path in (feather, archive):
        with pytest.raises(UnreadableFile, match="damaged"):
            open_tables(path)
