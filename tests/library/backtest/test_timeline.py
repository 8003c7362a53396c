from datetime import UTC, datetime, timedelta

import pytest

from quantloom.backtest.feed import Feed
from quantloom.backtest.timeline import Timeline
from quantloom.data import demo_catalog
from quantloom.kit import to_ns
from quantloom.market import Bars, default_instrument


def evening_feed(symbol: str) -> Feed:
    """Two bars in Shanghai's evening of a Friday and one on Monday morning."""
    friday, monday = (datetime(2024, 3, day, tzinfo=UTC) for day in (1, 4))
    times = (
        friday + timedelta(hours=13),
        friday + timedelta(hours=14),
        monday + timedelta(hours=1),
    )
    ts = [to_ns(moment) for moment in times]
    price = [10.0] * 3
    bars = Bars.of(
        symbol, "5m", ts=ts, open=price, high=price, low=price, close=price, volume=price
    )
    return Feed(default_instrument(symbol), bars)


def test_products_with_calendars_of_their_own_move_one_cursor_where_their_bars_are_the_same() -> (
    None
):
    catalog = demo_catalog()
    symbols = ("rb-MAIN.SHFE", "m-MAIN.DCE")
    feeds = [Feed(catalog.instrument(symbol), catalog.read(symbol, "1d")) for symbol in symbols]

    assert feeds[0].calendar.name != feeds[1].calendar.name
    assert Timeline.of(feeds).is_aligned


@pytest.mark.parametrize(
    ("other", "is_aligned"), [("m2405.DCE", True), ("lc2407.GFEX", False), ("600000.SSE", False)]
)
def test_markets_that_date_an_evening_otherwise_keep_cursors_of_their_own(
    other: str, is_aligned: bool
) -> None:
    feeds = [evening_feed("rb2405.SHFE"), evening_feed(other)]

    assert Timeline.of(feeds).is_aligned is is_aligned
