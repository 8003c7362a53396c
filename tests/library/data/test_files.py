import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from quantloom.data import (
    BadCells,
    BadPolicy,
    ColumnsMissing,
    ColumnTwice,
    FileNotThere,
    NoUsableRows,
    SeveralSymbols,
    TornRows,
    UnreadableFile,
    read_bars,
)
from quantloom.data.cleaning import CONFLICTING, REPEATED
from quantloom.market import BadBars
from tests.library.data.builders import GOOD_ROWS, HEADER, csv_of, write_parquet, write_text
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)


def test_a_plain_csv_is_read(tmp_path: Path) -> None:
    read = read_bars(write_text(tmp_path, csv_of(*GOOD_ROWS)), symbol="A.LOCAL")

    assert (read.bars.symbol, str(read.bars.timeframe), len(read.bars)) == ("A.LOCAL", "1d", 4)
    assert read.bars.start == datetime(2024, 1, 2, tzinfo=UTC)
    assert (read.bars.open[0], read.bars.high[0], read.bars.low[0]) == (10, 12, 9)
    assert (read.bars.close[0], read.bars.volume[0]) == (11, 100)
    assert (read.dropped, read.dropped_rows) == ((), 0)


@pytest.mark.parametrize(
    "header",
    [
        "Date,Open,High,Low,Close,Volume",
        "DATETIME,OPEN,HIGH,LOW,CLOSE,VOL",
        "time,o,h,l,c,v",
        ",Open,High,Low,Close,Volume",
        "<Date>, <Open>, <High>, <Low>, <Close>, <Volume>",
        "trade_date,open_price,high_price,low_price,close_price,volume",
        "\ufeffts,open,high,low,close,volume",
    ],
)
def test_columns_are_found_under_their_common_names(header: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, header=header))

    bars = read_bars(path).bars

    assert (bars.close[0], bars.volume[0], dict(bars.extras)) == (11, 100, {})


@pytest.mark.parametrize(
    "cell",
    [
        "2024-01-02 12:00",
        "2024-01-02T12:00:00",
        "2024-01-02 12:00:00.000",
        "2024-01-02T12:00:00Z",
        "2024-01-02 20:00:00+08:00",
        "2024-01-02T07:00:00-0500",
        "1704196800",
        "1704196800.0",
        "1704196800000",
        "1704196800000000",
        "1704196800000000000",
    ],
)
def test_times_are_read_however_they_are_written(cell: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(f"{cell},10,12,9,11,100"))

    assert read_bars(path, timeframe="1h").bars.start == NOON


