"""Whether the account allows a fill: sentences 74 to 80 of docs/reference/fills.md."""

from decimal import Decimal
from typing import Any

import pytest

from quantloom.backtest import BacktestResult
from quantloom.market import Kind
from quantloom.trading import Commission
from tests.library.backtest.builders import (
    OTHER,
    SYMBOL,
    buy,
    cover,
    ends,
    fills,
    make_instrument,
    run,
    run_two,
    short,
    target,
)

D = Decimal


def test_funds_are_checked_at_the_fill_at_its_price() -> None:
    dearer = run({0: buy(10)}, [10, 10.01], cash=100)
    cheaper = run({0: buy(10)}, [10.01, 10], cash=100)

    assert ends(dearer) == [("rejected", "insufficient_funds")]
    assert ends(cheaper) == [("filled", "")]


@pytest.mark.parametrize(("margin", "status"), [("0.1", "filled"), ("0.11", "rejected")])
def test_equity_must_cover_the_margin_of_the_position_it_leaves(margin: str, status: str) -> None:
    future = make_instrument(kind=Kind.FUTURE, multiplier=D(10))

    # 10 contracts of 10 at 10 are worth 1,000.
    result = run({0: buy(10)}, [10, 10], cash=100, margin=margin, instrument=future)

    assert ends(result)[0][0] == status


def test_the_check_counts_slippage_and_commission() -> None:
    slipped = run({0: buy(10)}, [10, 10], cash=100, slippage=1)
    charged = run({0: buy(10)}, [10, 10], cash=100, commission="0.0001")
    exactly_enough = run({0: buy(10)}, [10, 10], cash="100.01", commission="0.0001")

    assert ends(slipped) == ends(charged) == [("rejected", "insufficient_funds")]
    assert ends(exactly_enough) == [("filled", "")]


@pytest.mark.parametrize(("kind", "status"), [(Kind.STOCK, "filled"), (Kind.FUTURE, "filled")])
def test_an_open_position_counts_at_the_fills_price(kind: Kind, status: str) -> None:
    # Bought 5 at 10, now at 20: equity is 150, which holds 7 and not 8.
    instrument = make_instrument(kind=kind)

    more = run({0: buy(5), 1: buy(2)}, [10, 10, 20], cash=100, instrument=instrument)
    too_much = run({0: buy(5), 1: buy(3)}, [10, 10, 20], cash=100, instrument=instrument)

    assert ends(more)[1][0] == status
    assert ends(too_much)[1] == ("rejected", "insufficient_funds")


@pytest.mark.parametrize(("quantity", "status"), [(12, "filled"), (13, "rejected")])
def test_other_positions_count_at_their_open(quantity: int, status: str) -> None:
    # Ten held at 10 open at 12: equity is 120, their margin 60, which leaves 60 for twelve at 5.
    result = _beside_another([10, 10, (12, 12, 5, 5)], quantity)

    assert ends(result)[1][0] == status


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


@pytest.mark.parametrize(("quantity", "status"), [(11, "filled"), (12, "rejected")])
def test_other_positions_count_at_their_last_close_without_a_bar(
    quantity: int, status: str
) -> None:
    result = _beside_another([10, (10, 11, 10, 11)], quantity)

    assert ends(result)[1][0] == status


def _beside_another(other: list[Any], quantity: int) -> BacktestResult:
    futures = {symbol: make_instrument(symbol, kind=Kind.FUTURE) for symbol in (SYMBOL, OTHER)}
    script = {0: buy(10, OTHER), 1: buy(quantity)}
    return run_two(script, [10, 10, 10], other, instruments=futures, cash=100, margin="0.5")
