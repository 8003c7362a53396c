"""The compiled core and the plain engine, written from the reference pages, agree on everything."""

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult
from quantloom.strategy import VolatilityTarget
from tests.library.backtest.reference_account import Book
from tests.library.backtest.reference_signals import run_signals_plainly
from tests.library.backtest.signal_cases import SignalCase, make_signal_case
from tests.library.backtest.test_against_reference import product_orders, product_trips
from tests.library.backtest.test_signal_engines import is_measured

_MANY = 200
# How many of 200 seeded cases have each of these, at the least.
_OFTEN = {
    "by the core": 75,
    "filled": 400,
    "insufficient_funds": 50,
    "nothing_to_close": 1,
    "trimmed": 5,
    "entry_gone": 10,
    "oco": 10,
    "position_closed": 10,
    "end_of_data": 20,
    "EquityShare": 10,
    "FixedSize": 10,
    "RiskPerTrade": 5,
    "KellyFraction": 10,
}


@pytest.mark.untraced
def test_the_core_and_the_plain_reference_agree() -> None:
    seen: Counter[str] = Counter()
    for seed in range(_MANY):
        seen.update(assert_agree(make_signal_case(Random(seed))))

    missing = {name: seen[name] for name, least in _OFTEN.items() if seen[name] < least}
    assert not missing


@pytest.mark.soak
@pytest.mark.parametrize("block", range(20))
def test_very_many_cases_agree_with_the_plain_reference(block: int) -> None:
    for seed in range(50_000 + block * 200, 50_000 + block * 200 + 200):
        assert_agree(make_signal_case(Random(seed)))


def assert_agree(case: SignalCase) -> Counter[str]:
    """Run a case by the core and plainly, and count what has happened in it."""
    seen: Counter[str] = Counter()
    if not knows(case):
        return seen
    plain, result = run_signals_plainly(case), case.run("vectorised")

    assert fills_of(result, case) == [(at, *row) for at, _, *row in plain.fills], case
    assert product_orders(result) == [
        (order.status, order.rule, order.filled) for order in plain.orders
    ], case
    assert product_trips(result) == plain.trips, case
    assert Fraction(result.final_cash) == plain.cash, case
    curve = [float(value) for value in plain.equity]
    np.testing.assert_allclose(result.equity["equity"], curve, rtol=1e-9, atol=1e-6)
    if result.executor == "vectorised":
        seen.update(events_of(plain, case))
    return seen


def knows(case: SignalCase) -> bool:
    """Whether the plain engine does: no market rules, no year's volatility, no average range."""
    if "rules" in case.settings or isinstance(case.settings["sizing"], VolatilityTarget):
        return False
    return not is_measured(case)


def events_of(plain: Book, case: SignalCase) -> list[str]:
    ends = [order.rule or order.status for order in plain.orders]
    return ["by the core", type(case.settings["sizing"]).__name__, *ends]


def fills_of(result: BacktestResult, case: SignalCase) -> list[tuple[Any, ...]]:
    places = {ts: place for place, ts in enumerate(case.bars.ts.tolist())}
    return [
        (
            places[row["ts_ns"]],
            1 if row["side"] == "buy" else -1,
            *(Fraction(row[name]) for name in ("quantity", "price", "commission", "slippage")),
        )
        for row in result.fills.rows()
    ]
