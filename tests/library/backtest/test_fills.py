"""Every sentence of docs/reference/fills.md, each held by a test named on that page."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import backtest
from quantloom.market import Bar, Kind
from quantloom.simulation import Slippage
from quantloom.strategy import Context, EquityShare, Strategy
from quantloom.trading import Commission, Fill, Rate
from tests.library.backtest.builders import (
    HOUR_NS,
    SYMBOL,
    buy,
    close,
    cover,
    ends,
    fills,
    make_bars,
    make_instrument,
    run,
    scripted,
    sell,
    short,
    target,
)

D = Decimal


# When


def test_history_ends_with_the_bar_just_closed() -> None:
    seen: list[tuple[float, float, float]] = []

    class Watching(Strategy):
        def initialize(self, ctx: Context) -> None:
            self.close = ctx.line("close")

        def on_bar(self, ctx: Context, bar: Bar) -> None:
            seen.append((bar.close, float(ctx.history(5).close[-1]), self.close[-1]))

    backtest(Watching, make_bars([10, 11, 12]), instrument=make_instrument())

    assert seen == [(10, 10, 10), (11, 11, 11), (12, 12, 12)]


def test_an_order_fills_from_the_next_bars_open() -> None:
    result = run({0: buy(1)}, [(10, 12, 9, 11), (13, 14, 12, 12)])

    assert fills(result) == [(1, "buy", D(1), D(13))]


def test_an_order_sent_at_the_start_fills_on_the_first_bar() -> None:
    result = run({-1: buy()}, [(10, 20, 10, 20), 20], cash=1_000, weight=1)

    assert fills(result) == [(0, "buy", D(100), D(10))]


def test_an_order_sent_on_a_fill_waits_for_the_next_bar() -> None:
    def on_fill(self: Any, ctx: Context, fill: Fill) -> None:
        if fill.side == "buy":
            ctx.sell(SYMBOL, stop=9)

    result = run(
        {0: buy(1)}, [10, (10, 10, 8, 10), (10, 10, 8, 10)], callbacks={"on_fill": on_fill}
    )

    assert fills(result) == [(1, "buy", D(1), D(10)), (2, "sell", D(1), D(9))]


def test_a_cancel_in_on_fill_comes_after_the_whole_bar() -> None:
    def on_fill(self: Any, ctx: Context, fill: Fill) -> None:
        ctx.cancel_all()

    result = run(
        {0: [buy(1), buy(1, price=9)]}, [10, (10, 10, 9, 10)], callbacks={"on_fill": on_fill}
    )

    assert ends(result) == [("filled", ""), ("filled", "")]


def test_a_bar_without_volume_fills_nothing() -> None:
    result = run({0: buy(1)}, [10, 11, 12], volume=[5, 0, 5])

    assert fills(result) == [(2, "buy", D(1), D(12))]


@pytest.mark.parametrize("volume", [None, [0, 0, 0], [np.nan, 5, 5]])
def test_bars_of_a_source_without_volume_fill(volume: list[float] | None) -> None:
    result = run({-1: buy(1)}, [10, 11, 12], volume=volume)

    assert fills(result) == [(0, "buy", D(1), D(10))]


def test_orders_expire_after_the_last_bar() -> None:
    result = run({0: buy(1, price=5), 1: buy(1)}, [10, 10])

    assert ends(result) == [("expired", "end_of_data"), ("expired", "end_of_data")]


def test_a_fill_carries_the_open_time_of_its_bar() -> None:
    result = run({0: buy(1, price=9)}, [10, 10, (10, 10, 9, 10)])

    assert result.fills["ts_ns"].tolist() == [2 * HOUR_NS]


# In which order


def test_a_bar_fills_in_six_moments() -> None:
    sent = [
        buy(1, price=9, tag="limit inside"),
        cover(1, price=9.5, tag="closing limit inside"),
        buy(1, stop=11, tag="stop inside"),
        buy(1, price=10, tag="limit at the open"),
        buy(1, stop=10, tag="stop at the open"),
        buy(1, tag="market"),
    ]

    result = run({0: short(9), 1: sent}, [10, 10, (10, 11, 9, 10)])

    assert result.fills["tag"].tolist() == [
        "",
        "market",
        "stop at the open",
        "limit at the open",
        "stop inside",
        "closing limit inside",
        "limit inside",
    ]


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


# At what price


def test_a_market_order_meets_the_open() -> None:
    result = run({0: [buy(1), short(2)]}, [10, (11, 15, 9, 14)])

    assert [price for *_, price in fills(result)] == [11, 11]


@pytest.mark.parametrize(("order", "opens"), [(buy(1, stop=11), 12), (short(1, stop=9), 8)])
def test_a_gap_through_a_stop_fills_at_the_open(order: Any, opens: float) -> None:
    result = run({0: order}, [10, (opens, 13, 7, 10)])

    assert [price for *_, price in fills(result)] == [opens]


@pytest.mark.parametrize(("order", "price"), [(buy(1, stop=11), 11), (short(1, stop=9), 9)])
def test_a_stop_inside_the_bar_fills_at_its_price(order: Any, price: int) -> None:
    result = run({0: order}, [10, (10, 12, 8, 10)])

    assert [price for *_, price in fills(result)] == [price]


@pytest.mark.parametrize(("order", "opens"), [(buy(1, price=9), 8), (short(1, price=11), 12)])
def test_a_limit_better_than_the_open_fills_at_the_open(order: Any, opens: float) -> None:
    result = run({0: order}, [10, (opens, 13, 7, 10)])

    assert [price for *_, price in fills(result)] == [opens]


@pytest.mark.parametrize(("order", "price"), [(buy(1, price=9), 9), (short(1, price=11), 11)])
def test_a_limit_inside_the_bar_fills_at_its_price(order: Any, price: int) -> None:
    result = run({0: order}, [10, (10, 12, 8, 10)])

    assert [price for *_, price in fills(result)] == [price]


@pytest.mark.parametrize(
    "order", [buy(1, price=9), short(1, price=11), buy(1, stop=11), short(1, stop=9)]
)
def test_a_touch_is_enough_and_a_tick_short_is_not(order: Any) -> None:
    touched = run({0: order}, [10, (10, 11, 9, 10)])
    missed = run({0: order}, [10, (10, 10.99, 9.01, 10)])

    assert len(touched.fills) == 1
    assert len(missed.fills) == 0


def test_market_and_stop_orders_slip_against_the_trader() -> None:
    slippage = Slippage.of(ticks=2, ratio="0.001")

    result = run(
        {0: [buy(1), buy(1, stop=11), short(5), short(1, stop=9)]},
        [10, (10, 11, 9, 10)],
        slippage=slippage,
    )

    # 10 + 0.02 + 0.01, 10 - 0.02 - 0.01, 11 + 0.02 + 0.011 up, 9 - 0.02 - 0.009 down.
    assert [price for *_, price in fills(result)] == [
        D("10.03"),
        D("9.97"),
        D("11.04"),
        D("8.97"),
    ]


def test_a_slipped_price_may_lie_outside_the_bar() -> None:
    result = run({0: buy(1, stop=11)}, [10, (10, 11, 10, 10)], slippage=3)

    assert [price for *_, price in fills(result)] == [D("11.03")]


def test_a_limit_never_slips() -> None:
    script = {0: [buy(1, price=11), buy(1, price=9)]}

    result = run(script, [10, (10, 11, 9, 10)], slippage=Slippage.of(ticks=5, ratio="0.1"))

    assert [price for *_, price in fills(result)] == [10, 9]


@pytest.mark.parametrize(
    ("order", "price"),
    [
        (buy(1), "10.02"),
        (short(1), "10.01"),
        (buy(1, price=11), "10.02"),
        (short(1, price=9), "10.01"),
    ],
)
def test_prices_between_ticks_snap_against_the_trader(order: Any, price: str) -> None:
    result = run({0: order}, [10, 10.013])

    assert [price for *_, price in fills(result)] == [D(price)]


def test_snapping_never_passes_a_limit() -> None:
    result = run({0: buy(1, price="10.02")}, [11, 10.013])

    assert [price for *_, price in fills(result)] == [D("10.02")]


def test_a_sale_never_fills_below_one_tick() -> None:
    result = run({0: short(1)}, [1, 1], slippage=500)

    assert [price for *_, price in fills(result)] == [D("0.01")]


def test_the_fills_slippage_is_what_the_price_lost() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(10))

    result = run({0: buy(2)}, [10, 10.005], slippage=1, instrument=future)

    # Bought at 10.02, 0.015 above the open, 2 contracts of 10.
    assert result.fills["slippage"].tolist() == [D("0.3")]


# How much


def test_an_order_fills_whole_whatever_the_volume() -> None:
    result = run({0: buy(1_000)}, [10, 10], volume=[1, 1])

    assert fills(result) == [(1, "buy", D(1_000), D(10))]


@pytest.mark.parametrize(("enter", "leave"), [(buy(3), sell(5)), (short(3), cover(5))])
def test_a_closing_order_never_goes_past_flat(enter: Any, leave: Any) -> None:
    result = run({0: enter, 1: leave}, [10, 10, 10])

    assert fills(result)[1][2] == 3
    assert ends(result)[1] == ("cancelled", "nothing_to_close")
    assert len(result.positions) == 0


def test_a_closing_order_is_capped_by_what_is_open_when_it_fills() -> None:
    result = run({0: buy(3), 1: [sell(price=11), sell(2)]}, [10, 10, (10, 11, 10, 10)])

    assert [quantity for _, _, quantity, _ in fills(result)] == [3, 2, 1]


@pytest.mark.parametrize("leave", [sell, cover])
def test_a_closing_order_without_a_position_is_rejected(leave: Any) -> None:
    result = run({0: [leave(), leave(2)]}, [10, (10, 12, 8, 10)])

    assert ends(result) == [("rejected", "nothing_to_close")] * 2


@pytest.mark.parametrize("terms", [{"price": 9}, {"price": 11}, {"stop": 9}, {"stop": 11}])
@pytest.mark.parametrize("leave", [sell, cover])
def test_a_closing_order_reached_while_flat_goes_on_waiting(leave: Any, terms: Any) -> None:
    result = run({0: leave(2, **terms)}, [10, (10, 12, 8, 10), (10, 12, 8, 10)])

    assert ends(result) == [("expired", "end_of_data")]


@pytest.mark.parametrize("leave", [close, sell(), sell(price=10), short(3)])
def test_what_was_to_close_a_position_goes_with_it(leave: Any) -> None:
    sent = [sell(stop=5), sell(price=20), cover(1, stop=20), leave]

    result = run({0: buy(2), 1: sent}, [10, 10, 10])

    gone = ("cancelled", "position_closed")
    assert ends(result)[1:] == [gone, gone, ("expired", "end_of_data"), ("filled", "")]


def test_part_of_a_position_keeps_what_is_to_close_it() -> None:
    result = run({0: buy(2), 1: [sell(stop=5), sell(1)]}, [10, 10, 10])

    assert ends(result)[1:] == [("expired", "end_of_data"), ("filled", "")]


@pytest.mark.parametrize("order", [short(5), target(-2)])
def test_other_orders_flip_in_one_fill(order: Any) -> None:
    result = run({0: buy(3), 1: order}, [10, 10, 10])

    assert fills(result)[1] == (2, "sell", D(5), D(10))
    assert result.positions["quantity"].tolist() == [-2]
    assert result.round_trips["quantity"].tolist() == [3]


def test_an_explicit_quantity_is_refused_whole() -> None:
    result = run({0: buy(11)}, [10, 10], cash=100)

    assert ends(result) == [("rejected", "insufficient_funds")]
    assert len(result.fills) == 0


def test_a_fixed_size_is_refused_whole() -> None:
    result = run({0: buy()}, [10, 10], cash=100, size=11)

    assert ends(result) == [("rejected", "insufficient_funds")]


@pytest.mark.parametrize("order", [buy(), target(15), lambda ctx: ctx.target_weight(SYMBOL, 1)])
def test_a_sized_order_takes_what_the_account_affords(order: Any) -> None:
    # Sized at 10, filled at 11: 100 buys 9.
    result = run({0: order}, [10, 11], cash=100, weight=1)

    assert fills(result) == [(1, "buy", D(9), D(11))]
    assert ends(result) == [("cancelled", "trimmed")]


def test_a_sized_order_without_money_for_one_lot_is_rejected() -> None:
    result = run({0: target(1)}, [10, 11], cash=10)

    assert ends(result) == [("rejected", "insufficient_funds")]


# Whether


def test_funds_are_checked_at_the_fill_at_its_price() -> None:
    dearer = run({0: buy(10)}, [10, 10.01], cash=100)
    cheaper = run({0: buy(10)}, [10.01, 10], cash=100)

    assert ends(dearer) == [("rejected", "insufficient_funds")]
    assert ends(cheaper) == [("filled", "")]


def test_the_check_counts_slippage_and_commission() -> None:
    slipped = run({0: buy(10)}, [10, 10], cash=100, slippage=1)
    charged = run({0: buy(10)}, [10, 10], cash=100, commission="0.0001")
    exactly_enough = run({0: buy(10)}, [10, 10], cash="100.01", commission="0.0001")

    assert ends(slipped) == ends(charged) == [("rejected", "insufficient_funds")]
    assert ends(exactly_enough) == [("filled", "")]


@pytest.mark.parametrize(("margin", "status"), [("0.1", "filled"), ("0.11", "rejected")])
def test_equity_must_cover_the_margin_of_the_position_it_leaves(margin: str, status: str) -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(10))

    # 10 contracts of 10 at 10 are worth 1,000.
    result = run({0: buy(10)}, [10, 10], cash=100, margin=margin, instrument=future)

    assert ends(result)[0][0] == status


@pytest.mark.parametrize(("kind", "status"), [(Kind.STOCK, "filled"), (Kind.FUTURE, "filled")])
def test_an_open_position_counts_at_the_fills_price(kind: Kind, status: str) -> None:
    # Bought 5 at 10, now at 20: equity is 150, which holds 7 and not 8.
    instrument = make_instrument(kind=kind)

    more = run({0: buy(5), 1: buy(2)}, [10, 10, 20], cash=100, instrument=instrument)
    too_much = run({0: buy(5), 1: buy(3)}, [10, 10, 20], cash=100, instrument=instrument)

    assert ends(more)[1][0] == status
    assert ends(too_much)[1] == ("rejected", "insufficient_funds")


def test_a_fill_that_only_shrinks_is_always_allowed() -> None:
    # Short 10 at 10 of 110; at 25 equity is -40 less commissions, and covering costs one more.
    scheme = Commission.per_unit(1)

    result = run({0: short(10), 1: cover(4)}, [10, 10, 25], cash=110, commission=scheme)

    assert ends(result)[1] == ("filled", "")
    assert result.final_equity == -54


@pytest.mark.parametrize("order", [short(1), target(-1), lambda ctx: ctx.short(SYMBOL)])
def test_short_is_refused_where_the_instrument_forbids_it(order: Any) -> None:
    result = run({0: order}, [10, 10], instrument=make_instrument(can_short=False))

    assert ends(result) == [("rejected", "short_not_allowed")]


def test_a_flip_where_short_is_forbidden_is_refused_or_cut_to_flat() -> None:
    stock = make_instrument(can_short=False)

    explicit = run({0: buy(3), 1: short(5)}, [10, 10, 10], instrument=stock)
    sized = run({0: buy(3), 1: target(-2)}, [10, 10, 10], instrument=stock)

    assert ends(explicit)[1] == ("rejected", "short_not_allowed")
    assert ends(sized)[1] == ("cancelled", "trimmed")
    assert fills(sized)[1][2] == 3


# What it costs


def test_commission_has_a_minimum_for_each_order() -> None:
    scheme = Commission.percent("0.001", minimum=5)

    result = run({0: buy(100), 1: sell(100)}, [10, 10, 100], commission=scheme)

    assert result.fills["commission"].tolist() == [5, 10]


def test_taxes_come_on_top_of_the_minimum() -> None:
    scheme = Commission(minimum=D(5), sell_tax=D("0.001"), transfer=D("0.0001"))

    result = run({0: buy(100), 1: sell(100)}, [10, 10, 10], commission=scheme)

    assert result.fills["commission"].tolist() == [D("5.1"), D("6.1")]


def test_a_rejected_order_costs_nothing() -> None:
    result = run({0: buy(100)}, [10, 10], cash=10, commission=Commission.percent(0, minimum=5))

    assert result.final_cash == 10


def test_a_spot_fill_moves_its_whole_price() -> None:
    result = run({0: buy(3), 1: sell(1)}, [10, 10, 12], commission="0.001", cash=100)

    assert result.equity["cash"].tolist() == [100, 69.97, 81.958]


def test_a_margined_fill_moves_its_profit_alone() -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(10))

    result = run({0: buy(3), 1: sell(1)}, [10, 10, 12], cash=1_000, instrument=future)

    assert result.equity["cash"].tolist() == [1_000, 1_000, 1_020]
    assert result.equity["equity"].tolist() == [1_000, 1_000, 1_060]


def test_the_oldest_lot_closes_first() -> None:
    result = run({0: buy(2), 1: buy(2), 2: sell(3)}, [10, 10, 11, 12])

    trips = result.round_trips
    assert trips["quantity"].tolist() == [2, 1]
    assert trips["entry_price"].tolist() == [10, 11]
    assert trips["gross"].tolist() == [4, 1]


def test_equity_is_marked_at_each_close() -> None:
    result = run({0: buy(2)}, [10, (10, 12, 10, 12), (11, 11, 9, 9)], cash=100)

    assert result.equity["equity"].tolist() == [100, 104, 98]


def test_an_open_position_is_marked_at_the_last_close_without_costs() -> None:
    result = run({0: buy(2)}, [10, (10, 12, 10, 12)], cash=100, commission=1 / 1024)

    paid = result.fills["commission"][0]
    assert result.final_equity == 104 - paid
    assert len(result.fills) == 1
    assert result.positions["unrealised"].tolist() == [4]


def test_nothing_is_owed_when_equity_falls_below_the_margin() -> None:
    result = run({0: short(10)}, [10, 10, 50, 50], cash=100)

    assert result.final_equity == -300
    assert len(result.fills) == 1


def test_sizing_by_equity_share_is_the_default() -> None:
    result = run({0: buy()}, [10, 10], cash=1_000)

    assert fills(result)[0][2] == 95
    assert result.spec.sizing == EquityShare(D("0.95"))


def test_each_part_of_a_fill_is_charged_by_what_it_does() -> None:
    scheme = Commission(
        open=Rate(by_unit=D(1)), close=Rate(by_unit=D(10)), close_today=Rate(by_unit=D(100))
    )

    # The first lot is of the day before; the last order closes the second and opens a short.
    result = backtest(
        scripted({0: buy(1), 1: [buy(1), sell(1, stop=9), short(2, price=11)]}),
        make_bars([10, 10, (10, 11, 9, 10)], start_ns=22 * HOUR_NS),
        instrument=make_instrument(),
        commission=scheme,
    )

    assert result.fills["commission"].tolist() == [1, 1, 10, 101]
