"""Bars of ticks: by a market's clock, and by trades, volume, money and range."""

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.market import (
    Bars,
    CannotResample,
    GapsOfLongBars,
    Instrument,
    Kind,
    NoTicks,
    Ticks,
    TicksTellNoMeasure,
    Timeframe,
    bars_of_ticks,
    find_gaps,
    get_calendar,
    is_day_end,
    product_calendar,
    resample,
)
from tests.shared_data import SHARED, needs_shared

NIGHT = np.datetime64("2024-01-08T13:00", "ns").astype(np.int64)  # 21:00 in Shanghai
MORNING = np.datetime64("2024-01-09T01:00", "ns").astype(np.int64)
SECOND = 10**9
REBAR = Instrument(
    symbol="rb2405.SHFE",
    kind=Kind.FUTURE,
    tick_size=Decimal(1),
    multiplier=Decimal(10),
    calendar="SHFE.rb",
)
CALENDAR = get_calendar("SHFE.rb")


def make_trades(ts: list[int], price: list[float], size: list[float] | None = None) -> Ticks:
    return Ticks.of_trades("rb2405.SHFE", ts=ts, price=price, size=size or [1.0] * len(ts))


def make(ticks: Ticks, timeframe: str, **terms: str) -> Bars:
    return bars_of_ticks(ticks, timeframe, REBAR, CALENDAR, **terms)  # type: ignore[arg-type]


@st.composite
def two_days(draw: st.DrawFn) -> Ticks:
    """Trades of a night, its morning and the night after, several in a moment now and then."""
    count = draw(st.integers(1, 60))
    steps = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    starts = draw(st.lists(st.sampled_from([NIGHT, MORNING, NIGHT + 86_400 * SECOND]), min_size=1))
    ts = sorted(int(start) + int(step) * SECOND for start in starts for step in np.cumsum(steps))
    prices = draw(st.lists(st.integers(3_000, 3_060), min_size=len(ts), max_size=len(ts)))
    sizes = draw(st.lists(st.integers(1, 30), min_size=len(ts), max_size=len(ts)))
    return make_trades(ts, [float(one) for one in prices], [float(one) for one in sizes])


@given(two_days(), st.sampled_from(["7T", "40V", "900000A", "9R"]))
@settings(max_examples=150)
def test_bars_of_events_are_what_a_loop_makes_of_them(ticks: Ticks, timeframe: str) -> None:
    wanted = Timeframe.parse(timeframe)
    days = CALENDAR.trading_day(ticks.ts)
    expected: list[list[int]] = []
    for row in range(len(ticks)):
        if not expected or is_full(ticks, expected[-1], wanted) or days[row] != days[row - 1]:
            expected.append([])
        expected[-1].append(row)

    bars = make(ticks, timeframe)

    assert bars.extras["trades"].tolist() == [len(rows) for rows in expected]
    assert bars.open.tolist() == [ticks.price[rows[0]] for rows in expected]
    assert bars.high.tolist() == [max(ticks.price[rows]) for rows in expected]
    assert bars.low.tolist() == [min(ticks.price[rows]) for rows in expected]
    assert bars.close.tolist() == [ticks.price[rows[-1]] for rows in expected]
    assert bars.volume.tolist() == [sum(ticks.size[rows]) for rows in expected]
    assert bars.extras["amount"].sum() == (ticks.price * ticks.size).sum() * 10


def is_full(ticks: Ticks, rows: list[int], timeframe: Timeframe) -> bool:
    prices, sizes = ticks.price[rows], ticks.size[rows]
    held = {
        "T": len(rows),
        "V": sizes.sum(),
        "A": (prices * sizes).sum() * 10,
        "R": prices.max() - prices.min(),
    }
    return bool(held[timeframe.unit] >= timeframe.count)


@given(two_days(), st.sampled_from(["1m", "5m", "1h", "1d"]))
@settings(max_examples=60)
def test_bars_of_time_are_those_of_seconds_made_bigger(ticks: Ticks, timeframe: str) -> None:
    bars, bigger = make(ticks, timeframe), resample(ticks.bars("1s"), timeframe, CALENDAR)

    assert bars.ts.tolist() == bigger.ts.tolist()
    for name in ("open", "high", "low", "close", "volume"):
        assert getattr(bars, name).tolist() == getattr(bigger, name).tolist()


def test_trades_of_one_moment_that_fill_several_bars_still_give_rising_times() -> None:
    bars = make(make_trades([int(MORNING)] * 4, [10.0, 11.0, 12.0, 13.0]), "1T")

    assert (bars.ts - MORNING).tolist() == [0, 1, 2, 3]


