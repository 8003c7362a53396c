"""Every file of the shared market data as a raw table, whatever it is called; whole and damaged."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quantloom.data.readers import RawTable, UnreadableFile, open_tables
from quantloom.data.readers.extras import PackageMissing
from tests.library.data.readers.cells import cells, write
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
BARS = SHARED / "data" / "bars"
NO_TABLE = frozenset({"freqtrade/pairs.json"})
# Tables, columns and rows that a file has; the names tell only which file is meant.
SHAPES = {
    "backtestingpy/EURUSD.csv": (1, 6, 5000),
    "cryptodatadownload/Coinbase_BTCUSD_1h.head6000.csv": (1, 8, 5998),
    "dolphindb/20200102_SH_trade.head5000.csv": (1, 8, 5000),
    "freqtrade/ETH_BTC-5m.feather": (1, 6, 5760),
    "freqtrade/UNITTEST_BTC-1m.json": (1, 6, 13681),
    "freqtrade/UNITTEST_BTC-5m.h5": (1, 7, 5760),
    "freqtrade/UNITTEST_BTC-8m.json.gz": (1, 6, 13681),
    "freqtrade/XRP_ETH-trades.json.gz": (1, 7, 12477),
    "freqtrade/XRP_ETH-trades.parquet": (1, 7, 12477),
    "hikyuu/test_min_data.head5000.csv": (1, 7, 5000),
    "lean/equity-usa-daily-aapl.zip": (1, 6, 5849),
    "lean/future-cme-minute-es/20131007_trade.zip": (3, 6, 1671),
    "lean/option-usa-daily-twx_2014_quote_american.zip": (184, 11, 368),
    "nautilus/6EH4.XCME_1min_bars_20240101_20240131.csv.gz": (1, 6, 29996),
    "nautilus/quote_tick_data.csv": (1, 4, 9500),
    "nautilus/xrpusdt-ob500.data.zip": (1, 9, 50),
    "ninjatrader/nt-spy-minute-2011.csv": (1, 6, 14180),
    "skender/intraday.csv": (1, 6, 1564),
    "tushare/600000.SH.csv": (1, 12, 1456),
    "wondertrader/CFFEX.IF.HOT_tick_20210104.dsb": (1, 60, 27955),
    "wondertrader/SHFE.rb_HOT.day.dsb": (1, 10, 1404),
    "wondertrader/SSE.600009Q_m1.gbk.csv": (1, 7, 15353),
}
pytestmark = needs_shared


def raw_files() -> list[str]:
    return sorted(str(path.relative_to(RAW)) for path in RAW.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", raw_files())
def test_every_file_is_a_table_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, (RAW / name).read_bytes(), "renamed")
    if name in NO_TABLE:
        with pytest.raises(UnreadableFile):
            open_tables(path)
        return

    tables = _open(path)

    read = [sum(batch.num_rows for batch in table.batches()) for table in tables]
    assert min(read) > 0
    assert all(table.torn == 0 and table.damage == () for table in tables)
    assert all(table.done_bytes == table.size_bytes for table in tables)
    assert SHAPES.get(name, ()) in {(), (len(tables), len(tables[0].columns), sum(read))}


def test_days_of_wondertrader_are_those_of_the_curated_file() -> None:
    (table,) = open_tables(RAW / "wondertrader" / "SHFE.rb_HOT.day.dsb")
    curated = pq.read_table(BARS / "cn_futures" / "SHFE.rb.HOT.1d.parquet")

    (batch,) = table.batches()

    found = dict(zip(table.columns, batch.columns, strict=True))
    for name in ("open", "high", "low", "close", "volume", "turnover", "open_interest"):
        assert np.array_equal(found[name].to_numpy(zero_copy_only=False), curated[name].to_numpy())
    days = curated["ts"].to_numpy().astype("datetime64[D]")
    assert np.array_equal(found["date"].to_numpy(zero_copy_only=False), days)


def test_ticks_of_wondertrader_are_those_of_the_curated_file() -> None:
    (table,) = open_tables(RAW / "wondertrader" / "CFFEX.IF.HOT_tick_20210104.dsb")
    path = SHARED / "data" / "ticks" / "cn_futures" / "CFFEX.IF.HOT.ticks.20210104.parquet"
    curated = pq.read_table(path)

    read = pa.Table.from_batches(table.batches()).rename_columns(list(table.columns))

    for name in ("symbol", "last_price", "volume", "turnover", "bid_price1", "ask_volume1"):
        assert read[name].to_pylist() == curated[name].to_pylist()
    stamps = curated["ts"].to_numpy().astype("datetime64[ms]")
    assert np.array_equal(read["time"].to_numpy(), stamps + np.timedelta64(8, "h"))


def test_json_parquet_and_hdf5_of_freqtrade_hold_the_same() -> None:
    (packed,) = open_tables(RAW / "freqtrade" / "XRP_ETH-trades.json.gz")
    (parquet,) = open_tables(RAW / "freqtrade" / "XRP_ETH-trades.parquet")
    (feather,) = open_tables(RAW / "freqtrade" / "ETH_BTC-5m.feather")
    (hdf5,) = _open(RAW / "freqtrade" / "UNITTEST_BTC-5m.h5")

    assert [row[0] for row in cells(packed)] == [row[0] for row in cells(parquet)]
    by_name = [dict(zip(hdf5.columns, row, strict=True)) for row in cells(hdf5)]
    names = ("date", "open", "high", "low", "close", "volume")
    assert feather.columns == names
    assert [tuple(row[name] for name in names) for row in by_name] == cells(feather)


@pytest.mark.untraced
def test_reading_never_loads_pandas() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nimport pyarrow as pa\n"
        "from quantloom.data.readers import open_tables\n"
        "for name in sys.argv[1:]:\n"
        "    for table in open_tables(Path(name)):\n"
        "        table.sample()\n"
        "        kinds = [pa.float64()] * len(table.columns)\n"
        "        sum(batch.num_rows for batch in table.batches(kinds))\n"
        "        sum(batch.num_rows for batch in table.batches())\n"
        "assert 'pandas' not in sys.modules\n"
    )
    names = (
        "backtestingpy/EURUSD.csv",
        "freqtrade/ETH_BTC-5m.feather",
        "freqtrade/XRP_ETH-trades.parquet",
        "lean/future-cme-minute-es/20131007_trade.zip",
        "nautilus/xrpusdt-ob500.data.zip",
        "wondertrader/SHFE.rb_HOT.day.dsb",
        "wondertrader/SSE.600009Q_m1.gbk.csv",
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *(str(RAW / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def damaged(content: bytes, rng: np.random.Generator) -> bytes:
    """Cut the content somewhere, and flip some of its bits."""
    kept = bytearray(content[: int(rng.integers(1, len(content) + 1))])
    for place in rng.integers(len(kept), size=int(rng.integers(0, 4))):
        kept[place] ^= 1 << int(rng.integers(8))
    return bytes(kept)


def read_all(path: Path) -> int:
    """Read what a damaged file holds; a clear error counts as nothing."""
    try:
        tables = open_tables(path)
        return sum(batch.num_rows for table in tables for batch in _sampled(table))
    except (UnreadableFile, PackageMissing):
        return 0


def _sampled(table: RawTable) -> Iterator[pa.RecordBatch]:
    table.sample(50)
    yield from table.batches()


SEEDED = tuple(name for name in SHAPES if not name.startswith("lean/option"))
TIMES = 2


@pytest.mark.parametrize("name", SEEDED)
def test_damaged_files_end_in_rows_or_a_clear_error(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(len(name))
    content = (RAW / name).read_bytes()

    for _ in range(TIMES):
        assert read_all(write(tmp_path, damaged(content, rng), "damaged")) >= 0


@pytest.mark.soak
@pytest.mark.parametrize("name", raw_files())
def test_files_cut_and_flipped_at_every_percent_end_in_rows_or_a_clear_error(
    tmp_path: Path, name: str
) -> None:
    content = (RAW / name).read_bytes()
    for percent in range(100):
        place = len(content) * percent // 100
        flipped = bytearray(content)
        flipped[place] ^= 1 << (percent % 8)
        for text in (content[:place], bytes(flipped)):
            assert read_all(write(tmp_path, text, "damaged")) >= 0


def _open(path: Path) -> tuple[RawTable, ...]:
    try:
        return open_tables(path)
    except PackageMissing as missing:
        pytest.skip(str(missing))
