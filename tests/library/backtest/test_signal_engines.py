"""Signals mean one thing, whoever follows them: orders of the event engine or the compiled core."""

from collections import Counter
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.backtest.core import far_of
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    VolatilityTarget,
)
from quantloom.trading import AtrDistance, Trailing
from tests.library.backtest.signal_cases import SignalCase, make_signal_case

_SOME, _MANY = 60, 250
# How many of 250 seeded cases have each of these, at the least.
_OFTEN = {
    "by the core": 180,
    "partial fill": 35,
    "latency": 60,
    "turn": 10,
    "minimum commission": 15,
    "close today": 40,
    "weights": 30,
    "average true range, by the core": 20,
    "margined": 50,
    "short": 40,
    "ruled": 40,
    "held over the day": 3,
    "locked at a limit": 3,
    "unknown volume": 30,
    "bar without volume": 60,
    "rejected: insufficient_funds": 30,
    "rejected: short_not_allowed": 3,
    "rejected: not_ready": 10,
    "rejected: below_minimum": 1,
    "cancelled: trimmed": 10,
    "cancelled: oco": 15,
    "cancelled: position_closed": 15,
    "cancelled: entry_gone": 15,
    "cancelled: cancelled_by_strategy": 3,
    "expired: end_of_data": 40,
    "exit: stop_loss": 30,
    "exit: take_profit": 20,
    "exit: trailing_stop": 10,
    FixedSize.__name__: 25,
    EquityShare.__name__: 25,
    RiskPerTrade.__name__: 25,
    VolatilityTarget.__name__: 25,
    KellyFraction.__name__: 25,
    Slippage.__name__: 60,
    VolumeShareSlippage.__name__: 25,
    SquareRootImpact.__name__: 25,
}


@settings(max_examples=max(_SOME, settings().max_examples // 4))
@given(st.randoms(use_true_random=False))
def test_both_engines_agree(random: Random) -> None:
    assert_agree(make_signal_case(random))


@pytest.mark.untraced
def test_seeded_cases_agree_and_cover_what_there_is() -> None:
    seen: Counter[str] = Counter()
    for seed in range(_MANY):
        case = make_signal_case(Random(seed))
        seen.update(set(_events(case, assert_agree(case))))

    missing = {name: seen[name] for name, least in _OFTEN.items() if seen[name] < least}
    assert not missing


@pytest.mark.soak
@pytest.mark.parametrize("block", range(100))
def test_very_many_seeded_cases_agree(block: int) -> None:
    for seed in range(10_000 + block * 300, 10_000 + block * 300 + 300):
        assert_agree(make_signal_case(Random(seed)))


def assert_agree(case: SignalCase) -> BacktestResult:
    """Run a case both ways; give the result of the core."""
    by_orders, by_core = case.run("event"), case.run("vectorised")
    assert (by_orders.executor, by_core.executor in {"event", "vectorised"}) == ("event", True)
    for name in ("orders", "fills", "round_trips", "positions"):
        one, other = by_orders.tables()[name], by_core.tables()[name]
        for column in one:
            assert one[column].tolist() == other[column].tolist(), (name, column, case)
    assert by_orders.final_cash == by_core.final_cash
    for column in ("equity", "cash", "exposure", "quantity"):
        np.testing.assert_allclose(
            by_core.equity[column], by_orders.equity[column], rtol=1e-9, atol=1e-6
        )
    return by_core


def _events(case: SignalCase, result: BacktestResult) -> list[str]:
    return [*_options_of(case, result), *_happenings_in(case, result)]


def _options_of(case: SignalCase, result: BacktestResult) -> list[str]:
    given, volume = case.settings, case.bars.volume
    commission: Any = given.get("commission")
    flags = {
        "by the core": result.executor == "vectorised",
        "latency": given["latency"] > 0,
        "minimum commission": bool(getattr(commission, "minimum", 0)) and len(result.fills) > 0,
        "close today": bool(getattr(commission, "close_today", None)),
        "weights": case.signals.weights is not None,
        "average true range, by the core": result.executor == "vectorised" and is_measured(case),
        "margined": case.instrument.is_margined,
        "ruled": "rules" in given,
        "unknown volume": bool(np.isnan(volume).any() or not volume.any()),
        "bar without volume": bool((volume == 0).any() and volume.any()),
        "trailing": isinstance(case.signals.stop_loss, Trailing),
    }
    kinds = [type(given["sizing"]).__name__, type(given["slippage"]).__name__]
    return [*kinds, *(name for name, is_there in flags.items() if is_there)]


def is_measured(case: SignalCase) -> bool:
    """Whether a way out lies so many average true ranges away."""
    ways_out = (case.signals.stop_loss, case.signals.take_profit)
    return any(isinstance(far_of(one), AtrDistance) for one in ways_out)


def _happenings_in(case: SignalCase, result: BacktestResult) -> list[str]:
    orders, fills = result.orders, result.fills
    ended = zip(orders["status"].tolist(), orders["rule"].tolist(), strict=True)
    found = [f"{status}: {rule}" for status, rule in ended if rule]
    found += [f"exit: {cause}" for cause in result.round_trips["exit"].tolist()]
    trailing = set(orders["id"][orders["kind"] == "trailing_stop"].tolist())
    per_order = Counter(fills["order_id"].tolist())
    sides = np.sign(result.equity["quantity"])
    flags = {
        "partial fill": any(count > 1 for count in per_order.values()),
        "short": bool((sides < 0).any()),
        "turn": bool((sides[1:] * sides[:-1] < 0).any()),
        "exit: trailing_stop": bool(trailing & set(per_order)),
        "held over the day": any(one.endswith("bought_today") for one in found),
        "locked at a limit": "rules" in case.settings and _was_locked(case, result),
    }
    return [*found, *(name for name, is_there in flags.items() if is_there)]


def _was_locked(case: SignalCase, result: BacktestResult) -> bool:
    """Whether a market order waited through a bar that stood still, with volume enough."""
    bars, orders = case.bars, result.orders
    still = (bars.high == bars.low) & (bars.volume >= 25 * float(case.instrument.lot))
    is_market = (orders["kind"] == "market") & (orders["filled"] == 0)
    if case.settings["latency"]:
        return False
    for sent, ended in zip(
        orders["submitted_ns"][is_market], orders["updated_ns"][is_market], strict=True
    ):
        between = (bars.ts >= sent) & (bars.ts <= ended)
        if (between & still).any():
            return True
    return False
