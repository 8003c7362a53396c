"""In which order a bar fills: sentences 21 to 29 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult
from quantloom.strategy import points
from tests.library.backtest.builders import (
    HOUR_NS,
    OTHER,
    SYMBOL,
    Row,
    Script,
    buy,
    cover,
    ends,
    fills,
    make_bars,
    prices,
    run,
    run_two,
    sell,
    short,
)

D = Decimal


def test_a_bar_fills_in_eight_moments() -> None:
    sent = [
        buy(1, tif="CLOSE", tag="close"),
        buy(1, trail=points("1.2"), tag="late stop"),
        buy(1, price=9, tag="limit inside"),
        cover(1, price=9.5, tag="closing limit inside"),
        buy(1, stop=11, tag="stop inside"),
        buy(1, price=10, tag="limit at the open"),
        buy(1, stop=10, tag="stop at the open"),
        buy(1, tag="market"),
    ]

    result = run({0: short(9), 1: sent}, [10, 10, (10, 11, 9, 10.5)], start_hour=21)

    assert result.fills["tag"].tolist() == [
        "",
        "market",
        "stop at the open",
        "limit at the open",
        "stop inside",
        "closing limit inside",
        "limit inside",
        "late stop",
        "close",
    ]


def test_orders_are_looked_at_anew_inside_the_bar() -> None:
    # The open reaches the target while nothing is open; inside the bar there is something.
    result = run({0: [sell(1, price=9), buy(1, price=10)]}, [10, (10, 11, 9.5, 10)])

    assert fills(result) == [(1, "buy", D(1), D(10)), (1, "sell", D(1), D(10))]


def test_within_a_moment_the_earlier_order_fills_first() -> None:
    # The dearer stop was sent first, though the price reaches it last.
    result = run({0: [buy(1, stop=12), buy(1, stop=11)]}, [10, (10, 13, 9, 10)])

    assert [price for *_, price in fills(result)] == [12, 11]


def test_the_stop_wins_inside_a_bar() -> None:
    result = run({0: buy(1), 1: [sell(price=12), sell(stop=8)]}, [10, 10, (10, 13, 7, 10)])

    assert fills(result)[1:] == [(2, "sell", D(1), D(8))]
    assert ends(result)[1:] == [("cancelled", "position_closed"), ("filled", "")]


@pytest.mark.parametrize(
    ("entry", "target"),
    [(buy(1, price=9), sell(1, price=11)), (short(1, price=11), cover(1, price=9))],
)
def test_a_target_waits_where_its_entry_filled_inside_the_bar(entry: Any, target: Any) -> None:
    result = run({0: [entry, target]}, [10, (10, 12, 8, 10), (10, 12, 8, 10)])

    assert [row for row, *_ in fills(result)] == [1, 2]


@pytest.mark.parametrize(
    ("entry", "stop", "exit_price"),
    [
        (buy(1, price=9), sell(1, stop=8), 8),
        (buy(1, price=9), sell(1, stop=9.5), 9),
        (buy(1, price=9), sell(1, stop=10.5), 9),
        (short(1, price=11), cover(1, stop=12), 12),
        (short(1, price=11), cover(1, stop=10.5), 11),
    ],
)
def test_a_stop_protects_what_the_same_bar_opened(entry: Any, stop: Any, exit_price: float) -> None:
    result = run({0: [stop, entry]}, [10, (10, 12, 8, 10)])

    assert [(row, price) for row, *_, price in fills(result)][1] == (1, D(str(exit_price)))
    assert ends(result) == [("filled", ""), ("filled", "")]


def test_each_fill_is_booked_before_the_next_is_reviewed() -> None:
    result = run({0: [buy(6), buy(6)]}, [10, 10], cash=100)

    assert ends(result) == [("filled", ""), ("rejected", "insufficient_funds")]


def test_instruments_are_matched_together_moment_by_moment() -> None:
    script = {0: [buy(1, stop=11), buy(1, OTHER), buy(1, OTHER, price=19)]}

    result = run_two(script, [10, (10, 12, 9, 10)], [20, (20, 20, 19, 20)], cash=32)

    assert result.fills["symbol"].tolist() == [OTHER, SYMBOL]
    assert ends(result)[2] == ("rejected", "insufficient_funds")


def test_a_stop_that_slept_at_the_open_meets_the_open_inside() -> None:
    result = run({0: [sell(1, stop=10.5), buy(1, price=10)]}, [10, (10, 11, 9.5, 10)])

    assert prices(result) == [(1, D(10)), (1, D(10))]


def test_bars_that_one_instrument_lacks_are_left_out_for_it_alone() -> None:
    script = {0: [buy(1), buy(1, OTHER)]}

    result = run_two(script, [10, 11, 12, 13], [20, 22, 23], other_hours=[0, 2, 3])

    assert prices(result) == [(1, D(11)), (2, D(22))]
    assert result.equity["equity"].tolist() == [100_000, 100_000, 100_001, 100_003]


@pytest.mark.parametrize(
    ("halves", "filled"),
    [
        ([(10, 11, 10, 10.5), (10.5, 10.5, 9, 10)], (2, D(11))),
        ([(10, 10, 9, 10), (10, 11, 10, 10)], (2, D(9))),
    ],
)
def test_detail_bars_decide_what_came_first(halves: list[Row], filled: tuple[int, Decimal]) -> None:
    script: Script = {0: buy(1), 1: [sell(price=11), sell(stop=9)]}
    rows: list[Any] = [10, 10, (10, 11, 9, 10)]

    # The first two bars have no finer ones and are matched themselves.
    fine = run(script, rows, detail=make_bars(halves, timeframe="30m", hours=[2, 2.5]))
    coarse = run(script, rows)

    assert prices(fine) == [(1, D(10)), filled]
    assert prices(coarse) == [(1, D(10)), (2, D(9))]


def test_what_an_earlier_detail_bar_opened_a_later_one_may_close() -> None:
    script = {0: buy(1, price=9, stop_loss=8, take_profit=11)}
    halves: list[Any] = [(10, 10, 9, 10), (10, 11, 10, 11)]

    fine = run(
        script, [10, (10, 11, 9, 11)], detail=make_bars(halves, timeframe="30m", hours=[1, 1.5])
    )

    assert result_times(fine) == [1.0, 1.5]
    assert [price for _, price in prices(fine)] == [9, 11]


def result_times(result: BacktestResult) -> list[float]:
    return (result.fills["ts_ns"] / HOUR_NS).tolist()  # type: ignore[no-any-return]
