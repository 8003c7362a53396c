"""What a fill costs and how it is booked: sentences 81 to 92 of docs/reference/fills.md."""

from decimal import Decimal

from quantloom.backtest import backtest
from quantloom.market import Kind
from quantloom.trading import Commission, Rate
from tests.library.backtest.builders import (
    HOUR_NS,
    buy,
    make_bars,
    make_instrument,
    run,
    scripted,
    sell,
    short,
)

D = Decimal


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