def test_the_auction_belongs_to_the_first_bar_and_what_comes_late_to_the_last() -> None:
    auction, close = int(MORNING) - 60 * SECOND, int(MORNING) + 6 * 3_600 * SECOND
    ticks = make_trades([auction, int(MORNING), close, close + SECOND // 2], [10, 11, 12, 13])

    bars = make(ticks, "1m")

    assert bars.ts.tolist() == [MORNING, close - 60 * SECOND]
    assert bars.open.tolist() == [10, 12]
    assert bars.close.tolist() == [11, 13]


def test_quotes_give_bars_of_the_price_that_is_asked_for() -> None:
    ticks = Ticks.of_quotes(
        "rb2405.SHFE", ts=[MORNING, MORNING + 1], bid=[9.0, np.nan], ask=[11.0, 12.0]
    )

    assert make(ticks, "1m").close.tolist() == [10.0]
    assert make(ticks, "1m", price="ask").close.tolist() == [12.0]
    assert np.isnan(make(ticks, "1m").volume).all()
    with pytest.raises(TicksTellNoMeasure, match=r"rb2405\.SHFE: its ticks bring no trades"):
        make(ticks, "100V")
    with pytest.raises(NoTicks):
        make(ticks, "1m", price="trade")


def test_bars_that_no_clock_cuts_are_left_alone_by_what_needs_one() -> None:
    ts = [int(NIGHT) + count * SECOND for count in range(4)]
    bars = make(make_trades([*ts, int(NIGHT) + 86_400 * SECOND], [10, 11, 12, 13, 14]), "2T")

    assert str(bars.timeframe) == "2T"
    assert is_day_end(bars, CALENDAR).tolist() == [False, True, False]
    with pytest.raises(CannotResample):
        resample(bars, "1h", CALENDAR)
    with pytest.raises(GapsOfLongBars):
        find_gaps(bars, CALENDAR)


def test_the_first_snapshot_counts_where_it_is_that_of_the_auction() -> None:
    columns: dict[str, Any] = {
        "last": [10.0, 11.0],
        "volume": [5, 7],
        "bid": [9.0, 9.0],
        "ask": [12.0, 12.0],
    }
    ts = [int(MORNING) - 60 * SECOND, int(MORNING)]

    without = Ticks.of_snapshots("rb2405.SHFE", ts=ts, **columns)
    counted = Ticks.of_snapshots("rb2405.SHFE", ts=ts, **columns, begins_with_auction=True)

    assert make(without, "1d").volume.tolist() == [2]
    assert make(counted, "1d").volume.tolist() == [7]
    assert make(counted, "1d").open.tolist() == [10]


@needs_shared
def test_minutes_of_quotes_close_as_the_bars_of_their_source_do() -> None:
    quotes = pq.read_table(SHARED / "data/ticks/fx/EURUSD.quotes.20140508.parquet")
    columns = {name: quotes[name].to_numpy() for name in ("ts", "bid", "ask")}
    ticks = Ticks.of_quotes("EURUSD.FX", **columns)
    pair = Instrument(symbol="EURUSD.FX", kind=Kind.FX, tick_size=Decimal("0.00001"))

    bid = bars_of_ticks(ticks, "1m", pair, get_calendar("24x7"), price="bid")

    assert len(bid) == 1_419
    hours = resample(bid, "1h", get_calendar("24x7"))
    whole = bars_of_ticks(ticks, "1h", pair, get_calendar("24x7"), price="bid")
    assert hours.close.tolist() == whole.close.tolist()


@needs_shared
@pytest.mark.parametrize("day", [date(2021, 1, 4), date(2021, 1, 5)])
def test_index_futures_close_as_the_bars_of_their_source_do(day: date) -> None:
    path = SHARED / f"data/ticks/cn_futures/CFFEX.IF.HOT.ticks.{day:%Y%m%d}.parquet"
    table = pq.read_table(path)
    of = {name: table[name].to_numpy() for name in table.column_names}
    ticks = Ticks.of_snapshots(
        "IF2101.CFFEX",
        ts=of["ts"].astype("datetime64[ns]"),
        last=of["last_price"],
        volume=of["volume"],
        bid=of["bid_price1"],
        ask=of["ask_price1"],
        begins_with_auction=True,
    )
    index = Instrument(
        symbol="IF2101.CFFEX", kind=Kind.FUTURE, tick_size=Decimal("0.2"), multiplier=Decimal(300)
    )
    kept = pq.read_table(SHARED / "data/bars/cn_futures/CFFEX.IF.HOT.202101.5m.parquet")
    is_today = kept["ts"].to_numpy().astype("datetime64[D]") == np.datetime64(day)

    bars = bars_of_ticks(ticks, "5m", index, product_calendar("IF2101.CFFEX"))

    np.testing.assert_allclose(bars.close, kept["close"].to_numpy()[is_today], atol=1e-6)
    assert bars.volume.sum() == of["volume"][-1]