@pytest.mark.parametrize("cell", ["2024-01-02", "20240102", "2024-01-02 15:00"])
def test_daily_bars_carry_their_date(cell: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(f"{cell},10,12,9,11,100"))

    assert read_bars(path, timeframe="1d").bars.start == datetime(2024, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("offset", ["+08:00", "-05:00", "+13:00"])
def test_daily_bars_carry_the_date_written_not_the_utc_date(offset: str, tmp_path: Path) -> None:
    rows = [f"2024-01-0{day} 00:00:00{offset},10,12,9,11,100" for day in (2, 3, 4)]

    bars = read_bars(write_text(tmp_path, csv_of(*rows))).bars

    assert (str(bars.timeframe), bars.start) == ("1d", datetime(2024, 1, 2, tzinfo=UTC))


def test_offsets_may_change_within_a_file(tmp_path: Path) -> None:
    rows = ["2024-03-08 16:00:00-05:00,1,1,1,1,1", "2024-03-11 16:00:00-04:00,1,1,1,1,1"]

    bars = read_bars(write_text(tmp_path, csv_of(*rows)), timeframe="1h").bars

    assert [bars.start.hour, bars.end.hour] == [21, 20]


@pytest.mark.parametrize("clock", ["09:30", "9:30", "09:30:00", "09:30:00.000"])
def test_date_and_time_columns_are_put_together(clock: str, tmp_path: Path) -> None:
    text = csv_of(f"20240102,{clock},10,12,9,11,1", header=HEADER.replace("date", "Date,Time"))

    bars = read_bars(write_text(tmp_path, text), timeframe="1m").bars

    assert bars.start == datetime(2024, 1, 2, 9, 30, tzinfo=UTC)


def test_a_time_of_day_may_be_written_without_signs(tmp_path: Path) -> None:
    text = csv_of("20240102,93000,10,12,9,11,1", header=HEADER.replace("date", "date,time"))

    bars = read_bars(write_text(tmp_path, text), timeframe="1m").bars

    assert bars.start == datetime(2024, 1, 2, 9, 30, tzinfo=UTC)


def test_an_adjusted_close_is_an_extra_and_never_the_price(tmp_path: Path) -> None:
    text = csv_of("2024-01-02,10,12,9,5.5,11,100", header="Date,Open,High,Low,Adj Close,Close,Vol")

    bars = read_bars(write_text(tmp_path, text)).bars

    assert bars.close[0] == 11
    assert bars.extras["adj_close"][0] == 5.5


def test_what_was_assumed_is_noted(tmp_path: Path) -> None:
    text = csv_of("2024-01-02 09:30,x,1,1,1,1,7", header="time,name,open,high,low,close,vol")

    notes = " ".join(read_bars(write_text(tmp_path, text), timeframe="1m").notes)

    assert "read as UTC" in notes
    assert "'name'" in notes


def test_a_file_without_volume_has_none(tmp_path: Path) -> None:
    text = csv_of("2024-01-02,10,12,9,11", header="date,open,high,low,close")

    read = read_bars(write_text(tmp_path, text))

    assert np.isnan(read.bars.volume[0])
    assert any("no volume" in note for note in read.notes)


def test_a_compressed_csv_is_read(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv.gz"
    path.write_bytes(gzip.compress(csv_of(*GOOD_ROWS).encode()))

    assert read_bars(path).bars.symbol == "AAPL.US"


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("600519.SH.csv", "600519.SSE"),
        ("SHFE.rb.HOT.1d.csv", "rb-MAIN.SHFE"),
        ("TA405.csv", "TA2405.CZCE"),
        ("my data (2).csv", "my-data--2-.LOCAL"),
    ],
)
def test_the_symbol_comes_from_the_file_name(name: str, symbol: str, tmp_path: Path) -> None:
    read = read_bars(write_text(tmp_path, csv_of(*GOOD_ROWS), name=name))

    assert read.bars.symbol == symbol
    assert any("symbol" in note or symbol in note for note in read.notes)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2024-01-01,10,12,9,11,1", "time earlier"),
        ("2024-01-05,10,12,9,11,1", "time equal"),
        ("2024-01-06,,12,9,11,1", "not a finite number"),
        ("2024-01-06,inf,inf,9,11,1", "not a finite number"),
        ("2024-01-06,-10,12,-11,11,1", "not above zero"),
        ("2024-01-06,10,9,12,11,1", "high below low"),
        ("2024-01-06,13,12,9,11,1", "outside low to high"),
        ("2024-01-06,10,12,9,11,-1", "negative or infinite volume"),
    ],
)
def test_an_impossible_row_is_refused(row: str, problem: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, row))

    with pytest.raises(BadBars, match=problem):
        read_bars(path)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2024-01-05,10,12,9,11,100", REPEATED),
        ("2024-01-05,10,12,9,11.5,100", CONFLICTING),
        ("2024-01-06,,12,9,11,1", "a price that is not a finite number"),
        ("2024-01-06,10,9,12,11,1", "high below low"),
        ("2024-01-06,10,x12,9,11,1", "text where a number belongs"),
        ("yesterday,10,12,9,11,1", "a time that cannot be read"),
        (",10,12,9,11,1", "a time that cannot be read"),
        ("2024-02-30,10,12,9,11,1", "a time that cannot be read"),
        ("2024-01-06,10,12", "a row with too many or too few cells"),
    ],
)
def test_a_dropped_row_is_counted(row: str, problem: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, row))

    read = read_bars(path, on_bad="drop")

    assert read.dropped == ((problem, 1),)
    assert read.bars.close.tolist() == [11, 11, 11, 11]


