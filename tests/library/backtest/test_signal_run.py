"""The quick form of a run by signals, in floats."""

from random import Random

import numpy as np
import pytest

from quantloom.backtest import NoSignals, NotVectorised, run_signals
from quantloom.data import random_walk
from quantloom.strategy import Strategy
from tests.library.backtest.signal_cases import following, make_signal_case

WALK = random_walk(3_000, seed=5)


def test_its_figures_are_those_of_the_exact_result() -> None:
    quick = run_signals("macd", WALK, size=1, commission=0.001, parameters={"both_sides": True})
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
        quick = run_signals(following(case.signals), case.bars, **settings)
        exact = case.run("event")
        if quick.doubts:
            continue

        np.testing.assert_allclose(quick.equity, exact.equity["equity"], rtol=1e-9, atol=1e-6)
        assert quick.trips.exit_reason.tolist() == exact.round_trips["exit"].tolist()
        assert quick.trips.entry_ns.tolist() == exact.round_trips["entry_ns"].tolist()


def test_what_it_does_not_know_is_refused() -> None:
    with pytest.raises(NotVectorised, match="the compiled core does not know interest; run it"):
        run_signals("macd", WALK, interest=0.02)
    with pytest.raises(NoSignals, match="Empty has no generate_signals"):
        run_signals(type("Empty", (Strategy,), {}), WALK)
