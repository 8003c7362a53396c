"""Where an order stands in its queue, worked out by hand for each model."""

import math

import numpy as np
import pytest

from quantloom.backtest.ticks import (
    LOG_QUEUE,
    PESSIMISTIC,
    PRO_RATA,
    RISK_AVERSE,
    QueueModel,
    power_queue,
)
from quantloom.backtest.ticks.models import moved_up
from quantloom.market import Tick, Ticks, merge_ticks
from quantloom.strategy import Context
from tests.library.backtest.ticks.builders import SECOND, START, SYMBOL, Row, fills_of, run_script

# A buyer of 4 joins 10 shown at 9.99. Then, a second each:
ROWS: list[Row] = [
    (9.99, 10, 10.00, 50),  # 0: it stands behind 10
    (9.99, 16, 10.00, 50),  # 1: 6 more come, behind it
    (9.99, 8, 10.00, 50),  # 2: 8 of the 16 are cancelled
    (9.99, 3, -1),  # 3: 3 are sold at its price
    (9.99, 2, -1),  # 4: 2 more
    (9.99, 5, -1),  # 5: 5 more
    (9.99, 4, -1),  # 6: 4 more
]


@pytest.mark.parametrize(
    ("model", "fills"),
    [
        # 10 in front; trades of 3, 2, 5 take them all; the 4 at 6 s are its own.
        (PESSIMISTIC, [(6, 4)]),
        # No more than 8 in front once the book shows 8: 8 - 3 - 2 = 3, so 2 of the 5 at 5 s.
        (RISK_AVERSE, [(5, 2), (6, 2)]),
        # 10 of 16 in front, so 10/16 of the 8 cancelled were: 10 - 5 = 5; 5 - 3 - 2 = 0 at 4 s.
        (PRO_RATA, [(5, 4)]),
        # 100 / (100 + 36) of 8 is 5.88: 4.12 in front, 1.12 after 3 s, so 0.88 at 4 s: no lot yet.
        (power_queue(2), [(5, 4)]),
    ],
)
def test_a_queue_moves_as_its_model_says(
    model: QueueModel, fills: list[tuple[float, float]]
) -> None:
    result, _ = run_script(ROWS, {0: lambda ctx, tick: ctx.buy(SYMBOL, 4, price=9.99)}, queue=model)

    assert [(at, quantity) for at, quantity, _ in fills_of(result)] == fills


def test_shares_of_cancellations_by_hand() -> None:
    share = math.log(11) / (math.log(11) + math.log(7))

    assert moved_up(PRO_RATA, 10, shown=16, now=8) == 5.0
    assert moved_up(LOG_QUEUE, 10, shown=16, now=12) == pytest.approx(10 - 4 * share)
    assert moved_up(power_queue(3), 10, shown=16, now=16) == 10.0


def test_more_than_stood_behind_cannot_have_been_cancelled_there() -> None:
    # 2 stood behind it, 9 of 10 were cancelled: 7 at least had stood in front of it.
    assert moved_up(power_queue(0.1), 8, shown=10, now=1) == pytest.approx(1.0)


def test_an_order_inside_the_spread_is_first() -> None:
    result, _ = run_script(
        [(9.97, 50, 10.00, 50), (9.98, 1, -1)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9.98)},
    )

    assert [one[0] for one in fills_of(result)] == [1]


def test_a_level_the_book_does_not_show_is_queued_at_when_it_is_first_seen() -> None:
    rows: list[Row] = [
        (9.99, 10, 10.00, 50),
        (9.98, 6, 10.00, 50),  # its level shows 6, all of them in front
        (9.98, 6, -1),
        (9.98, 1, -1),
    ]

    result, _ = run_script(rows, {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9.98)})

    assert [one[0] for one in fills_of(result)] == [3]


@pytest.mark.parametrize(
    ("levels", "at"),
    [
        # 9.99 is hidden as the order comes: behind the 37 first shown; 37 - 6 = 31, 12 are shown,
        # 12 - 10 - 1 = 1, so the 7 of 7 s reach it.
        (1, 7),
        # The data still show the 5 of before: the 6 of 3 s go beyond them.
        (2, 3),
    ],
)
def test_a_level_is_remembered_by_the_data_and_not_by_the_exchange(levels: int, at: int) -> None:
    shown = [(9.99, 5), (10.00, 27), (9.99, 37), (9.99, 12)]
    behind = [(9.98, 8), (9.99, 5), (9.98, 8), (9.98, 8)]
    seconds = START + SECOND * np.array([0, 1, 2, 4])
    quotes = Ticks.of_quotes(
        SYMBOL,
        ts=seconds,
        bid=np.array([shown, behind])[:levels, :, 0].T,
        bid_size=np.array([shown, behind])[:levels, :, 1].T,
        ask=np.full((4, levels), 10.02) + 0.01 * np.arange(levels),
        ask_size=np.full((4, levels), 50),
    )
    trades = Ticks.of_trades(
        SYMBOL,
        ts=START + SECOND * np.array([3, 5, 6, 7]),
        price=[9.99] * 4,
        size=[6, 10, 1, 7],
        side=[-1] * 4,
    )

    result, _ = run_script(
        merge_ticks(trades, quotes), {1: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9.99)}
    )

    assert fills_of(result) == [(at, 1, 9.99)]


@pytest.mark.parametrize(("model", "at"), [(RISK_AVERSE, 2), (PESSIMISTIC, 3)])
def test_a_level_that_was_empty_leaves_nobody_in_front(model: QueueModel, at: int) -> None:
    rows: list[Row] = [
        (9.99, 3, 10.00, 50),
        (9.98, 9, 10.00, 50),  # nobody shows 9.99 any more
        (9.99, 1, -1),
        (9.99, 3, -1),
    ]

    result, _ = run_script(rows, {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9.99)}, queue=model)

    assert [one[0] for one in fills_of(result)] == [at]


def test_two_own_orders_do_not_share_one_trade() -> None:
    rows: list[Row] = [(9.99, 2, 10.00, 50), (9.99, 5, -1)]

    def both(ctx: Context, tick: Tick) -> None:
        ctx.buy(SYMBOL, 2, price=9.99)
        ctx.buy(SYMBOL, 2, price=9.99)

    result, _ = run_script(rows, {0: both})

    assert [(quantity) for _, quantity, _ in fills_of(result)] == [2, 1]


def test_a_model_needs_an_exponent_above_zero() -> None:
    with pytest.raises(Exception, match="above 0"):
        power_queue(0)
