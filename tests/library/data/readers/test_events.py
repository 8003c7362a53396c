"""Trades, quotes and books from small files."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from quantloom.data import BarsNotTicks, NoUsableRows, SeveralSymbols, TicksNotBars
from quantloom.data.readers import read_bars, read_file, read_ticks
from quantloom.market import BadTicks
from tests.library.data.builders import GOOD_ROWS, csv_of, write_text
from tests.shared_data import SHARED, needs_shared

BOOK = "timestamp,symbol,side,update_type,price,qty"


def test_trades_are_told_by_price_and_size(tmp_path: Path) -> None:
    rows = [f"2024-01-02 09:30:0{step}Z,10.{step},5,{side}" for step, side in enumerate("bsb")]
    path = write_text(tmp_path, csv_of(*rows, header="time,price,qty,side"))

    ticks = read_ticks(path, symbol="AAPL.US")

    assert (ticks.symbol, len(ticks), ticks.has_trades) == ("AAPL.US", 3, True)
    assert (ticks.side.tolist(), ticks.size.tolist()) == ([1, -1, 1], [5, 5, 5])


def test_an_impossible_trade_refuses_the_file_or_is_counted(tmp_path: Path) -> None:
    rows = ["2024-01-02 09:30:00Z,10,5", "2024-01-02 09:30:01Z,10,0", "2024-01-02 09:30:02Z,-1,5"]
    path = write_text(tmp_path, csv_of(*rows, header="time,price,qty"))

    with pytest.raises(BadTicks):
        read_file(path)
    (read,) = read_file(path, on_bad="drop").ticks

    assert (read.kept, read.dropped_rows, read.read) == (1, 2, 3)


def test_a_book_is_followed_through_its_updates(tmp_path: Path) -> None:
    rows = [
        "1700000000000,BTCUSDT,b,snap,100,5",
        "1700000000000,BTCUSDT,a,snap,101,6",
        "1700000000100,BTCUSDT,b,set,100.5,2",
        "1700000000200,BTCUSDT,b,set,100.5,0",
        "1700000000300,BTCUSDT,b,snap,90,1",
        "1700000000300,BTCUSDT,a,snap,91,1",
    ]
    path = write_text(tmp_path, csv_of(*rows, header=BOOK))

    ticks = read_ticks(path)

    assert ticks.bid[:, 0].tolist() == [100, 100.5, 100, 90]
    assert ticks.bid[1, 1] == 100
    assert ticks.ask[:, 0].tolist() == [101, 101, 101, 91]
    assert np.isnan(ticks.bid[3, 1])


def test_a_book_that_is_never_whole_has_no_usable_row(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of("1700000000000,BTCUSDT,b,set,100,0", header=BOOK))

    with pytest.raises(NoUsableRows, match="never has bids below asks"):
        read_ticks(path)


def test_bars_are_no_ticks_and_ticks_no_bars(tmp_path: Path) -> None:
    bars = write_text(tmp_path, csv_of(*GOOD_ROWS), name="bars.csv")
    trade = csv_of("2024-01-02 09:30:00,10,5", header="time,price,qty")
    trades = write_text(tmp_path, trade, name="trades.csv")

    with pytest.raises(BarsNotTicks):
        read_ticks(bars)
    with pytest.raises(TicksNotBars):
        read_bars(trades)


def test_ticks_of_several_instruments_need_one_to_be_named(tmp_path: Path) -> None:
    rows = [f"2024-01-02 09:30:00Z,{name},10,5" for name in ("AAPL", "MSFT")]
    path = write_text(tmp_path, csv_of(*rows, header="time,symbol,price,qty"))

    with pytest.raises(SeveralSymbols, match=r"AAPL\.US, MSFT\.US"):
        read_ticks(path)
    assert read_ticks(path, symbol="MSFT").symbol == "MSFT.US"


@needs_shared
@pytest.mark.parametrize("day", ["20210104", "20210105"])
def test_the_auction_counts_among_what_was_traded_on_a_day(day: str) -> None:
    path = SHARED / f"data/ticks/cn_futures/CFFEX.IF.HOT.ticks.{day}.parquet"
    last = pq.read_table(path, columns=["volume"])["volume"][-1].as_py()

    assert read_ticks(path, symbol="IF2101.CFFEX").size.sum() == last


def test_a_first_snapshot_within_the_day_tells_nothing_of_what_was_traded(tmp_path: Path) -> None:
    rows = "datetime,last_price,volume,bid_price1,ask_price1\n"
    rows += "".join(f"2021-01-04 10:00:0{count}+08:00,10,{count + 7},9,11\n" for count in range(5))
    (tmp_path / "ticks.csv").write_text(rows)

    assert read_ticks(tmp_path / "ticks.csv", symbol="IF2101.CFFEX").size.sum() == 4
