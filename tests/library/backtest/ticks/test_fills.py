"""How orders fill on ticks; docs/reference/tick-fills.md names these tests sentence by sentence."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import StrategyFailed
from quantloom.backtest.ticks import OnlyOnBars
from quantloom.market import Tick, Ticks, merge_ticks
from quantloom.strategy import Context
from quantloom.trading import Commission, Order, Rate, percent
from tests.library.backtest.ticks.builders import (
    MS,
    SECOND,
    START,
    SYMBOL,
    Row,
    ends_of_orders,
    fills_of,
    run_script,
)

QUOTE = (9.99, 50.0, 10.00, 50.0)


def test_a_market_order_takes_the_best_of_the_other_side() -> None:
    result, _ = run_script(
        [QUOTE, QUOTE],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5), 1: lambda ctx, tick: ctx.short(SYMBOL, 7)},
    )

    assert fills_of(result) == [(0, 5, 10.00), (1, -7, 9.99)]


def test_it_takes_no_more_than_is_shown_and_the_rest_waits_for_the_next_prices() -> None:
    result, _ = run_script(
        [(9.99, 50, 10.00, 3), (9.99, 50, 10.00, 3), (9.99, 50, 10.02, 9)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5)},
    )

    assert fills_of(result) == [(0, 3, 10.00), (2, 2, 10.02)]


def test_two_orders_do_not_take_the_same_shares() -> None:
    def twice(ctx: Context, tick: Tick) -> None:
        ctx.buy(SYMBOL, 2, tif="IOC")
        ctx.buy(SYMBOL, 2, tif="IOC")

    result, _ = run_script([(9.99, 50, 10.00, 3), QUOTE], {0: twice})

    assert fills_of(result) == [(0, 2, 10.00), (0, 1, 10.00)]
    assert ends_of_orders(result)[1] == ("cancelled", "not_immediate")


def test_levels_are_walked_as_far_as_the_limit_goes() -> None:
    ticks = Ticks.of_quotes(
        SYMBOL,
        ts=START + SECOND * np.arange(2),
        bid=[[9.99, 9.98, 9.97]] * 2,
        ask=[[10.00, 10.01, 10.02]] * 2,
        bid_size=[[5, 5, 5]] * 2,
        ask_size=[[2, 3, 4]] * 2,
    )

    result, _ = run_script(ticks, {0: lambda ctx, tick: ctx.buy(SYMBOL, 9, price=10.01)})

    assert fills_of(result) == [(0, 2, 10.00), (0, 3, 10.01)]


def test_sizes_that_nobody_knows_are_without_limit() -> None:
    ticks = Ticks.of_quotes(
        SYMBOL, ts=START + SECOND * np.arange(2), bid=[9.99, 9.99], ask=[10.0, 10.0]
    )

    result, _ = run_script(ticks, {0: lambda ctx, tick: ctx.buy(SYMBOL, 900)})

    assert fills_of(result) == [(0, 900, 10.00)]


def test_behind_a_level_of_unknown_size_an_order_fills_when_it_is_gone() -> None:
    quotes = Ticks.of_quotes(
        SYMBOL, ts=START + SECOND * np.arange(4), bid=[9.99] * 4, ask=[10.0] * 4
    )
    trades = Ticks.of_trades(
        SYMBOL,
        ts=START + SECOND * np.arange(1, 3),
        price=[9.99, 9.98],
        size=[900, 2],
        side=[-1, -1],
    )

    result, _ = run_script(
        merge_ticks(trades, quotes), {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, price=9.99)}
    )

    assert fills_of(result) == [(2, 2, 9.99)]


def test_fill_or_kill_takes_all_or_nothing() -> None:
    result, _ = run_script(
        [(9.99, 50, 10.00, 3), QUOTE],
        {
            0: lambda ctx, tick: ctx.buy(SYMBOL, 4, price=10, tif="FOK"),
            1: lambda ctx, tick: ctx.buy(SYMBOL, 4, price=10, tif="FOK"),
        },
    )

    assert fills_of(result) == [(1, 4, 10.00)]
    assert ends_of_orders(result)[0] == ("cancelled", "not_whole")


def test_post_only_is_cancelled_where_it_would_take() -> None:
    result, _ = run_script(
        [QUOTE, QUOTE], {0: lambda ctx, tick: ctx.buy(SYMBOL, 4, price=10, post_only=True)}
    )

    assert ends_of_orders(result) == [("cancelled", "would_take")]


def test_a_quote_that_crosses_a_waiting_order_fills_it_at_its_own_price() -> None:
    result, _ = run_script(
        [QUOTE, (9.97, 50, 9.98, 3), (9.97, 50, 9.98, 3), (9.97, 50, 9.98, 4)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, price=9.99)},
    )

    assert fills_of(result) == [(1, 3, 9.99), (3, 2, 9.99)]


def test_a_trade_through_an_order_fills_it_whatever_stood_in_front() -> None:
    result, _ = run_script(
        [QUOTE, (9.98, 3, -1), (9.98, 9, -1)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, price=9.99)},
    )

    assert fills_of(result) == [(1, 3, 9.99), (2, 2, 9.99)]


def test_a_trade_in_which_the_buyer_took_is_none_for_a_waiting_buyer() -> None:
    result, _ = run_script(
        [(9.99, 1, 10.00, 50), (9.99, 9, 1), (9.99, 9, 0)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, price=9.99)},
    )

    assert fills_of(result) == [(2, 5, 9.99)]


def test_a_sale_waits_as_a_purchase_does() -> None:
    result, _ = run_script(
        [(9.99, 50, 10.00, 4), (10.00, 6, 1), (10.00, 6, 1), (10.02, 1, 1)],
        {0: lambda ctx, tick: ctx.short(SYMBOL, 9, price=10.00)},
    )

    assert fills_of(result) == [(1, -2, 10.00), (2, -6, 10.00), (3, -1, 10.00)]


def test_a_stop_is_reached_by_trades_and_takes_then() -> None:
    result, _ = run_script(
        [QUOTE, (10.01, 50, 10.05, 50), (10.04, 1, 1), (10.03, 50, 10.06, 50), (10.05, 1, 1)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, stop=10.05)},
    )

    assert fills_of(result) == [(4, 5, 10.06)]


def test_without_any_trades_a_stop_is_reached_by_the_price_it_would_take() -> None:
    result, _ = run_script(
        [QUOTE, (10.01, 50, 10.05, 50)], {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, stop=10.05)}
    )

    assert fills_of(result) == [(1, 5, 10.05)]


def test_a_stop_limit_order_waits_as_a_limit_order_once_reached() -> None:
    result, _ = run_script(
        [QUOTE, (9.99, 50, 10.06, 50), (9.99, 50, 10.04, 50)],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 5, stop=10.05, price=10.05)},
    )

    assert fills_of(result) == [(2, 5, 10.05)]


def test_a_closing_order_closes_what_is_held_and_no_more() -> None:
    result, _ = run_script(
        [QUOTE, QUOTE, QUOTE],
        {0: lambda ctx, tick: ctx.buy(SYMBOL, 3), 1: lambda ctx, tick: ctx.sell(SYMBOL, 9)},
    )

    assert fills_of(result) == [(0, 3, 10.00), (1, -3, 9.99)]
    assert ends_of_orders(result)[1] == ("cancelled", "nothing_to_close")


def test_what_the_account_cannot_pay_is_refused() -> None:
    result, _ = run_script([QUOTE, QUOTE], {0: lambda ctx, tick: ctx.buy(SYMBOL, 20)}, cash=100)

    assert ends_of_orders(result) == [("rejected", "insufficient_funds")]


def test_an_entry_of_no_quantity_takes_what_the_account_can_pay() -> None:
    result, _ = run_script(
        [QUOTE, QUOTE], {0: lambda ctx, tick: ctx.buy(SYMBOL)}, cash=100, commission=0.06
    )

    assert fills_of(result) == [(0, 9, 10.00)]


def test_a_day_order_ends_with_the_day() -> None:
    ticks = Ticks.of_quotes(
        SYMBOL,
        ts=START + SECOND * np.array([0, 1, 90_000]),
        bid=[9.99, 9.99, 9.97],
        ask=[10.0, 10.0, 9.98],
    )

    result, _ = run_script(ticks, {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9.98, tif="DAY")})

    assert ends_of_orders(result) == [("expired", "day_over")]


def test_what_still_works_at_the_end_expires() -> None:
    result, _ = run_script([QUOTE, QUOTE], {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, price=9)})

    assert ends_of_orders(result) == [("expired", "end_of_data")]


def test_a_makers_fee_is_for_what_has_waited() -> None:
    result, _ = run_script(
        [QUOTE, (9.98, 9, -1)],
        {
            0: lambda ctx, tick: (
                ctx.buy(SYMBOL, 1, price=10.00),
                ctx.buy(SYMBOL, 1, price=9.99),
            )
        },
        commission=replace(Commission.percent(0.002), maker=Rate(by_money=Decimal("0.001"))),
    )

    assert [float(one) for one in result.fills["commission"]] == [0.02, 0.00999]


@pytest.mark.parametrize(
    "terms", [{"stop_loss": percent(1)}, {"trail": percent(1)}, {"tif": "OPEN"}]
)
def test_what_there_is_on_bars_alone_is_refused_in_words(terms: Any) -> None:
    with pytest.raises(StrategyFailed, match="is for runs on bars"):
        run_script([QUOTE], {0: lambda ctx, tick: ctx.buy(SYMBOL, 1, **terms)})

    assert "trail=" in str(OnlyOnBars("trail="))


def test_orders_arrive_when_their_latency_has_gone_by_and_news_come_as_late() -> None:
    rows: list[Row] = [QUOTE, (9.99, 50, 10.01, 50), (9.99, 50, 10.02, 50), (9.99, 50, 10.03, 50)]

    result, heard = run_script(rows, {0: lambda ctx, tick: ctx.buy(SYMBOL, 5)}, latency=600)

    # The feed takes 0.6 s, the order another 0.6 s: it meets the prices of 1 s.
    assert fills_of(result) == [(1.2, 5, 10.01)]
    first_ms = START // MS
    assert heard == [
        (first_ms + 1800, 1, "accepted"),
        (first_ms + 1800, 1, "fill"),
        (first_ms + 1800, 1, "filled"),
    ]


def test_a_position_is_known_when_its_fill_has_been_heard_of() -> None:
    known: list[bool] = []
    look = {at: lambda ctx, tick: known.append(bool(ctx.position)) for at in (1, 2, 3)}

    run_script([QUOTE] * 4, {0: lambda ctx, tick: ctx.buy(SYMBOL, 1), **look}, latency=800)

    assert known == [False, True, True]


@pytest.mark.parametrize(
    ("latency", "fills"), [(490, []), (600, [(2, 1, 9.99)])], ids=["in time", "too late"]
)
def test_a_late_cancel_does_not_stop_what_fills_meanwhile(
    latency: float, fills: list[tuple[float, float, float]]
) -> None:
    orders: list[Order] = []

    result, _ = run_script(
        [QUOTE, QUOTE, (9.98, 9, -1), QUOTE],
        {
            0: lambda ctx, tick: orders.append(ctx.buy(SYMBOL, 1, price=9.99)),
            1: lambda ctx, tick: ctx.cancel(orders[0]),
        },
        latency=latency,
    )

    assert fills_of(result) == fills
