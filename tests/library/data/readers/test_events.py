"""Trades, quotes and books from small files."""

from itertools import product
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from quantloom.data import BarsNotTicks, Hints, NoUsableRows, SeveralSymbols, TicksNotBars
from quantloom.data.readers import ColumnsMissing, read_bars, read_file, read_ticks
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


def test_a_book_is_told_by_snapshots_among_its_sides_and_by_levels_that_empty(
    tmp_path: Path,
) -> None:
    rows = [
        "1700000000000,bid,99,1",
        "1700000000200,ask,101,0",
        "1700000000100,bid_snapshot,100,5",
        "1700000000100,ask_snapshot,101,6",
        "1700000000100,ask_snapshot,102,7",
    ]
    path = write_text(tmp_path, csv_of(*rows, header="ts,side,price,qty"))

    (read,) = read_file(path).ticks

    assert read.mapping is not None
    assert read.mapping.kind.value == "book"
    assert (read.ticks.bid[:, 0].tolist(), read.ticks.ask[:, 0].tolist()) == (
        [100, 100],
        [101, 102],
    )
    assert (read.dropped, read.unsorted) == ((), 3)
    assert any(note.startswith("1 rows before the first snapshot") for note in read.notes)


def test_trades_whose_sides_are_bid_and_ask_stay_trades(tmp_path: Path) -> None:
    rows = [
        f"170000000000{row},{'bid' if row % 2 else 'ask'},10{row},{row + 1}" for row in range(9)
    ]
    path = write_text(tmp_path, csv_of(*rows, header="ts,side,price,qty"))

    assert read_ticks(path).has_trades


def test_a_level_on_neither_side_refuses_the_book_or_is_counted(tmp_path: Path) -> None:
    rows = [f"170000000000{row},b,set,{100 + row},5" for row in range(5)]
    rows += ["1700000000009,x,set,200,5"]
    path = write_text(tmp_path, csv_of(*rows, header="ts,side,update_type,price,qty"))
    hints = Hints(columns={"side": "side"}, kind="book")

    with pytest.raises(BadTicks, match="neither side"):
        read_file(path, hints=hints)
    (read,) = read_file(path, hints=hints, on_bad="drop").ticks

    assert (read.kept, read.dropped) == (5, (("a level on neither side of the book", 1),))


def test_a_book_without_sides_cannot_be_read(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of("1700000000000,10,5", header="ts,price,qty"))

    with pytest.raises(ColumnsMissing, match="side"):
        read_file(path, hints=Hints(kind="book"))


def test_levels_told_by_distance_and_worth_become_prices_and_sizes(tmp_path: Path) -> None:
    named = product(("bids", "asks"), ("distance", "notional"), ("0", "1"))
    names = map("_".join, named)
    rows = [
        "2021-04-17 17:22:00Z,100,-0.01,-0.02,99,196,0.01,0.02,202,102",
        "2021-04-17 17:23:00Z,100,-0.01,-0.02,99,196,0.01,0.02,0,102",
    ]
    path = write_text(tmp_path, csv_of(*rows, header=",".join(["time", "midpoint", *names])))

    ticks = read_ticks(path, symbol="BTC-USD.COINBASE")

    assert ticks.bid.tolist() == [[99, 98], [99, 98]]
    assert ticks.bid_size.tolist() == [[1, 2], [1, 2]]
    assert ticks.ask[0].tolist() == [101, 102]
    assert ticks.ask_size[0].tolist() == [2, 1]
    assert (ticks.ask[1, 0], np.isnan(ticks.ask[1, 1])) == (102, True)


@needs_shared
def test_a_real_book_followed_through_its_updates_shows_the_best_prices_of_its_venue() -> None:
    folder = SHARED / "data/ticks/crypto"
    book = read_ticks(folder / "binance_usdm.BTC-USDT.depth_updates.20240808.parquet")
    best = read_ticks(folder / "binance_usdm.BTC-USDT.book_ticker.20240808.parquet")
    rows = np.searchsorted(best.ts, book.ts, side="right") - 1

    assert (len(book), book.levels) == (6_548, 10)
    assert (book.bid[:, 0] == best.bid[rows, 0]).mean() > 0.999
    assert (book.ask[:, 0] == best.ask[rows, 0]).mean() > 0.998


@needs_shared
def test_a_real_book_by_the_minute_has_fifteen_levels_a_spread_apart() -> None:
    path = SHARED / "data/ticks/crypto/BTC-USD.book15.1m.parquet"
    spread = pq.read_table(path, columns=["spread"])["spread"].to_numpy()
    ticks = read_ticks(path)
    apart = ticks.ask[:, 0] - ticks.bid[:, 0]

    assert (len(ticks), ticks.levels, ticks.symbol) == (600, 15, "BTC-USD.COINBASE")
    # Of five minutes the source tells a best level with nothing left on it.
    assert (np.abs(apart - spread) > 1e-6).sum() == 5
    assert np.allclose(ticks.bid * 100, np.rint(ticks.bid * 100), atol=1e-6, equal_nan=True)


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
