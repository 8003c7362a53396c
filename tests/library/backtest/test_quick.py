"""The quick form of a run by signals or by a compiled callback, in floats."""

from random import Random
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import NeedsEventEngine, NotCompilable, backtest, run_quick
from quantloom.data import random_walk
from quantloom.strategy import Strategy
from tests.library.backtest.lowering.strategies import EVERY, Weighted
from tests.library.backtest.lowering.written import write
from tests.library.backtest.signal_cases import following, make_signal_case

WALK = random_walk(3_000, seed=5)
REFUSED = """
@compiled
class Written(Strategy):
    def on_bar(self, ctx, bar):
        self.seen = [bar.close]
"""


def test_its_figures_are_those_of_the_exact_result() -> None:
    quick = run_quick("macd", WALK, size=1, commission=0.001, parameters={"both_sides": True})
    exact = quick.result()

    assert exact.executor == "vectorised"
    np.testing.assert_allclose(quick.equity, exact.equity["equity"], rtol=1e-9)
    np.testing.assert_allclose(quick.trips.pnl, exact.round_trips.floats("pnl"), atol=1e-9)
    assert quick.metrics.sharpe_ratio == pytest.approx(exact.metrics.sharpe_ratio)
    assert quick.metrics.turnover_ratio == pytest.approx(exact.metrics.turnover_ratio)
    assert quick.metrics.slippage == pytest.approx(exact.metrics.slippage)


def test_it_agrees_over_random_cases() -> None:
    for seed in range(500, 530):
        case = make_signal_case(Random(seed))
        settings = {"instrument": case.instrument} | case.settings
        quick = run_quick(following(case.signals), case.bars, **settings)
        exact = case.run("event")
        if quick.doubts:
            continue

        np.testing.assert_allclose(quick.equity, exact.equity["equity"], rtol=1e-9, atol=1e-6)
        assert quick.trips.exit_reason.tolist() == exact.round_trips["exit"].tolist()
        assert quick.trips.entry_ns.tolist() == exact.round_trips["entry_ns"].tolist()


def test_what_it_does_not_know_is_refused() -> None:
    with pytest.raises(NeedsEventEngine, match="the compiled core does not know interest; run it"):
        run_quick("macd", WALK, interest=0.02)
    with pytest.raises(NeedsEventEngine, match="the Python callbacks of Empty; run it"):
        run_quick(type("Empty", (Strategy,), {}), WALK)


# A weight of `Weighted` hangs on the last bit of equity somewhere on this walk.
@pytest.mark.parametrize("strategy", [one for one in EVERY if one is not Weighted])
@pytest.mark.sample(0.4)
def test_a_compiled_callback_comes_to_what_the_exact_result_has(strategy: type[Strategy]) -> None:
    terms: dict[str, Any] = {"size": 3, "commission": 0.001, "cash": 1_000_000}
    quick = run_quick(strategy, WALK, **terms)
    exact = backtest(strategy, WALK, **terms)

    assert quick.doubts == 0
    np.testing.assert_allclose(quick.equity, exact.equity["equity"], rtol=1e-9)
    np.testing.assert_allclose(quick.trips.pnl, exact.round_trips.floats("pnl"), atol=1e-6)
    assert quick.metrics.sharpe_ratio == pytest.approx(exact.metrics.sharpe_ratio)
    assert quick.result().hashes.result == exact.hashes.result


def test_a_run_that_hangs_on_rounding_is_left_to_the_event_engine() -> None:
    with pytest.raises(NeedsEventEngine, match="what happens in this run"):
        run_quick(Weighted, WALK, cash=1_000_000, commission=0.001)


def test_a_callback_that_cannot_be_compiled_is_refused() -> None:
    with pytest.raises(NotCompilable):
        run_quick(write(REFUSED), WALK)
