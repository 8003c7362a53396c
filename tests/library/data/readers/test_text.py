import bz2
import gzip
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from quantloom.data.readers import (
    RUNS_OF_SPACE,
    FileNotThere,
    Form,
    UnreadableFile,
    blocks,
    open_tables,
    streams,
)
from quantloom.data.readers.raw import NoTable
from tests.library.data.readers.cells import HEADER, ROWS, cells, open_one, rows_of, text_of, write

TYPES: list[pa.DataType | None] = [pa.timestamp("us"), *[pa.float64()] * 5]
NAMES = ("date", "open", "high", "low", "close", "volume")
EXPECTED = [tuple(row.split(",")) for row in ROWS]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found(tmp_path: Path, separator: str) -> None:
    table = open_one(tmp_path, text_of(*ROWS).replace(",", separator))

    assert (table.columns, table.form.separator) == (NAMES, separator)
    assert cells(table) == EXPECTED


def test_runs_of_space_are_one_separator(tmp_path: Path) -> None:
    table = open_one(tmp_path, "  " + text_of(*ROWS).replace(",", "   ").replace("\n", " \n  "))

    assert (table.columns, table.form.separator) == (NAMES, RUNS_OF_SPACE)
    assert cells(table) == EXPECTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    text = text_of(*(f"{row},浦发银行" for row in ROWS), header="日期,开盘,最高,最低,收盘,量,名称")

    table = open_one(tmp_path, text.encode(encoding))

    assert table.columns == ("日期", "开盘", "最高", "最低", "收盘", "量", "名称")
    assert cells(table) == [(*row, "浦发银行") for row in EXPECTED]


def test_western_accents_are_not_taken_for_chinese(tmp_path: Path) -> None:
    table = open_one(tmp_path, text_of(*ROWS, header="Dáta,Otevření,b,c,d,é").encode("cp1250"))

    assert table.form.encoding == "cp1252"
    assert table.columns[0] == "Dáta"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("some title\n\n" + text_of(*ROWS), NAMES),
        ("# one,two\n# three\n" + text_of(*ROWS), NAMES),
        ("#" + text_of(*ROWS), NAMES),
        ("sep=,\n" + text_of(*ROWS), NAMES),
        (text_of(*ROWS, header=None), ("",) * 6),
        (text_of(*ROWS, header="," + HEADER.partition(",")[2]), ("", *NAMES[1:])),
        (text_of(*ROWS, header=HEADER.partition(",")[2]), ("", *NAMES[1:])),
        (text_of(*ROWS, header="date,600000,000001,a,b,c"), ("date", "600000", "000001", *"abc")),
        (text_of(*ROWS, header=",0,1,2,3,4"), ("", "0", "1", "2", "3", "4")),
        (text_of(*ROWS, header="x,a,b,c,d,e\nTicker,S,S,S,S,S\nDate,,,,,"), ("Date", *"abcde")),
        (text_of(*ROWS, header="a,a,b,b,c,c"), ("a", "a", "b", "b", "c", "c")),
    ],
)
def test_names_stand_where_the_header_is(
    tmp_path: Path, text: str, columns: tuple[str, ...]
) -> None:
    table = open_one(tmp_path, text)

    assert table.columns == columns
    assert cells(table) == EXPECTED
    assert table.torn == 0


@pytest.mark.parametrize("header", [HEADER, HEADER + ","])
def test_a_separator_at_the_end_of_rows_makes_an_empty_column(tmp_path: Path, header: str) -> None:
    table = open_one(tmp_path, text_of(*(f"{row}," for row in ROWS), header=header))

    assert table.columns == (*NAMES, "")
    assert cells(table) == [(*row, None) for row in EXPECTED]


def test_quoted_cells_hold_separators_and_line_ends(tmp_path: Path) -> None:
    rows = [f'2024-01-0{day},"a, ""b""\nand c",{day}' for day in range(1, 9)]

    table = open_one(tmp_path, text_of(*rows, header="date,note,n"))

    assert cells(table)[2] == ("2024-01-03", 'a, "b"\nand c', "3")
    assert len(cells(table)) == 8


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n", "\r\r\n"])
def test_line_ends_of_any_kind_are_read(tmp_path: Path, end: str) -> None:
    table = open_one(tmp_path, end.join([HEADER, *ROWS]))

    assert (table.columns, cells(table)) == (NAMES, EXPECTED)


def test_line_ends_may_be_mixed(tmp_path: Path) -> None:
    table = open_one(
        tmp_path, HEADER + "\r\n" + "\n".join(ROWS[:5]) + "\r\n" + "\r\n".join(ROWS[5:])
    )

    assert cells(table) == EXPECTED