def test_a_file_that_runs_backwards_is_turned(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*reversed(GOOD_ROWS)))

    read = read_bars(path)

    assert (len(read.bars), read.dropped, read.unsorted) == (4, (), 0)
    assert "Rows ran from the newest to the oldest and were turned." in read.notes


def test_rows_are_sorted_only_when_bad_ones_may_be_dropped(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(GOOD_ROWS[1], GOOD_ROWS[0], *GOOD_ROWS[2:]))

    with pytest.raises(BadBars, match="time earlier"):
        read_bars(path)
    read = read_bars(path, on_bad="drop")

    assert (len(read.bars), read.dropped, read.unsorted) == (4, (), 1)
    assert "Rows were not in order of time and were sorted." in read.notes


def test_a_good_row_outlives_an_impossible_one_of_its_time(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of("2024-01-01,10,9,12,11,1", "2024-01-01,1,1,1,1,1"))

    read = read_bars(path, on_bad="drop")

    assert (read.bars.close.tolist(), read.dropped) == ([1], (("high below low", 1),))


@pytest.mark.parametrize(
    ("row", "sample"),
    [("2024-01-06,ten,12,9,11,1", "'ten' in row 4"), ("soon,10,12,9,11,1", "'soon' in row 4")],
)
def test_a_cell_of_another_kind_is_shown(row: str, sample: str, tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, row))

    with pytest.raises(BadCells, match=sample):
        read_bars(path)


def test_a_file_with_no_good_row_is_refused_even_when_dropping(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of("2024-01-06,10,9,12,11,1", "soon,1,1,1,1,1"))

    with pytest.raises(NoUsableRows, match="high below low: 1"):
        read_bars(path, on_bad="drop")


def test_bad_rows_are_refused_or_dropped_and_nothing_else(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS))

    with pytest.raises(BadPolicy, match="'ignore'"):
        read_bars(path, on_bad="ignore")  # type: ignore[arg-type]


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotThere, match=r"none\.csv"):
        read_bars(tmp_path / "none.csv")


def test_a_symbol_in_place_of_a_file_is_told_where_it_belongs() -> None:
    with pytest.raises(FileNotThere, match=r"--symbol.*open_catalog\(\)\.read\(.SPY\.ARCA"):
        read_bars(Path("SPY.ARCA"))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="directory"):
        read_bars(tmp_path)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.csv", "it is empty"),
        (b"", "a.parquet", "it is empty"),
        (f"{HEADER}\n".encode(), "a.csv", "it has no rows"),
        (bytes(range(256)) * 20, "a.csv", "it is binary"),
        (b"PAR1" + bytes(50), "a.parquet", "cannot read"),
        (b"PAR1", "a.parquet", "cannot read"),
        (b"junk", "a.parquet", "cannot read"),
        (b"junk", "a.csv.gz", "cannot read"),
    ],
)
def test_what_is_no_table_is_refused(
    content: bytes, name: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=reason):
        read_bars(path)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("date,open,high,low", "close"),
        ("open,high,low,close", "the time"),
        ("date,open,high,low,Adj Close", "close"),
    ],
)
def test_missing_columns_are_named_beside_those_found(
    header: str, missing: str, tmp_path: Path
) -> None:
    row = ",".join("2024-01-02" if name == "date" else "1" for name in header.split(","))
    path = write_text(tmp_path, csv_of(row, header=header))

    with pytest.raises(ColumnsMissing, match=f"no column for {missing}; found '{header[:4]}"):
        read_bars(path)


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_text_is_read_whatever_it_is_encoded_in(encoding: str, tmp_path: Path) -> None:
    text = csv_of(*(f"行,{row}" for row in GOOD_ROWS), header=f"名,{HEADER}")
    path = write_text(tmp_path, text, encoding=encoding)

    assert read_bars(path).bars.close.tolist() == [11, 11, 11, 11]


