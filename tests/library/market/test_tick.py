"""One tick says when it happened, what it brings and where its middle lies."""

from datetime import UTC, datetime
from math import isnan, nan

import pytest

from quantloom.market import QUOTE, SNAPSHOT, TRADE, Tick


def make_tick(*, kind: int = SNAPSHOT, bid: float = 9.0, ask: float = 11.0) -> Tick:
    tick = Tick()
    tick.symbol, tick.ts_ns, tick.received_ns, tick.kind = "X", 1_500_000_000, 1_600_000_000, kind
    tick.bid, tick.bid_size, tick.ask, tick.ask_size = bid, 1.0, ask, 2.0
    tick.price, tick.size, tick.side = 10.0, 3.0, 1
    return tick


@pytest.mark.parametrize(
    ("kind", "is_quote", "is_trade"),
    [(QUOTE, True, False), (TRADE, False, True), (SNAPSHOT, True, True)],
)
def test_a_tick_brings_prices_a_trade_or_both(kind: int, is_quote: bool, is_trade: bool) -> None:
    tick = make_tick(kind=kind)

    assert (tick.is_quote, tick.is_trade) == (is_quote, is_trade)
    assert ("trade 3.0 at 10.0" in repr(tick)) == is_trade


def test_the_middle_needs_both_sides() -> None:
    assert make_tick().mid == 10.0
    assert isnan(make_tick(ask=nan).mid)


def test_a_tick_tells_its_time_in_utc() -> None:
    assert make_tick().time == datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)
