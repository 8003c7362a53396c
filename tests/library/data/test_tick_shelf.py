"""Ticks and updates of the book are stored by day and come back as they were."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.data import (
    Catalog,
    CorruptDataset,
    InstrumentMissing,
    ReadOnlyCatalog,
    ReceiptMissing,
    StreamNeeded,
    TicksNotFound,
    TicksNotLater,
    UnknownStream,
    read_ticks,
)
from quantloom.market import NoTicks, Ticks, merge_ticks
from tests.library.data.builders import make_instrument
from tests.shared_data import SHARED, needs_shared

START = 1_704_186_000_000_000_000
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
INSTRUMENT = make_instrument()


def times(n: int, start: int = START, step: int = SECOND) -> Any:
    return start + step * np.arange(n)


def quotes(
    n: int = 3_000, *, levels: int = 1, start: int = START, step: int = 60 * SECOND
) -> Ticks:
    away = 0.01 * np.arange(levels)
    middle = 100 + 0.01 * (np.arange(n) % 7)
    return Ticks.of_quotes(
        "DEMO.LOCAL",
        ts=times(n, start, 60 * SECOND),
        bid=middle[:, None] - 0.01 - away,
        ask=middle[:, None] + 0.01 + away,
    )


def trades(n: int = 500, *, start: int = START, received: bool = False) -> Ticks:
    ts = times(n, start, 90 * SECOND)
    return Ticks.of_trades(
        "DEMO.LOCAL",
        ts=ts,
        price=100 + 0.01 * (np.arange(n) % 5),
        size=np.arange(n) % 9 + 1,
        side=np.where(np.arange(n) % 2, 1, -1),
        received=ts + 1_000 if received else None,
    )


def snapshots(n: int = 50) -> Ticks:
    bid = np.full(n, 99.0)
    bid[3] = np.nan
    return Ticks.of_snapshots(
        "DEMO.LOCAL",
        ts=times(n),
        last=np.full(n, 100.0),
        volume=np.cumsum(np.arange(n) % 3),
        bid=bid,
        ask=np.full(n, 101.0),
    )


@pytest.mark.parametrize(
    ("ticks", "stream"),
    [
        (quotes(), "quotes"),
        (quotes(levels=5), "quotes"),
        (trades(), "trades"),
        (trades(received=True), "trades"),
        (snapshots(), "mixed"),
        (merge_ticks(trades(), quotes(levels=2)), "mixed"),
    ],
    ids=["quotes", "book", "trades", "received", "snapshots", "merged"],
)
def test_ticks_read_are_the_ticks_written(ticks: Ticks, stream: str, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)

    info = catalog.write_ticks(ticks, INSTRUMENT, source="a test")

    assert (info.stream, info.rows, info.levels) == (stream, len(ticks), ticks.levels)
    assert info.digest == ticks.digest()
    assert catalog.read_ticks("DEMO.LOCAL").digest() == ticks.digest()
    assert catalog.list_ticks() == (info,)


def test_each_day_is_a_piece_and_a_span_reads_its_days(tmp_path: Path) -> None:
    catalog, ticks = Catalog(tmp_path), quotes(6_000)
    info = catalog.write_ticks(ticks, INSTRUMENT, source="a test")
    start = datetime(2024, 1, 3, 12, tzinfo=UTC)

    span = catalog.read_ticks("DEMO.LOCAL", start=start, end=start + timedelta(hours=1))

    assert [path.name[:10] for path in sorted(tmp_path.rglob("*.parquet"))] == list(info.days)
    assert len(info.days) == 5
    assert span.digest() == ticks.between(start, start + timedelta(hours=1)).digest()
    with pytest.raises(NoTicks):
        catalog.read_ticks("DEMO.LOCAL", end=datetime(1990, 1, 1, tzinfo=UTC))


def test_later_ticks_are_added(tmp_path: Path) -> None:
    catalog, ticks = Catalog(tmp_path), quotes(3_000)
    catalog.append_ticks(ticks[:1_000], INSTRUMENT, source="a test")
    before = {path.name for path in tmp_path.rglob("*.parquet")}

    info = catalog.append_ticks(ticks[1_000:])

    assert info.digest == ticks.digest() == catalog.read_ticks("DEMO.LOCAL").digest()
    assert before & {path.name for path in tmp_path.rglob("*.parquet")}  # days before stay
    with pytest.raises(TicksNotLater):
        catalog.append_ticks(ticks[2_999:])


def test_an_upsert_replaces_the_span_it_covers(tmp_path: Path) -> None:
    catalog, ticks = Catalog(tmp_path), trades(2_000)
    catalog.write_ticks(ticks, INSTRUMENT, source="a test")
    first, last = ticks.ts[500], ticks.ts[900]
    fewer = Ticks.of_trades("DEMO.LOCAL", ts=[first, last], price=[5.0, 6.0], size=[1, 1])

    info = catalog.upsert_ticks(fewer)

    held = catalog.read_ticks("DEMO.LOCAL")
    assert info.rows == len(held) == 2_000 - 401 + 2
    assert held.digest() == info.digest
    assert held.price[500:502].tolist() == [5.0, 6.0]
    again = catalog.upsert_ticks(fewer)
    assert again.digest == info.digest


@pytest.mark.parametrize("is_deeper_first", [True, False])
def test_books_of_unequal_depth_are_one_stream(is_deeper_first: bool, tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    depths = (5, 2) if is_deeper_first else (2, 5)
    first, second = quotes(100, levels=depths[0]), quotes(100, levels=depths[1], start=START + DAY)
    catalog.write_ticks(first, INSTRUMENT, source="a test")

    info = catalog.append_ticks(second)

    held = catalog.read_ticks("DEMO.LOCAL")
    assert held.levels == info.levels == 5
    assert held.digest() == info.digest
    shallow = slice(100, 200) if is_deeper_first else slice(0, 100)
    assert np.isnan(held.bid[shallow, 2:]).all()
    assert (held.bid_size[shallow, 2:] == 0).all()
    assert np.isfinite(held.bid[:, :2]).all()


def test_trades_and_quotes_are_read_as_one(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write_ticks(trades(), INSTRUMENT, source="a test")
    catalog.write_ticks(quotes(), INSTRUMENT, source="a test")

    both = catalog.read_ticks("DEMO.LOCAL")

    assert both.digest() == merge_ticks(trades(), quotes()).digest()
    assert catalog.read_ticks("DEMO.LOCAL", stream="trades").digest() == trades().digest()


def test_what_is_not_there_or_not_clear_is_told(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    with pytest.raises(InstrumentMissing):
        catalog.append_ticks(trades())
    with pytest.raises(TicksNotFound, match="no ticks of DEMO"):
        catalog.read_ticks("DEMO.LOCAL")
    catalog.write_ticks(trades(), INSTRUMENT, source="a test")
    with pytest.raises(TicksNotFound, match="there are trades"):
        catalog.read_ticks("DEMO.LOCAL", stream="quotes")
    with pytest.raises(UnknownStream):
        catalog.read_ticks("DEMO.LOCAL", stream="level2")
    with pytest.raises(ReceiptMissing):
        catalog.append_ticks(trades(start=START + DAY, received=True))
    catalog.write_ticks(snapshots(), INSTRUMENT, source="a test")
    with pytest.raises(StreamNeeded, match="trades, mixed"):
        catalog.read_ticks("DEMO.LOCAL")
    with pytest.raises(ReadOnlyCatalog):
        Catalog(tmp_path, is_writable=False).delete_ticks("DEMO.LOCAL", "trades")


def test_a_stream_is_deleted_or_replaced_when_damaged(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    catalog.write_ticks(trades(), INSTRUMENT, source="a test")
    (piece,) = tmp_path.rglob("*.parquet")
    piece.write_bytes(piece.read_bytes()[:-9])
    with pytest.raises(CorruptDataset):
        catalog.read_ticks("DEMO.LOCAL")

    catalog.delete_ticks("DEMO.LOCAL", "trades")

    assert catalog.list_ticks() == ()
    assert not list(tmp_path.rglob("*.parquet"))
    with pytest.raises(TicksNotFound):
        catalog.delete_ticks("DEMO.LOCAL", "trades")


@needs_shared
@pytest.mark.parametrize(
    "name",
    [
        "cn_futures/CFFEX.IF.HOT.ticks.20210104",
        "cn_futures/SHFE.cu1909.ticks5",
        "fx/EURUSD.quotes.20140508",
        "crypto/binance_usdm.BTC-USDT.book_ticker.20240808",
    ],
)
def test_real_ticks_come_back(name: str, tmp_path: Path) -> None:
    path = SHARED / "data" / "ticks" / f"{name}.parquet"
    ticks = read_ticks(path, symbol="DEMO.LOCAL")
    catalog = Catalog(tmp_path)

    info = catalog.write_ticks(ticks, INSTRUMENT, source=path.name)

    assert catalog.read_ticks("DEMO.LOCAL", stream=info.stream).digest() == ticks.digest()
    assert info.bytes < path.stat().st_size * 1.5
