"""Ticks are checked once, merged in order, and made into bars."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from quantloom.market import (
    QUOTE,
    SNAPSHOT,
    TRADE,
    BadTicks,
    NoTicks,
    Ticks,
    merge_ticks,
)
from quantloom.market.ticks import tick_problems
from quantloom.messages import in_chinese

START = 1_704_186_000_000_000_000
SECOND = 1_000_000_000


def quotes(**changed: Any) -> Ticks:
    columns: dict[str, Any] = {
        "ts": START + SECOND * np.arange(3),
        "bid": [9.99, 9.98, 9.99],
        "ask": [10.0, 10.0, 10.01],
        "bid_size": [5, 6, 7],
        "ask_size": [1, 2, 3],
    }
    return Ticks.of_quotes("X.LOCAL", **(columns | changed))


def trades(**changed: Any) -> Ticks:
    columns: dict[str, Any] = {
        "ts": START + SECOND * np.arange(2),
        "price": [10.0, 9.98],
        "size": [2, 3],
        "side": [1, -1],
    }
    return Ticks.of_trades("X.LOCAL", **(columns | changed))


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"ts": START - SECOND * np.arange(3)}, "time earlier than the tick before"),
        ({"bid": [9.99, 10.02, 9.99]}, "a bid above the ask"),
        ({"bid": [9.99, -1, 9.99]}, "a price that is not above zero"),
        ({"bid_size": [5, np.nan, 5]}, "a size that is not at or above zero"),
        ({"received": START - 1 + SECOND * np.arange(3)}, "received before it happened"),
        ({"received": START + SECOND * np.array([5, 4, 6])}, "received before the tick before"),
        ({"ask": [10.0, 10.0]}, "columns of unequal length"),
        ({"ts": [0.5, 1.5, 2.5]}, "times of type float64"),
        (
            {
                "bid": [[9.99, 9.995]] * 3,
                "bid_size": [[1, 1]] * 3,
                "ask": [[10, 11]] * 3,
                "ask_size": [[1, 1]] * 3,
            },
            "levels that do not lead away",
        ),
    ],
)
def test_quotes_that_cannot_be_true_are_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadTicks, match=problem):
        quotes(**changed)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"price": [10.0, np.nan]}, "a trade without a price above zero"),
        ({"size": [2, 0]}, "a trade without a size above zero"),
        ({"side": [2, 0]}, "a side that is not 1, -1 or 0"),
    ],
)
def test_trades_that_cannot_be_true_are_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(BadTicks, match=problem):
        trades(**changed)


def test_every_problem_of_a_tick_is_told_in_chinese() -> None:
    ticks = quotes(received=START + SECOND * np.arange(3))

    for problem, _ in tick_problems(ticks):
        told = in_chinese(BadTicks("X.LOCAL", problem, 1, (0,)))

        assert told is not None
        assert problem not in told


def test_trades_stand_between_the_prices_of_the_quote_before_them() -> None:
    merged = merge_ticks(trades(), quotes())

    assert merged.kind.tolist() == [TRADE, QUOTE, TRADE, QUOTE, QUOTE]
    assert np.isnan(merged.bid[0, 0])
    assert merged.bid[1:, 0].tolist() == [9.99, 9.99, 9.98, 9.99]
    assert merged.ask_size[1:, 0].tolist() == [1, 1, 2, 3]


def test_parts_of_two_symbols_do_not_mix() -> None:
    other = Ticks.of_trades("Y.LOCAL", ts=[START], price=[1], size=[1])

    with pytest.raises(BadTicks, match="more than one symbol"):
        merge_ticks(quotes(), other)


def test_snapshots_tell_trades_by_the_growth_of_volume_and_takers_by_the_quote_before() -> None:
    ticks = Ticks.of_snapshots(
        "IF2101.CFFEX",
        ts=START + SECOND * np.arange(5),
        last=[5000.0, 5000.4, 5000.0, 5000.2, 5000.2],
        volume=[100, 103, 103, 108, 4],
        bid=[5000.0, 5000.0, 5000.0, 5000.0, 5000.0],
        ask=[5000.4, 5000.4, 5000.4, 5000.4, np.nan],
        bid_size=[1, 1, 1, 1, 1],
        ask_size=[1, 1, 1, 1, 0],
    )

    # The first one's 100 were traded nobody knows when; the fall to 4 begins another day.
    assert ticks.kind.tolist() == [QUOTE, SNAPSHOT, QUOTE, SNAPSHOT, SNAPSHOT]
    assert ticks.size.tolist() == [0, 3, 0, 5, 4]
    assert ticks.side.tolist() == [0, 1, 0, 0, 0]
    assert ticks.ask_size[:, 0].tolist() == [1, 1, 1, 1, 0]


def test_bars_are_made_of_trades_or_else_of_the_middle() -> None:
    of_trades, of_quotes = trades().bars("1s"), quotes().bars("1m")

    assert of_trades.close.tolist() == [10.0, 9.98]
    assert of_trades.volume.tolist() == [2, 3]
    assert of_quotes.high.tolist() == [10.0]
    assert np.isnan(of_quotes.volume).all()


def test_ticks_say_what_they_bring() -> None:
    both = merge_ticks(trades(), quotes())

    assert [(one.has_quotes, one.has_trades) for one in (quotes(), trades(), both)] == [
        (True, False),
        (False, True),
        (True, True),
    ]


def test_a_span_without_ticks_is_not_found() -> None:
    with pytest.raises(NoTicks):
        quotes().between(datetime(2030, 1, 1, tzinfo=UTC))


def test_equal_ticks_have_equal_digests() -> None:
    assert quotes().digest() == quotes().digest() != quotes(bid_size=[5, 6, 8]).digest()


def test_nobody_changes_what_was_checked() -> None:
    bids = np.array([9.99, 9.98, 9.99])
    ticks = quotes(bid=bids)

    bids[0] = 99.0

    assert ticks.bid[0, 0] == 9.99
    with pytest.raises(ValueError, match="read-only"):
        ticks.bid[0] = 1.0
