"""Ticks of IF and SPY made into bars by our sessions, against the bars of the same days."""

from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import (
    Bars,
    Calendar,
    get_calendar,
    product_calendar,
    resample,
    trading_days_of,
)
from tests.shared_data import SHARED, needs_shared

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
INDEX, FUND = "IF2101.CFFEX", "SPY.ARCA"
DAYS = [date(2021, 1, 4), date(2021, 1, 5)]
PRICES = ("open", "high", "low", "close")
# Prints that report a trade on other terms than the market's at that moment.
ODD_TERMS = 0x100000


def read(path: str) -> dict[str, np.ndarray]:
    table = pq.read_table(SHARED / "data" / path)
    columns = {name: table[name].to_numpy() for name in table.column_names}
    return columns | {"ts": columns["ts"].astype("datetime64[ns]").astype(np.int64)}


def second_bars(symbol: str, ts: IntArray, price: FloatArray, quantity: FloatArray) -> Bars:
    """Trades that lie in one second as a bar; time never falls."""
    seconds = ts // SECOND_NS
    starts = np.flatnonzero(np.diff(seconds, prepend=seconds[0] - 1))
    return Bars.of(
        symbol,
        "1s",
        ts=seconds[starts] * SECOND_NS,
        open=price[starts],
        high=np.maximum.reduceat(price, starts),
        low=np.minimum.reduceat(price, starts),
        close=price[np.append(starts[1:], len(ts)) - 1],
        volume=np.add.reduceat(quantity, starts),
    )


def index_seconds(day: date, calendar: Calendar, *, in_time: bool = True) -> Bars:
    """Snapshots of a day: the last price, and what was traded since the one before.

    Args:
        in_time: put a snapshot that comes up to a minute after the close of a session, which tells
            of what was traded before it, into the session's last second.
    """
    ticks = read(f"ticks/cn_futures/CFFEX.IF.HOT.ticks.{day:%Y%m%d}.parquet")
    ts = ticks["ts"].copy()
    for session in calendar.sessions(day):
        close_ns = int(session.close.timestamp()) * SECOND_NS
        is_late = (ts >= close_ns) & (ts < close_ns + MINUTE_NS)
        ts[is_late & in_time] = close_ns - 1
    traded = np.diff(ticks["volume"], prepend=0).astype(np.float64)
    return second_bars(INDEX, ts, ticks["last_price"], traded)


def index_bars(*, in_time: bool = True) -> list[Bars]:
    calendar = product_calendar(INDEX)
    return [resample(index_seconds(day, calendar, in_time=in_time), "5m", calendar) for day in DAYS]


def equal(made: FloatArray, kept: FloatArray) -> BoolArray:
    return np.isclose(made, kept, rtol=0, atol=1e-6)


@needs_shared
def test_five_minutes_of_index_futures_close_as_the_bars_do() -> None:
    kept = read("bars/cn_futures/CFFEX.IF.HOT.202101.5m.parquet")
    late, right = index_bars(in_time=False), index_bars()

    def closing_alike(made: list[Bars]) -> BoolArray:
        return equal(np.concatenate([bars.close for bars in made]), kept["close"])

    assert np.concatenate([bars.ts for bars in right]).tolist() == kept["ts"].tolist()
    # The odd one of the 96 ends the morning of the 5th: its last price came at 11:30:00.2.
    (odd,) = np.flatnonzero(~closing_alike(late)).tolist()
    assert np.datetime64(int(kept["ts"][odd]), "ns") == np.datetime64("2021-01-05T03:25")
    assert closing_alike(right).all()


@needs_shared
@pytest.mark.parametrize("field", ["high", "low", "volume"])
def test_five_minutes_of_index_futures_hold_what_the_bars_do(field: str) -> None:
    kept = read("bars/cn_futures/CFFEX.IF.HOT.202101.5m.parquet")

    made = np.concatenate([getattr(bars, field) for bars in index_bars()])

    assert equal(made, kept[field]).all()


@needs_shared
@pytest.mark.parametrize(("place", "day"), [*enumerate(DAYS)])
def test_the_volume_of_the_day_is_the_last_cumulative_one(place: int, day: date) -> None:
    ticks = read(f"ticks/cn_futures/CFFEX.IF.HOT.ticks.{day:%Y%m%d}.parquet")

    assert index_bars()[place].volume.sum() == ticks["volume"][-1]


@needs_shared
@pytest.mark.parametrize("day", DAYS)
def test_snapshots_are_of_the_trading_day_that_they_name(day: date) -> None:
    ticks = read(f"ticks/cn_futures/CFFEX.IF.HOT.ticks.{day:%Y%m%d}.parquet")
    calendar = product_calendar(INDEX)

    days = trading_days_of(index_seconds(day, calendar), calendar)

    assert {f"{one:%Y%m%d}" for one in days.tolist()} == {str(one) for one in ticks["trading_day"]}


def fund_minutes(calendar: str, *, leave_out: int = 0) -> Bars:
    prints = read("ticks/us_stock/SPY.trades.20131007.parquet")
    terms = np.array([int(text, 16) for text in prints["sale_condition"]])
    taken = terms & leave_out == 0
    columns = (prints[name][taken] for name in ("ts", "price", "qty"))
    return resample(second_bars(FUND, *columns), "1m", get_calendar(calendar))


def shares_alike(made: Bars) -> dict[str, float]:
    """Share of the minutes in which a field equals that of the bars kept."""
    kept = read("bars/us_stock/SPY.1m.parquet")
    rows = np.searchsorted(kept["ts"], made.ts)
    assert kept["ts"][rows].tolist() == made.ts.tolist()
    return {
        name: float(equal(getattr(made, name), kept[name][rows]).mean())
        for name in (*PRICES, "volume")
    }


@needs_shared
def test_minutes_of_spy_have_the_prices_and_volume_of_the_bars() -> None:
    every = fund_minutes("24x7")
    priced = fund_minutes("24x7", leave_out=ODD_TERMS)

    prices, volume = shares_alike(priced), shares_alike(every)["volume"]

    assert len(every) == len(priced) == 828
    assert min(prices[name] for name in PRICES) >= 0.94
    assert volume >= 0.995


@needs_shared
def test_with_odd_prints_among_them_minutes_of_spy_agree_as_often_as_is_known() -> None:
    found = {name: round(share, 3) for name, share in shares_alike(fund_minutes("24x7")).items()}

    known = {"open": 0.96, "high": 0.948, "low": 0.94, "close": 0.948, "volume": 0.996}
    assert found == known


@needs_shared
def test_the_session_of_new_york_holds_its_minutes_and_no_others() -> None:
    made = fund_minutes("us_stock")

    opens = int(np.datetime64("2013-10-07T13:30", "ns").astype(np.int64))
    assert made.ts.tolist() == [opens + count * MINUTE_NS for count in range(390)]
    assert shares_alike(made)["volume"] >= 0.99