def test_a_torn_row_refuses_the_file(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, "2024-01-06,10"))

    with pytest.raises(TornRows, match="1 row"):
        read_bars(path)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    text = csv_of("2024-01-02,10,12,9,11,12", header="date,open,high,low,close,Close")

    with pytest.raises(ColumnTwice, match="'Close'"):
        read_bars(write_text(tmp_path, text))


@pytest.mark.parametrize("on_bad", ["error", "drop"])
def test_a_file_of_several_symbols_is_refused(on_bad: str, tmp_path: Path) -> None:
    text = csv_of("2024-01-02,A,1,1,1,1", "2024-01-02,B,2,2,2,2", header="date,tic,o,h,l,c")

    with pytest.raises(SeveralSymbols, match=r"A\.US, B\.US"):
        read_bars(write_text(tmp_path, text), on_bad=on_bad)  # type: ignore[arg-type]


def test_daily_parquet_in_local_time_carries_the_local_date(tmp_path: Path) -> None:
    midnight = datetime(2024, 1, 1, 16, tzinfo=UTC)  # 2024-01-02 in Shanghai
    times = pa.array([midnight], pa.timestamp("us", "Asia/Shanghai"))

    bars = read_bars(write_parquet(tmp_path / "a.parquet", times), timeframe="1d").bars

    assert bars.start == datetime(2024, 1, 2, tzinfo=UTC)


def test_parquet_knows_the_columns_that_csv_knows(tmp_path: Path) -> None:
    volume = pa.array([None, 5], pa.int32())
    path = write_parquet(tmp_path / "a.parquet", pa.array([20240102, 20240103]), Vol=volume)

    bars = read_bars(path).bars

    assert np.isnan(bars.volume[0])
    assert (bars.volume[1], bars.start.day) == (5, 2)


def test_an_unnamed_index_of_a_frame_is_the_time(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.date_range("2024-01-02", periods=3)
    frame = pandas.DataFrame({"o": 1.0, "h": 1.0, "l": 1.0, "c": 1.0}, index=index)
    frame.to_parquet(tmp_path / "a.parquet")

    assert read_bars(tmp_path / "a.parquet").bars.start == datetime(2024, 1, 2, tzinfo=UTC)


def test_a_time_past_2262_is_unreadable(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, "9999-12-31,1,1,1,1,1"))

    assert len(read_bars(path, on_bad="drop").bars) == 4


@pytest.mark.untraced
def test_reading_csv_loads_no_pandas(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS, "2024-01-06,10,12,9,11,"))
    program = (
        "import sys; from quantloom.data import read_bars;"
        f"read_bars({str(path)!r}, symbol='A.LOCAL'); print('pandas' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ
    )

    assert done.stdout.strip() == "False"


@needs_shared
@pytest.mark.parametrize(
    ("name", "timeframe", "rows", "first_close"),
    [("GOOG.csv", "1d", 2148, 100.34), ("EURUSD.csv", "1h", 5000, 1.07219)],
)
def test_the_benchmark_files_load(name: str, timeframe: str, rows: int, first_close: float) -> None:
    bars = read_bars(RAW / "backtestingpy" / name).bars

    assert (str(bars.timeframe), len(bars), bars.close[0]) == (timeframe, rows, first_close)


@needs_shared
def test_yahoo_days_keep_their_date_through_daylight_saving() -> None:
    bars = read_bars(RAW / "yahoo" / "EWG-1d-no-bad-divs.csv").bars

    assert not (bars.ts % (86_400 * 10**9)).any()
    assert bars.start == datetime(2022, 1, 3, tzinfo=UTC)


@needs_shared
def test_every_sample_parquet_file_loads() -> None:
    files = sorted((SHARED / "data" / "bars").rglob("*.parquet"))
    assert len(files) > 100

    for path in files:
        read = read_bars(path)
        assert read.dropped == ()
        assert len(read.bars) > 0
