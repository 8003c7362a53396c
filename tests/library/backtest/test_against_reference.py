"""The engine and a plain one written from the reference pages alone agree on everything."""

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.simulation import Moment
from tests.library.backtest.builders import HOUR_NS
from tests.library.backtest.cases import Case, make_case, run_product, run_reference

RULES = {
    "bad_price",
    "cancelled_by_strategy",
    "end_of_data",
    "insufficient_funds",
    "nothing_to_close",
    "off_lot",
    "off_tick",
    "position_closed",
    "short_not_allowed",
    "trimmed",
}


@settings(max_examples=max(1_000, settings().max_examples))
@given(st.randoms(use_true_random=False))
def test_the_engine_and_the_plain_reference_agree(random: Random) -> None:
    assert_agree(make_case(random))


@pytest.mark.parametrize("block", range(8))
def test_seeded_cases_agree(block: int) -> None:
    for seed in range(block * 250, block * 250 + 250):
        assert_agree(make_case(Random(seed)))


@pytest.mark.soak
@pytest.mark.parametrize("block", range(100))
def test_very_many_seeded_cases_agree(block: int) -> None:
    for seed in range(10_000 + block * 500, 10_000 + block * 500 + 500):
        assert_agree(make_case(Random(seed)))


@pytest.mark.parametrize("block", range(2))
def test_a_future_cut_off_changes_no_earlier_fill(block: int) -> None:
    for seed in range(block * 150, block * 150 + 150):
        case = make_case(Random(seed))
        # Whether a source has volume at all is a fact of the whole of it.
        bars: list[tuple[Any, ...]] = [(*prices, 1.0) for *prices, _ in case.bars]
        cut = Random(seed).randint(1, len(bars) - 1)

        whole = run_product(replace(case, bars=bars))
        part = run_product(replace(case, bars=bars[:cut], script=case.script[:cut]))

        count = len(part.fills)
        assert product_fills(whole)[:count] == product_fills(part), case
        assert all(row >= cut for row, *_ in product_fills(whole)[count:]), case
        assert whole.equity["equity"][:cut].tolist() == part.equity["equity"].tolist(), case


def test_the_cases_reach_every_rule_and_every_moment() -> None:
    orders = [
        order for seed in range(400) for order in run_reference(make_case(Random(seed)))["orders"]
    ]

    assert {order["rule"] for order in orders} == RULES | {""}
    assert {order["moment"] for order in orders if order["filled"]} == set(Moment)
    assert {order["status"] for order in orders} == {"filled", "cancelled", "rejected", "expired"}


def test_the_cases_reach_every_way_of_booking() -> None:
    cases = [make_case(Random(seed)) for seed in range(400)]
    ran = [(case, run_reference(case)) for case in cases]

    traded = [(case, found) for case, found in ran if found["trips"]]
    assert {case.terms["is_margined"] for case, _ in traded} == {False, True}
    assert any(case.terms["minimum"] for case, _ in traded)
    assert any(found["equity"][-1] < 0 for _, found in ran)
    assert any(is_flip(found) for _, found in ran)


def is_flip(found: dict[str, Any]) -> bool:
    held = Fraction(0)
    for _, sign, quantity, *_ in found["fills"]:
        before, held = held, held + sign * quantity
        if before * held < 0:
            return True
    return False


def assert_agree(case: Case) -> None:
    expected, result = run_reference(case), run_product(case)

    assert product_fills(result) == expected["fills"], case
    assert product_orders(result) == [
        (order["status"], order["rule"], order["filled"]) for order in expected["orders"]
    ], case
    assert product_trips(result) == expected["trips"], case
    assert Fraction(result.final_cash) == expected["cash"], case
    assert Fraction(result.final_equity) == expected["equity"][-1], case
    curve = [float(value) for value in expected["equity"]]
    assert result.equity["equity"].tolist() == pytest.approx(curve, rel=1e-9, abs=1e-6), case


def product_fills(result: BacktestResult) -> list[tuple[Any, ...]]:
    start = int(result.bars.ts[0])
    return [
        (
            (row["ts_ns"] - start) // HOUR_NS,
            1 if row["side"] == "buy" else -1,
            *(Fraction(row[name]) for name in ("quantity", "price", "commission", "slippage")),
        )
        for row in result.fills.rows()
    ]


def product_orders(result: BacktestResult) -> list[tuple[str, str, Fraction]]:
    return [(row["status"], row["rule"], Fraction(row["filled"])) for row in result.orders.rows()]


def product_trips(result: BacktestResult) -> list[tuple[Fraction, ...]]:
    names = ("quantity", "entry_price", "exit_price", "gross")
    return [tuple(Fraction(row[name]) for name in names) for row in result.round_trips.rows()]