def test_wanted_types_are_given(tmp_path: Path) -> None:
    table = open_one(tmp_path, text_of(*ROWS, "2024-01-12,nan,,-,11,1e3"))

    (batch,) = table.batches(TYPES)

    assert batch.schema.types == TYPES
    assert [column.null_count for column in batch.columns] == [0, 1, 1, 1, 0, 0]
    assert batch.column(5)[-1].as_py() == 1000


def test_columns_that_nobody_wants_are_left_out(tmp_path: Path) -> None:
    (batch,) = open_one(tmp_path, text_of(*ROWS)).batches([None, pa.float64(), *[None] * 4])

    assert batch.schema.names == ["1"]


def test_cells_that_do_not_convert_make_strings_of_few_rows_alone(tmp_path: Path) -> None:
    rows = [*ROWS * 4000, "2024-01-01,?,12,9,11,100", *ROWS * 4000]

    batches = list(open_one(tmp_path, text_of(*rows)).batches(TYPES))

    worded = [batch for batch in batches if batch.schema.types != TYPES]
    assert sum(batch.num_rows for batch in batches) == 80_001
    assert 0 < sum(batch.num_rows for batch in worded) < 4000
    assert any("?" in batch.column(1).to_pylist() for batch in worded)


def test_rows_come_in_order_whatever_thread_read_them(tmp_path: Path) -> None:
    text = text_of(*(f"{number},a,b" for number in range(300_000)), header="n,x,y")

    batches = open_one(tmp_path, text).batches([pa.int64(), None, None])

    numbers = [number for batch in batches for number in batch.column(0).to_pylist()]
    assert numbers == list(range(300_000))


@pytest.mark.parametrize(
    ("cell", "separator", "value"),
    [
        ('"1,234.5"', ",", 1234.5),
        ("1.234,5", ";", 1234.5),
        ("12,5", ";", 12.5),
        ("1,234,567", "\t", 1234567.0),
    ],
)
def test_numbers_are_read_as_they_are_grouped(
    tmp_path: Path, cell: str, separator: str, value: float
) -> None:
    text = f"date{separator}price\n" + f"2024-01-02{separator}{cell}\n" * 3

    (batch,) = open_one(tmp_path, text).batches([pa.date32(), pa.float64()])

    assert batch.column(1).to_pylist() == [value] * 3


def test_torn_rows_are_counted(tmp_path: Path) -> None:
    table = open_one(tmp_path, text_of(*ROWS, "2024-01-12,1", "total,1,2,3,4,5,6,7"))

    assert cells(table) == EXPECTED
    assert table.torn == 2


def test_an_open_quotation_mark_does_not_swallow_what_follows(tmp_path: Path) -> None:
    rows = [*ROWS, '"2024-01-12,1,2,3,4,5', *ROWS * 3]

    assert len(cells(open_one(tmp_path, text_of(*rows)))) == 41


def test_nul_bytes_are_left_out(tmp_path: Path) -> None:
    table = open_one(tmp_path, text_of(*ROWS).encode() + b"\0" * 300)

    assert cells(table) == EXPECTED


def test_bytes_that_are_no_utf8_are_read_as_chinese(tmp_path: Path) -> None:
    late = text_of(*ROWS * 9000).encode() + "2024-02-01,浦发,1,1,1,1\n".encode("gb18030")

    assert cells(open_one(tmp_path, late))[-1][1] == "浦发"


def test_a_cell_of_ten_megabytes_is_read(tmp_path: Path) -> None:
    huge = f"2024-01-12,{'x' * 10_000_000},1,1,1,1"

    assert len(str(cells(open_one(tmp_path, text_of(*ROWS, huge)))[-1][1])) == 10_000_000


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LONGEST_LINE", 1 << 21)
    table = open_one(tmp_path, text_of(*ROWS).encode() + b"x" * (1 << 23))

    with pytest.raises(UnreadableFile, match="2 MiB"):
        cells(table)


def test_times_of_other_forms_are_read_by_their_format(tmp_path: Path) -> None:
    table = open_one(tmp_path, "time,price\n" + "2024/1/2 9:30,1\n" * 3)

    (batch,) = table.batches([pa.timestamp("s"), None], time_formats=["%Y/%m/%d %H:%M"])

    assert str(batch.column(0)[0]) == "2024-01-02 09:30:00"


def test_a_sample_has_rows_of_the_beginning_the_middle_and_the_end(tmp_path: Path) -> None:
    text = text_of(*(f"{number},a,b" for number in range(400_000)), header="n,x,y")

    numbers = [
        int(str(cell)) for cell in open_one(tmp_path, text).sample(100).column(0).to_pylist()
    ]

    assert len(numbers) == 100
    assert numbers[:50] == list(range(50))
    assert 150_000 < numbers[60] < 250_000
    assert numbers[-1] > 360_000


