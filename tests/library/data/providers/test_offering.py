"""Weeks and months of any provider: made of its days, and only those that are over."""

from datetime import timedelta

import numpy as np
import pytest

from quantloom.data.providers import MadeUp, ProviderBadData, SyntheticProvider
from quantloom.data.providers.crypto import CryptoProvider
from quantloom.data.providers.tushare import TushareProvider
from quantloom.kit import ManualClock, from_ns
from quantloom.market import EmptyRange
from tests.library.data.providers.builders import Canned, make_clock, moment, table_of_rows

STOCK = "600519.SSE"
# A Monday: three days later the week is half over. The first half of a year, holidays among it.
MONDAY, HALF = moment("2024-06-03"), (moment("2024-01-03"), moment("2024-07-01"))


def make_provider(now: str) -> SyntheticProvider:
    return SyntheticProvider(MadeUp(gap_chance=0.0), ManualClock(moment(now)))


@pytest.mark.parametrize(
    ("timeframe", "first", "last", "count"),
    # The week of Spring Festival has no day at all.
    [("1w", "2024-01-08", "2024-05-27", 20), ("1M", "2024-02-01", "2024-05-01", 4)],
)
def test_only_whole_weeks_and_months_that_open_in_the_span_come(
    timeframe: str, first: str, last: str, count: int
) -> None:
    found = make_provider("2024-06-06 12:00").bars(STOCK, timeframe, *HALF)

    assert [f"{found.bars.start:%F}", f"{found.bars.end:%F}"] == [first, last]
    assert len(found.bars) == count
    assert found.notes[0].startswith("Made of ")


def test_a_week_is_what_its_days_were() -> None:
    provider = make_provider("2024-07-08")
    week, days = (
        provider.bars(STOCK, length, MONDAY, MONDAY + timedelta(days=7)).bars
        for length in ("1w", "1d")
    )

    assert week.ts.tolist() == [days.ts[0]]
    assert (week.open[0], week.close[0]) == (days.open[0], days.close[-1])
    assert (week.high[0], week.low[0]) == (days.high.max(), days.low.min())
    assert week.volume[0] == pytest.approx(days.volume.sum())


def test_a_week_is_over_with_its_last_session_and_not_before() -> None:
    friday = moment("2024-06-07")
    before, after = (
        make_provider(f"{friday:%F} {clock}").bars(STOCK, "1w", MONDAY - timedelta(days=7), friday)
        for clock in ("06:59", "07:01")
    )

    assert [len(before.bars), len(after.bars)] == [1, 2]


def test_a_span_in_which_no_week_opens_is_empty() -> None:
    with pytest.raises(EmptyRange):
        make_provider("2024-07-08").bars(
            STOCK, "1w", MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)
        )


def test_weeks_that_must_be_there_and_are_not_are_an_error() -> None:
    row = "20240110,9,9,9,9,1000,900"
    asker = Canned(daily=table_of_rows("trade_date,open,high,low,close,vol,amount", row))
    provider = TushareProvider(asker, make_clock(), token="hunter2")

    with pytest.raises(ProviderBadData, match="open on 4 day"):
        provider.bars("000001.SZ", "1w", moment("2024-01-01"), moment("2024-01-08"))


def test_weeks_of_a_market_that_never_closes_begin_on_mondays() -> None:
    day_ms = 86_400_000
    first = int(moment("2024-01-03").timestamp() * 1000)
    rows = [[first + day * day_ms, 10.0, 11.0, 9.0, 10.0, 1.0] for day in range(40)]
    provider = CryptoProvider(Canned(fetch_ohlcv=rows), make_clock())

    bars = provider.bars("BTC/USDT", "1w", moment("2024-01-03"), moment("2024-02-01")).bars

    assert {from_ns(int(ts)).weekday() for ts in bars.ts} == {0}
    assert np.unique(bars.volume).tolist() == [7.0]
