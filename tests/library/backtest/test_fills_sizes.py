"""How much fills: sentences 53 to 65 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import backtest
from tests.library.backtest.builders import (
    OTHER,
    SYMBOL,
    Script,
    buy,
    close,
    cover,
    ends,
    fills,
    make_bars,
    make_instrument,
    prices,
    run,
    run_two,
    scripted,
    sell,
    short,
    statuses_into,
    taken,
    target,
)

D = Decimal


def test_one_volume_cap_is_shared_by_all_orders_of_a_bar() -> None:
    bars = make_bars([10, 10, 10], volume=[100] * 3)
    strategy = scripted({0: [buy(6), buy(6)]})

    usual = backtest(strategy, bars, instrument=make_instrument())
    in_lots = backtest(
        scripted({0: buy(12)}), bars, instrument=make_instrument(lot=D(4)), participation="0.1"
    )
    uncapped = backtest(strategy, bars, instrument=make_instrument(), participation=None)

    assert taken(usual) == [(1, D(6)), (1, D(4)), (2, D(2))]
    assert taken(in_lots) == [(1, D(8)), (2, D(4))]
    assert taken(uncapped) == [(1, D(6)), (1, D(6))]


def test_unknown_volume_caps_nothing() -> None:
    result = run({0: buy(50)}, [10, 10], volume=[5, np.nan], participation="0.1")

    assert taken(result) == [(1, D(50))]


def test_what_the_cap_leaves_goes_on_with_the_next_bar() -> None:
    heard: list[tuple[int, int, str]] = []

    result = run(
        {0: [buy(25), buy(5, price=11)]},
        [10, 11, 12, (13, 13, 10, 12)],
        volume=[100] * 4,
        participation="0.1",
        callbacks=statuses_into(heard),
    )

    assert fills(result) == [
        (1, "buy", D(10), D(11)),
        (2, "buy", D(10), D(12)),
        (3, "buy", D(5), D(13)),
        (3, "buy", D(5), D(11)),
    ]
    assert [status for _, order, status in heard if order == 1] == [
        "accepted",
        "partially_filled",
        "partially_filled",
        "filled",
    ]


def test_the_rest_of_a_stop_is_a_market_order() -> None:
    rows: list[Any] = [10, (10, 12, 10, 10), (10.5, 10.5, 9, 9)]
    capped: dict[str, Any] = {"volume": [100] * 3, "participation": "0.1"}
    heard: list[tuple[int, int, str]] = []

    rest = run({0: buy(15, stop=11)}, rows, **capped)
    all_of_it = run({0: [buy(10), buy(5, stop=11)]}, rows, **capped, callbacks=statuses_into(heard))

    assert prices(rest) == [(1, D(11)), (2, D("10.5"))]
    assert prices(all_of_it) == [(1, D(10)), (2, D("10.5"))]
    assert (1, 2, "triggered") in heard


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


def test_offsets_choose_the_lots_that_close() -> None:
    # Two are bought in the last bar of a day at 10, three in the first of the next at 11.
    def closed(offset: str) -> list[tuple[Decimal, Decimal]]:
        script = {0: buy(2), 1: buy(3), 2: sell(4, offset=offset)}
        trips = run(script, [10, 10, 11, 12], start_hour=22).round_trips
        return list(zip(trips["quantity"], trips["entry_price"], strict=True))

    assert closed("close_today") == [(D(3), D(11))]
    assert closed("close_yesterday") == [(D(2), D(10))]
    assert closed("close") == closed("auto") == [(D(2), D(10)), (D(2), D(11))]


def test_an_opening_offset_never_closes() -> None:
    sent = [buy(1, offset="open"), short(1, offset="open"), buy(1, price=9, offset="open")]

    result = run({0: short(2), 1: sent}, [10, 10, (10, 10, 9, 10)])

    would_close = ("rejected", "would_close")
    assert ends(result)[1:] == [would_close, ("filled", ""), would_close]


def test_each_instrument_has_its_own_volume() -> None:
    script = {0: [buy(50), buy(50, OTHER)]}

    result = run_two(script, [10, 10], [10, 10], other_volume=[10, 10], participation="0.5")

    assert taken(result) == [(1, D(50)), (1, D(5))]


def test_the_halves_of_an_entry_still_to_come_do_not_go_with_a_position() -> None:
    script: Script = {0: buy(1), 1: [sell(), buy(1, price=9, stop_loss=8)]}

    result = run(script, [10, 10, 10, (10, 10, 9, 10), (10, 10, 8, 10)])

    assert [bar for bar, _ in taken(result)] == [1, 2, 3, 4]
    assert ends(result)[3] == ("filled", "")


def test_part_of_a_position_keeps_what_is_to_close_it() -> None:
    result = run({0: buy(2), 1: [sell(stop=5), sell(1)]}, [10, 10, 10])

    assert ends(result)[1:] == [("expired", "end_of_data"), ("filled", "")]


def test_an_offset_without_lots_finds_nothing_to_close() -> None:
    script: Script = {
        0: buy(2),
        1: [sell(2, offset="close_yesterday"), sell(3, offset="close_today")],
    }

    result = run(script, [10, 10, 10])

    assert ends(result)[1:] == [("rejected", "nothing_to_close"), ("cancelled", "nothing_to_close")]