def test_a_known_form_is_obeyed(tmp_path: Path) -> None:
    path = write(tmp_path, text_of(*ROWS))
    form = Form(kind="text", encoding="utf-8", separator=",", has_header=False, skipped_lines=3)

    (table,) = open_tables(path, form=form)

    assert (table.columns, cells(table)) == (("",) * 6, EXPECTED[2:])


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "xz": lambda data: lzma.compress(data, preset=0),
    "zstd": lambda data: pa.compress(data, codec="zstd", asbytes=True),
    "lz4": lambda data: pa.compress(data, codec="lz4", asbytes=True),
}


@pytest.mark.parametrize("codec", PACKERS)
def test_packed_text_is_read_and_its_loss_told(tmp_path: Path, codec: str) -> None:
    values = np.random.default_rng(1).integers(10**9, size=60_000)
    text = text_of(*(f"2024-01-02,{n},{value},9,11,100" for n, value in enumerate(values))).encode()
    packed = PACKERS[codec](text)

    whole = open_one(tmp_path, packed)
    (cut,) = open_tables(write(tmp_path, packed[: len(packed) // 2], "cut.csv"))

    assert (len(cells(whole)), whole.damage, whole.form.compression) == (60_000, (), codec)
    kept = cells(cut)
    assert 0 < len(kept) < 60_000
    assert "ends before its end" in cut.damage[0]
    assert [row[1] for row in kept] == [str(n) for n in range(len(kept))]


def test_streams_of_gzip_may_follow_one_another(tmp_path: Path) -> None:
    packed = gzip.compress(text_of(*ROWS[:5]).encode()) + gzip.compress(
        text_of(*ROWS[5:], header=None).encode()
    )

    table = open_one(tmp_path, packed + b"\0" * 40)

    assert (cells(table), table.damage) == (EXPECTED, ())


def test_a_wrong_checksum_is_no_table(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(text_of(*ROWS).encode()))
    packed[-8] ^= 1

    with pytest.raises(UnreadableFile, match="damaged"):
        cells(open_one(tmp_path, bytes(packed)))


def test_each_member_of_an_archive_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one.csv", text_of(*ROWS))
        archive.writestr("README", "nothing but prose\nis in here.\n")
        archive.writestr("__MACOSX/._one.csv", "litter")
        archive.writestr("folder/two.txt", text_of(*ROWS[:2]).replace(",", ";"))

    tables = open_tables(path)

    assert [table.form.member for table in tables] == ["one.csv", "folder/two.txt"]
    assert [len(cells(table)) for table in tables] == [10, 2]


def test_bombs_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_FREE_BYTES", 1 << 20)
    row = b"2024-01-02,1,1,1,1,1\n"
    packed = gzip.compress(row * (8_000_000 // len(row)), 9)
    path = tmp_path / "bomb.zip"
    path.write_bytes(packed)

    with pytest.raises(UnreadableFile, match="times its size"):
        for _ in open_tables(path)[0].batches([*[None] * 5, pa.float64()]):
            pass


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (gzip.compress(b"", mtime=0), "empty"),
        (b"word\nanother\nlast\n", "nothing parts"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (bytes(range(256)) * 40, "binary"),
        (b"PK\x03\x04 and no more", "damaged"),
        (gzip.compress(gzip.compress(b"a,b\n1,2\n", mtime=0), mtime=0), "packed twice"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFile, match=reason):
        open_one(tmp_path, content)


def test_prose_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(NoTable):
        open_one(tmp_path, "It was a dark night.\nThe rain fell.\n")


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="directory"):
        open_tables(tmp_path)
    with pytest.raises(FileNotThere):
        open_tables(tmp_path / "none.csv")
    with pytest.raises(UnreadableFile, match="device"):
        open_tables(Path("/dev/null"))


def test_progress_reaches_the_size(tmp_path: Path) -> None:
    table = open_one(tmp_path, text_of(*ROWS * 9000))

    seen = [table.done_bytes for _ in table.batches()]

    assert 0 < seen[0] < table.size_bytes
    assert seen == sorted(seen)
    assert table.done_bytes == table.size_bytes


def test_a_single_batch_has_its_rows(tmp_path: Path) -> None:
    (batch,) = open_one(tmp_path, text_of(*ROWS)).batches()

    assert rows_of(batch) == EXPECTED


def test_a_torn_row_that_is_no_utf8_is_counted_and_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = text_of(*ROWS[:5]).encode() + b"2024-01-12,\xd7\x01,3\n" + text_of(*ROWS[5:]).encode()

    table = open_one(tmp_path, broken.replace(HEADER.encode(), b"", 2)[1:])

    assert len(cells(table)) == 10
    assert table.torn == 1
    assert capfd.readouterr().err == ""
