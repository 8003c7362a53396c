import pickle
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quantloom.data import demo_catalog
from quantloom.kit import BoolArray, IntArray, to_ns
from quantloom.market import (
    Bars,
    BarsCutElsewhere,
    CannotResample,
    EmptyRange,
    Timeframe,
    align,
    buckets,
    get_calendar,
    is_day_end,
    last_closed,
    resample,
    trading_days_of,
)
from tests.shared_data import SHARED, needs_shared

COLUMNS = ("ts", "open", "high", "low", "close", "volume")
DAY_NS = 86_400 * 10**9
NAMES = ["24x7", "us_stock", "cn_stock", "cn_futures", "cffex"]
# Around a change of clocks, an early close, holidays with and without nights, and turns of months.
STARTS = ["2021-03-11", "2020-11-25", "2021-04-01", "2020-09-28", "2020-12-30", "2021-02-08"]


def bars_at(ts: Sequence[int] | IntArray, timeframe: str, **changed: Any) -> Bars:
    times = np.asarray(ts, dtype=np.int64)
    close = 10.0 + np.arange(len(times)) % 7
    columns: dict[str, Any] = {
        "open": close - 0.5,
        "high": close + 1.0,
        "low": close - 1.0,
        "close": close,
        "volume": np.full(len(times), 100.0),
    }
    return Bars.of("X.US", timeframe, ts=times, **(columns | changed))


def session_bars(name: str, timeframe: str, first: str, last: str) -> Bars:
    """A bar for every span of the sessions from one trading day to another."""
    calendar, step = get_calendar(name), Timeframe.parse(timeframe).ns
    days = calendar.trading_days(date.fromisoformat(first), date.fromisoformat(last))
    spans = [session for day in days for session in calendar.sessions(day)]
    grid = [np.arange(to_ns(span.open), to_ns(span.close), step) for span in spans]
    return bars_at(np.concatenate(grid), timeframe)


def daily_bars(*days: str) -> Bars:
    return bars_at([to_ns(datetime.fromisoformat(day).replace(tzinfo=UTC)) for day in days], "1d")


def local_bars(name: str, timeframe: str, *texts: str) -> Bars:
    zone = ZoneInfo(get_calendar(name).timezone)
    moments = [datetime.fromisoformat(text).replace(tzinfo=zone) for text in texts]
    return bars_at([to_ns(moment) for moment in moments], timeframe)


def local_times(bars: Bars, name: str) -> list[str]:
    zone = ZoneInfo(get_calendar(name).timezone)
    moments = [datetime.fromtimestamp(ts / 10**9, zone) for ts in bars.ts.tolist()]
    return [f"{moment:%d %H:%M}" for moment in moments]


def dates(bars: Bars) -> list[str]:
    return [str(day) for day in bars.ts.astype("datetime64[ns]").astype("datetime64[D]")]


def rows_where(mask: BoolArray) -> list[int]:
    return [row for row, is_so in enumerate(mask.tolist()) if is_so]


def read_bars(stem: str, timeframe: str) -> Bars:
    table = pq.read_table(SHARED / f"data/bars/{stem}.{timeframe}.parquet")
    columns: dict[str, Any] = {name: table[name].to_numpy() for name in COLUMNS}
    return Bars.of(stem, timeframe, **columns)


def trading_dates(bars: Bars, name: str) -> IntArray:
    days = get_calendar(name).trading_days(bars.start.date(), bars.end.date())
    return np.array(days, dtype="datetime64[D]").astype(np.int64)


