"""What data/README.md says under "Checks that hold", of files as the readers read them.

Where `raw/` has no file of one side of a check, as of the ticks of EURUSD and SPY, that side is
read from the curated folders, by the same readers.
"""

from datetime import date
from functools import cache

import numpy as np
import pytest

from quantloom.data.readers import open_tables, read_bars, read_ticks
from quantloom.kit import FloatArray
from quantloom.market import (
    Bars,
    Ticks,
    bars_of_ticks,
    default_instrument,
    get_calendar,
    product_calendar,
)
from quantloom.market.tick_bars import TickPrice
from tests.shared_data import SHARED, needs_shared

DATA = SHARED / "data"
HOUR_NS = 3_600 * 10**9
INDEX = "IF2101.CFFEX"
# The raw file of the first day, and the curated one of the second, which has no other.
INDEX_DAYS = {
    date(2021, 1, 4): "raw/wondertrader/CFFEX.IF.HOT_tick_20210104.dsb",
    date(2021, 1, 5): "ticks/cn_futures/CFFEX.IF.HOT.ticks.20210105.parquet",
}
pytestmark = needs_shared


@cache
def bars_in(path: str) -> Bars:
    return read_bars(DATA / path).bars


@cache
def ticks_in(path: str, symbol: str | None = None) -> Ticks:
    return read_ticks(DATA / path, symbol=symbol)


def of_day(bars: Bars, day: date) -> Bars:
    rows = np.flatnonzero(bars.ts.astype("datetime64[ns]").astype("datetime64[D]") == day)
    return bars[rows[0] : rows[-1] + 1]


def made(ticks: Ticks, timeframe: str, calendar: str, price: TickPrice | None = None) -> Bars:
    hours = product_calendar(ticks.symbol) if calendar == "product" else get_calendar(calendar)
    instrument = default_instrument(ticks.symbol)
    return bars_of_ticks(ticks, timeframe, instrument, hours, price=price)


def share_equal(found: FloatArray, known: FloatArray) -> float:
    return float(np.isclose(found, known, rtol=0, atol=1e-6).mean())


@pytest.mark.parametrize("side", ["bid", "ask"])
def test_every_minute_of_eurusd_closes_on_the_side_that_its_quotes_do(side: TickPrice) -> None:
    quotes = ticks_in("ticks/fx/EURUSD.quotes.20140508.parquet")
    known = of_day(bars_in("bars/fx/EURUSD.1m.parquet"), date(2014, 5, 8))

    found = made(quotes, "1m", "24x7", side)

    assert len(found) == 1_419
    assert found.ts.tolist() == known.ts.tolist()
    assert share_equal(found.close, known.extras[f"{side}_close"]) == 1


def test_95_of_96_closes_of_index_futures_are_those_of_their_bars_and_the_96th_was_late() -> None:
    known = bars_in("bars/cn_futures/CFFEX.IF.HOT.202101.5m.parquet")
    every = [ticks_in(path, INDEX) for path in INDEX_DAYS.values()]
    noon = np.datetime64("2021-01-05T03:30", "ns").astype(np.int64)

    found = [made(ticks, "5m", "product") for ticks in every]

    assert np.concatenate([bars.ts for bars in found]).tolist() == known.ts.tolist()
    assert share_equal(np.concatenate([bars.close for bars in found]), known.close) == 1
    # The odd one: the last price of the morning came at 11:30:00.2, which is after its close.
    in_time = every[1].ts < noon
    (odd,) = np.flatnonzero(known.ts == noon - 300 * 10**9)
    assert every[1].price[in_time][-1] != known.close[odd]
    late = every[1].ts[~in_time][0] - noon
    assert 0 <= late < 10**9
    assert every[1].price[~in_time][0] == known.close[odd]


@pytest.mark.parametrize("day", INDEX_DAYS)
def test_the_volume_of_a_day_of_index_futures_is_the_last_cumulative_one(day: date) -> None:
    (table,) = open_tables(DATA / INDEX_DAYS[day])
    place = table.columns.index("volume")
    cumulative = np.concatenate([batch.column(place) for batch in table.batches()])

    ticks = ticks_in(INDEX_DAYS[day], INDEX)

    assert cumulative[-1] > 80_000
    assert ticks.size.sum() == cumulative[-1]
    assert made(ticks, "5m", "product").volume.sum() == cumulative[-1]


def test_minutes_of_spy_agree_with_its_ticks_as_often_as_is_known() -> None:
    known = bars_in("raw/lean/equity-usa-minute-spy/20131007_trade.zip")

    found = made(ticks_in("ticks/us_stock/SPY.trades.20131007.parquet"), "1m", "24x7")

    assert len(known) == 828
    assert found.ts.tolist() == known.ts.tolist()
    shares = {
        name: round(share_equal(getattr(found, name), getattr(known, name)), 3)
        for name in ("open", "high", "low", "close", "volume")
    }
    assert shares == {"open": 0.96, "high": 0.948, "low": 0.94, "close": 0.948, "volume": 0.996}


def test_the_trades_of_xrp_are_the_same_in_json_parquet_and_the_curated_file() -> None:
    json, parquet, curated = (
        ticks_in(path)
        for path in (
            "raw/freqtrade/XRP_ETH-trades.json.gz",
            "raw/freqtrade/XRP_ETH-trades.parquet",
            "ticks/crypto/XRP-ETH.trades.20191011.parquet",
        )
    )

    assert len(json) == 12_477
    assert json.digest() == parquet.digest() == curated.digest()
    assert (json.side != 0).all()


def test_600000_is_in_lots_and_thousands_and_its_adjustment_is_suspected_and_said() -> None:
    found = read_bars(DATA / "raw/tushare/600000.SH.csv")
    raw = bars_in("bars/cn_stock/600000.SH.1d.parquet")
    _, mine, theirs = np.intersect1d(found.bars.ts, raw.ts, return_indices=True)

    assert len(mine) == 1_420
    np.testing.assert_allclose(found.bars.volume[mine], raw.volume[theirs], rtol=1e-6)
    turnover = found.bars.extras["turnover"][mine]
    np.testing.assert_allclose(turnover, raw.extras["turnover"][theirs], rtol=1e-5)
    assert abs(found.bars.close[mine][0] / raw.close[theirs][0] - 1) > 0.3
    assert found.mapping is not None
    assert found.mapping.adjustment.value == "suspected"
    assert any("suspected" in note for note in found.notes)


def test_hours_of_eurusd_are_taken_for_utc_and_open_labelled_and_fit_another_source_so_alone() -> (
    None
):
    found = read_bars(DATA / "raw/backtestingpy/EURUSD.csv")
    known = bars_in("bars/fx/EURUSD.1h.parquet")

    alike = {hours: likeness(found.bars, known, hours) for hours in range(-12, 13)}

    assert found.mapping is not None
    assert (found.mapping.zone.value, found.mapping.label.value) == ("UTC", "open")
    assert round(alike.pop(0), 4) == 0.9993
    assert max(map(abs, alike.values())) < 0.09


def likeness(first: Bars, second: Bars, hours: int) -> float:
    """Correlation of hourly returns where the first series is moved by so many hours."""
    ts, mine, theirs = np.intersect1d(
        first.ts + hours * HOUR_NS, second.ts, assume_unique=True, return_indices=True
    )
    is_next = np.diff(ts) == HOUR_NS
    returns = (
        np.diff(np.log(bars.close[rows])) for bars, rows in ((first, mine), (second, theirs))
    )
    return float(np.corrcoef(*(one[is_next] for one in returns))[0, 1])