@dataclass(frozen=True)
class Sample:
    name: str
    bars: Bars
    timeframe: str


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    """Bars with gaps, prints outside the hours and bars that overlap the one before."""
    name = draw(st.sampled_from(NAMES))
    base = draw(st.sampled_from(["5m", "15m", "30m", "1h", "1d"]))
    bigger = {"1d": ["2d", "1w", "1M"]}.get(base, ["1h", "2h", "4h", "1d", "3d", "1w", "1M"])
    days = draw(st.integers(1, 90 if base == "1d" else 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    start = to_ns(datetime.fromisoformat(draw(st.sampled_from(STARTS))).replace(tzinfo=UTC))
    step = Timeframe.parse(base).ns
    every = start + np.arange(0, days * DAY_NS, step)
    is_usual = every >= 0 if base == "1d" else open_at(every, name)
    kept = rng.random(len(every)) < np.where(is_usual, rng.choice([0.3, 0.9, 1.0]), 0.1)
    times = every[kept] if kept.any() else every[:1]
    if base != "1d":
        times = times + step // 2 * (rng.random(len(times)) < rng.choice([0, 0.05]))
    low = 10 + rng.random(len(times))
    volume = np.where(rng.random(len(times)) < 0.1, np.nan, 5.0)
    columns = {"open": low + 0.5, "high": low + 1, "low": low, "close": low + 0.2}
    bars = bars_at(times, base, **columns, volume=volume, extras={"open_interest": low})
    timeframe = draw(st.sampled_from(bigger))
    assume(buckets(bars, timeframe, get_calendar(name)).is_member.any())
    return Sample(name, bars, timeframe)


def open_at(ts: IntArray, name: str) -> BoolArray:
    calendar = get_calendar(name)
    days = np.unique(calendar.trading_day(ts)).tolist()
    sessions = [session for day in days for session in calendar.sessions(day)]
    spans = ((to_ns(session.open), to_ns(session.close)) for session in sessions)
    is_open: BoolArray = np.any([(opens <= ts) & (ts < closes) for opens, closes in spans], axis=0)
    return is_open


@given(samples(), st.data())
def test_what_is_closed_at_a_bar_is_the_same_with_the_future_cut_off(
    sample: Sample, data: st.DataObject
) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    full = resample(bars, sample.timeframe, calendar)
    closed = last_closed(bars, full, calendar)
    row = data.draw(st.integers(0, len(bars) - 1))
    assume(closed[row] >= 0)

    past = resample(bars[: row + 1], sample.timeframe, calendar)

    upto = int(closed[row]) + 1
    assert last_closed(bars[: row + 1], past, calendar).tolist() == closed[: row + 1].tolist()
    assert past[:upto].digest() == full[:upto].digest()


@given(samples(), st.data())
def test_what_is_decided_of_a_bar_is_the_same_with_the_future_cut_off(
    sample: Sample, data: st.DataObject
) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    count = data.draw(st.integers(1, len(bars)))

    full = buckets(bars, sample.timeframe, calendar)
    past = buckets(bars[:count], sample.timeframe, calendar)

    assert past.starts.tolist() == full.starts[:count].tolist()
    assert past.is_closed.tolist() == full.is_closed[:count].tolist()
    assert past.is_member.tolist() == full.is_member[:count].tolist()


@given(samples())
def test_closing_only_ever_moves_on_and_at_most_one_bar_is_open(sample: Sample) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    found = buckets(bars, sample.timeframe, calendar)
    big = resample(bars, sample.timeframe, calendar)

    closed = last_closed(bars, big, calendar)

    assert (np.diff(closed) >= 0).all()
    present = np.searchsorted(big.ts, found.starts[found.is_member])
    assert set((present - closed[found.is_member]).tolist()) <= {0, 1}


@given(samples())
def test_every_bar_that_counts_is_in_one_bigger_bar(sample: Sample) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    member = buckets(bars, sample.timeframe, calendar).is_member

    big = resample(bars, sample.timeframe, calendar)

    assert np.nansum(big.volume) == np.nansum(bars.volume[member])
    assert (big.high.max(), big.low.min()) == (bars.high[member].max(), bars.low[member].min())
    assert (big.open[0], big.close[-1]) == (bars.open[member][0], bars.close[member][-1])


@given(samples())
def test_no_bar_within_a_session_is_left_out_unless_it_overlaps_another(sample: Sample) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    is_apart = np.diff(bars.ts, prepend=bars.ts[0] - DAY_NS) >= bars.timeframe.ns
    is_usual = open_at(bars.ts, sample.name)
    if not bars.timeframe.is_intraday:
        is_usual = np.isin(bars.ts // DAY_NS, trading_dates(bars, sample.name))

    found = buckets(bars, sample.timeframe, calendar)

    assert found.is_member[is_apart & is_usual].all()


@given(samples())
def test_a_trading_day_ends_once_and_an_unfinished_one_not_yet(sample: Sample) -> None:
    bars, calendar = sample.bars, get_calendar(sample.name)
    days = trading_days_of(bars, calendar)

    ended = days[is_day_end(bars, calendar)]

    assert (np.diff(ended).astype(np.int64) > 0).all()
    assert set(np.unique(days)) - set(ended) <= {days[-1]}


@pytest.mark.parametrize(
    ("timeframe", "rule"),
    [("4h", "4h"), ("12h", "12h"), ("24h", "D"), ("1d", "D"), ("1w", "W-MON"), ("1M", "MS")],
)
def test_around_the_clock_it_equals_pandas(timeframe: str, rule: str) -> None:
    bars = demo_catalog().read("BTC-USD.COINBASE", "1h")
    how = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    wanted = bars.to_frame().resample(rule, closed="left", label="left").agg(how).dropna()

    big = resample(bars, timeframe, get_calendar("24x7"))

    assert big.ts.tolist() == Bars.from_frame(wanted, "X", timeframe).ts.tolist()
    for name in how:
        assert getattr(big, name) == pytest.approx(wanted[name].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("day", ["2021-01-04", "2021-07-06"])
def test_hours_in_new_york_begin_at_the_open(day: str) -> None:
    bars = session_bars("us_stock", "5m", day, day)

    big = resample(bars, "1h", get_calendar("us_stock"))

    hours = ["09:30", "10:30", "11:30", "12:30", "13:30", "14:30", "15:30"]
    assert local_times(big, "us_stock") == [f"{day[-2:]} {hour}" for hour in hours]
    assert big.volume[-1] == 600


@pytest.mark.parametrize(
    ("timeframe", "expected"),
    [
        ("1h", "09:30 10:30 13:00 14:00"),
        ("90m", "09:30 11:00 14:00"),
        ("2h", "09:30 13:00"),
        ("4h", "09:30"),
    ],
)
def test_breaks_do_not_count_for_the_length_of_a_bar(timeframe: str, expected: str) -> None:
    bars = session_bars("cn_stock", "5m", "2021-03-08", "2021-03-08")

    big = resample(bars, timeframe, get_calendar("cn_stock"))

    assert local_times(big, "cn_stock") == [f"08 {text}" for text in expected.split()]


@pytest.mark.parametrize(
    ("timeframe", "expected"),
    [
        ("1h", "09:00 10:00 11:15 14:15"),
        ("30m", "09:00 09:30 10:00 10:45 11:15 13:45 14:15 14:45"),
        ("2h", "09:00 11:15"),
    ],
)
def test_chinese_futures_are_cut_like_chinese_terminals_cut_them(
    timeframe: str, expected: str
) -> None:
    bars = session_bars("cn_futures", "1m", "2021-03-08", "2021-03-08")

    big = resample(bars, timeframe, get_calendar("cn_futures"))

    by_day = [text for text in local_times(big, "cn_futures") if text.startswith("08")]
    assert by_day == [f"08 {text}" for text in expected.split()]


def test_a_night_session_belongs_to_the_next_trading_day_week_and_month() -> None:
    calendar = get_calendar("cn_futures")
    bars = local_bars(
        "cn_futures", "30m", "2021-04-30 14:30", "2021-05-06 09:00", "2021-05-07 21:00"
    )

    assert dates(resample(bars, "1d", calendar)) == ["2021-04-30", "2021-05-06", "2021-05-10"]
    assert dates(resample(bars, "1w", calendar)) == ["2021-04-26", "2021-05-03", "2021-05-10"]
    assert dates(resample(bars, "1M", calendar)) == ["2021-04-01", "2021-05-01"]


def test_a_bar_begins_where_the_calendar_says_though_its_first_minutes_are_missing() -> None:
    bars = local_bars("us_stock", "1m", "2021-01-04 09:47", "2021-01-04 10:31")

    big = resample(bars, "1h", get_calendar("us_stock"))

    assert local_times(big, "us_stock") == ["04 09:30", "04 10:30"]


def test_a_bigger_bar_closes_with_the_bar_that_reaches_its_end() -> None:
    calendar = get_calendar("cn_futures")
    bars = session_bars("cn_futures", "15m", "2021-03-09", "2021-03-09")
    hours, days = resample(bars, "1h", calendar), resample(bars, "1d", calendar)

    by_hour = last_closed(bars, hours, calendar)

    moves = rows_where(np.diff(by_hour, prepend=-1) == 1)
    ends = "21:45 22:45 23:45 00:45 01:45 02:15 09:45 11:00 14:00 14:45"
    assert [text[3:] for text in np.array(local_times(bars, "cn_futures"))[moves]] == ends.split()
    assert last_closed(bars, days, calendar).tolist() == [-1] * (len(bars) - 1) + [0]


def test_where_its_last_bar_is_missing_a_bigger_bar_closes_with_the_next_there_is() -> None:
    calendar = get_calendar("us_stock")
    # The last bar of 2020-11-25 would have begun at 15:30.
    bars = local_bars("us_stock", "30m", "2020-11-25 15:00", "2020-11-30 09:30", "2020-11-30 10:00")

    closed = last_closed(bars, resample(bars, "1d", calendar), calendar)

    assert closed.tolist() == [-1, 0, 0]


def test_a_week_closes_on_its_last_trading_day_and_a_month_on_its() -> None:
    calendar = get_calendar("us_stock")
    # Good Friday, 2021-04-02, is a holiday.
    bars = daily_bars("2021-03-30", "2021-03-31", "2021-04-01", "2021-04-05")
    weeks, months = (resample(bars, timeframe, calendar) for timeframe in ("1w", "1M"))

    assert dates(weeks) == ["2021-03-29", "2021-04-05"]
    assert last_closed(bars, weeks, calendar).tolist() == [-1, -1, 0, 0]
    assert dates(months) == ["2021-03-01", "2021-04-01"]
    assert last_closed(bars, months, calendar).tolist() == [-1, 0, 0, 0]


def test_weeks_and_months_add_up_too() -> None:
    calendar = get_calendar("24x7")
    days = session_bars("24x7", "12h", "2020-01-01", "2020-12-31")
    weeks, months = (resample(days, timeframe, calendar) for timeframe in ("1w", "1M"))
    quarters = resample(months, "3M", calendar)

    assert quarters.digest() == resample(days, "3M", calendar).digest()
    assert dates(quarters) == ["2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01"]
    assert last_closed(months[:4], quarters, calendar).tolist() == [-1, -1, 0, 0]
    assert resample(weeks, "2w", calendar).digest() == resample(days, "2w", calendar).digest()


def test_blocks_of_days_do_not_depend_on_where_the_data_begin() -> None:
    calendar = get_calendar("cn_stock")
    bars = session_bars("cn_stock", "30m", "2021-02-01", "2021-03-31")

    big, later = resample(bars, "3d", calendar), resample(bars[200:], "3d", calendar)

    assert later.ts[1:].tolist() == big.ts[-len(later) + 1 :].tolist()
    assert set(big.volume[1:-1].tolist()) == {3 * 8 * 100.0}


def test_what_trades_outside_the_hours_is_left_out() -> None:
    calendar = get_calendar("us_stock")
    times = ("04:00", "09:29", "09:30", "15:59", "16:00")
    bars = local_bars("us_stock", "1m", *(f"2021-01-04 {at}" for at in times))

    found = buckets(bars, "1d", calendar)

    assert rows_where(found.is_member) == [2, 3]
    with pytest.raises(EmptyRange):
        resample(bars[:2], "1h", calendar)


def test_an_opening_auction_is_part_of_the_first_bar() -> None:
    bars = local_bars("cn_futures", "1m", "2021-03-05 20:59", "2021-03-08 08:59")

    big = resample(bars, "1h", get_calendar("cn_futures"))

    assert local_times(big, "cn_futures") == ["05 21:00", "08 09:00"]


def test_a_bar_stamped_in_a_break_belongs_to_the_session_before_unless_that_has_closed() -> None:
    calendar = get_calendar("cn_stock")
    texts = [f"2021-03-08 {at}" for at in ("11:28", "11:29", "12:59", "13:00")]

    whole = buckets(local_bars("cn_stock", "1m", *texts), "1h", calendar)
    mislabelled = buckets(local_bars("cn_stock", "1m", *texts[::2]), "1h", calendar)

    assert whole.is_member.tolist() == [True, True, False, True]
    assert mislabelled.is_member.tolist() == [True, True]
    assert mislabelled.is_closed.tolist() == [False, True]


def test_volume_and_extras_are_summed_or_last_and_unknown_where_nothing_is_known() -> None:
    nan = np.nan
    bars = bars_at(
        np.arange(4) * 60 * 10**9,
        "1m",
        volume=[1, nan, nan, nan],
        extras={"turnover": [5, 6, 7, 8], "open_interest": [1, 2, 3, 4]},
    )

    big = resample(bars, "2m", get_calendar("24x7"))

    assert big.volume.tolist() == pytest.approx([1, nan], nan_ok=True)
    assert big.extras["turnover"].tolist() == [11, 15]
    assert big.extras["open_interest"].tolist() == [2, 4]


def test_bars_of_the_same_length_stay_as_they_are() -> None:
    calendar = get_calendar("us_stock")
    bars = demo_catalog().read("SPY.ARCA", "1h")

    assert resample(bars, "1h", calendar).digest() == bars.digest()
    assert last_closed(bars, bars, calendar).tolist() == list(range(len(bars)))


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        ("5m", "1m"),
        ("5m", "7m"),
        ("1m", "48h"),
        ("1d", "1h"),
        ("1d", "24h"),
        ("2d", "3d"),
        ("1w", "1d"),
        ("1w", "1M"),
        ("7d", "1w"),
        ("30d", "1M"),
        ("1M", "1w"),
        ("48h", "1d"),
    ],
)
def test_what_does_not_add_up_is_refused(base: str, wanted: str) -> None:
    bars = bars_at([0], base)

    with pytest.raises(CannotResample, match=f"{base} bars do not add up to {wanted}") as caught:
        resample(bars, wanted, get_calendar("24x7"))

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_bigger_bars_that_begin_elsewhere_are_refused() -> None:
    calendar = get_calendar("us_stock")
    small = session_bars("us_stock", "5m", "2021-03-29", "2021-03-31")
    hours_from_nine = demo_catalog().read("SPY.ARCA", "1h")

    with pytest.raises(BarsCutElsewhere) as caught:
        last_closed(small, hours_from_nine, calendar)

    assert (caught.value.count, caught.value.row) == (len(hours_from_nine), 0)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_daily_bars_from_elsewhere_reach_further_back_than_the_small_ones() -> None:
    calendar, catalog = get_calendar("cn_futures"), demo_catalog()
    small, daily = catalog.read("rb-MAIN.SHFE", "5m"), catalog.read("rb-MAIN.SHFE", "1d")

    rows = last_closed(small, daily, calendar)

    days = daily.ts.astype("datetime64[ns]").astype("datetime64[D]")
    is_over = is_day_end(small, calendar)
    assert (days[rows[is_over]] == trading_days_of(small, calendar)[is_over]).all()
    assert (days[rows[~is_over]] < trading_days_of(small, calendar)[~is_over]).all()
    assert rows[0] == 1157


def test_aligned_values_are_missing_until_the_first_bigger_bar_has_closed() -> None:
    seen = align(np.array([1.0, 2.0]), np.array([-1, -1, 0, 0, 1]))

    assert seen.tolist() == pytest.approx([np.nan, np.nan, 1, 1, 2], nan_ok=True)


def test_a_day_ends_by_schedule_or_else_with_its_last_bar() -> None:
    texts = "20-11-25 15:59|20-11-25 16:00|20-11-30 12:59|20-12-01 15:59|20-12-02 09:30"
    bars = local_bars("us_stock", "1m", *(f"20{text}" for text in texts.split("|")))

    ends = is_day_end(bars, get_calendar("us_stock"))

    assert ends.tolist() == [True, False, True, True, False]
    assert is_day_end(daily_bars("2021-01-04", "2021-01-05"), get_calendar("us_stock")).all()


def test_hourly_bars_of_spy_make_its_daily_bars() -> None:
    catalog = demo_catalog()
    daily = catalog.read("SPY.ARCA", "1d")

    made = resample(catalog.read("SPY.ARCA", "1h"), "1d", get_calendar("us_stock"))

    assert made.digest() == daily[-len(made) :].digest()


def test_five_minute_bars_of_rebar_make_its_daily_bars() -> None:
    catalog, calendar = demo_catalog(), get_calendar("cn_futures")
    small, daily = catalog.read("rb-MAIN.SHFE", "5m"), catalog.read("rb-MAIN.SHFE", "1d")

    made = resample(small, "1d", calendar)

    same = daily[-len(made) :]
    for name in ("ts", "open", "close", "volume"):
        assert getattr(made, name).tolist() == getattr(same, name).tolist()
    assert made.extras["open_interest"].tolist() == same.extras["open_interest"].tolist()
    # Highs and lows of these bars are of snapshots; the exchange's own see every trade.
    assert ((made.high <= same.high) & (made.low >= same.low)).all()
    for between in ("15m", "1h"):
        again = resample(resample(small, between, calendar), "1d", calendar)
        assert (again.ts.tolist(), again.close.tolist()) == (made.ts.tolist(), made.close.tolist())


@needs_shared
@pytest.mark.parametrize("stem", ["CZCE.TA.HOT", "DCE.m.HOT", "SHFE.cu.HOT"])
def test_closes_of_real_nights_and_days_are_those_of_the_daily_file(stem: str) -> None:
    small, daily = (read_bars(f"cn_futures/{stem}", timeframe) for timeframe in ("5m", "1d"))

    made = resample(small, "1d", get_calendar("cn_futures"))

    _, ours, theirs = np.intersect1d(made.ts, daily.ts, return_indices=True)
    assert len(ours) == len(made) > 600
    assert made.close.tolist() == daily.close[theirs].tolist()


@needs_shared
def test_the_auctions_of_a_real_contract_count() -> None:
    bars = read_bars("cn_futures/SHFE.rb2401", "1m")

    assert buckets(bars, "1h", get_calendar("cn_futures")).is_member.all()


@pytest.mark.parametrize(("name", "timeframe"), [("24x7", "1h"), ("cn_futures", "1d")])
def test_a_million_minutes_are_resampled_in_a_second(name: str, timeframe: str) -> None:
    ts = to_ns(datetime(2015, 1, 5, tzinfo=UTC)) + np.arange(1_000_000) * 60 * 10**9
    bars, calendar = bars_at(ts, "1m"), get_calendar(name)
    took_s = []

    for _ in range(3):
        start = time.process_time()
        last_closed(bars, resample(bars, timeframe, calendar), calendar)
        took_s.append(time.process_time() - start)

    assert min(took_s) < 1
