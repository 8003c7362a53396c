"""Searches that go to the kernels of a sweep by themselves, and find what backtests find."""

from typing import Any

import numpy as np
import pytest
import talib

from quantloom.backtest.optimise import cross_validate, make_study, optimise, walk_forward
from quantloom.backtest.sweeps import METRICS, sweep
from quantloom.data import random_walk
from quantloom.market import Bars
from quantloom.strategy import Parameter, Signals, Strategy, load_strategy, percent
from tests.library.backtest.lowering.strategies import Cross

BARS = random_walk(600, seed=6, timeframe="1h")
SPACE = {"fast": range(3, 15, 4), "slow": (10, 40, 10)}
TERMS: dict[str, Any] = {"participation": None, "commission": 0.001, "workers": 1}


class Turning(Strategy):
    """A user's own class of signals, which no kernel of a sweep knows."""

    fast: int = Parameter(5, low=2, high=50)
    slow: int = Parameter(20, low=2, high=100)
    stop: float = Parameter(2.0, low=0.5, high=20.0)

    def generate_signals(self, bars: Bars) -> Signals:
        quick, slow = talib.SMA(bars.close, self.fast), talib.SMA(bars.close, self.slow)
        return Signals(
            entries=quick > slow,
            exits=quick < slow,
            short_entries=quick < slow,
            short_exits=quick > slow,
            turns=True,
            stop_loss=percent(self.stop),
        )


def assert_alike(fused: Any, whole: Any) -> None:
    assert len(fused.trials) == len(whole.trials)
    for one, other in zip(fused.trials, whole.trials, strict=True):
        assert (one.parameters, one.state, one.problem) == (
            other.parameters,
            other.state,
            other.problem,
        )
        for name, value in one.metrics.items():
            wanted = other.metrics[name]
            if value is None or wanted is None:
                assert value is wanted, name
            else:
                assert value == pytest.approx(wanted, rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize(
    ("strategy", "space"),
    [
        ("sma-cross", SPACE),
        ("bollinger", {"period": (10, 30, 10), "width": [1.0, 2.0]}),
        ("macd", {"fast": (5, 15, 5), "slow": (10, 30, 10)}),
        ("supertrend", {"period": (5, 15, 5), "ranges": [1.5, 3.0]}),
        ("rsi", {"period": (5, 15, 5), "stop": [0.0, 2.0]}),
    ],
)
def test_a_sweep_finds_what_backtests_find(strategy: str, space: Any) -> None:
    fused, whole = (
        optimise(strategy, BARS, space, is_fused=is_fused, **TERMS) for is_fused in (True, False)
    )

    assert fused.executor.startswith("sweep")
    assert whole.executor == "backtests, 1 process"
    assert_alike(fused, whole)


def test_orders_that_fill_in_part_are_followed_set_by_set() -> None:
    fused, whole = (
        optimise("sma-cross", BARS, SPACE, size=200, is_fused=is_fused, workers=1)
        for is_fused in (True, False)
    )

    assert fused.executor == "sweep, and signals, 1 process"
    assert_alike(fused, whole)


@pytest.mark.parametrize(
    "setting",
    [
        {"engine": "event"},
        {"strategy": type("Mine", (load_strategy("sma-cross"),), {})},
    ],
)
def test_what_no_core_may_run_is_left_to_backtests(setting: dict[str, Any]) -> None:
    given: dict[str, Any] = {"strategy": "sma-cross", "data": BARS, "space": SPACE, **setting}

    assert make_study(**given).spec.identity["executor"] == "backtests"


@pytest.mark.parametrize("strategy", ["sma-cross", "bollinger", "macd", "rsi", "supertrend"])
@pytest.mark.parametrize(
    "setting", [{"latency": 1}, {"size": 800}, {"objective": "max_drawdown_days", "weight": 0.4}]
)
def test_presets_that_the_kernels_do_not_know_are_followed_by_their_signals(
    strategy: str, setting: dict[str, Any]
) -> None:
    terms: dict[str, Any] = {"workers": 1, "method": "random", "trials": 2, **setting}
    quick, whole = (
        optimise(strategy, BARS[:300], is_fused=is_fused, **terms) for is_fused in (True, False)
    )

    assert "backtests" not in quick.executor
    assert "backtests" in whole.executor
    assert_alike(quick, whole)


def test_methods_that_learn_learn_the_same_from_a_sweep() -> None:
    fused, whole = (
        optimise("sma-cross", BARS, SPACE, method="genetic", trials=9, is_fused=one, **TERMS)
        for one in (True, False)
    )

    assert_alike(fused, whole)


def test_compiled_callbacks_are_run_by_the_core_alone() -> None:
    quick, whole = (
        optimise(Cross, BARS, SPACE, is_fused=is_fused, **TERMS) for is_fused in (True, False)
    )

    assert quick.executor == "compiled, 1 process"
    assert whole.executor == "backtests, 1 process"
    assert_alike(quick, whole)


def test_validations_are_swept_too() -> None:
    hours: dict[str, Any] = {"train": "12d", "test": "6d"}
    walks = [
        walk_forward("sma-cross", BARS, SPACE, **hours, is_fused=one, **TERMS)
        for one in (True, False)
    ]
    folds = [
        cross_validate(
            "sma-cross", BARS, SPACE, groups=4, tests=2, purge=1, embargo=1, is_fused=one, **TERMS
        )
        for one in (True, False)
    ]

    assert walks[0].executor == folds[0].executor == "sweep"
    assert walks[0].curve.returns == pytest.approx(walks[1].curve.returns, abs=1e-12)
    assert folds[0].chosen.tolist() == folds[1].chosen.tolist()
    assert np.allclose(folds[0].sharpes, folds[1].sharpes, equal_nan=True)


def test_the_number_of_threads_changes_no_byte() -> None:
    told = [
        [one.plain() for one in optimise("sma-cross", BARS, SPACE, **TERMS | count).trials]
        for count in ({"workers": 1}, {"workers": 2})
    ]

    assert told[0] == told[1]


@pytest.mark.parametrize(
    "setting",
    [
        {},
        {"weight": 0.5, "slippage": 0.001},
        {"size": 300, "participation": 0.1},
        {"latency": 1, "objective": "average_adverse_ratio"},
        {"slow": (2, 10, 4)},
    ],
)
@pytest.mark.untraced
def test_own_signals_are_followed_one_set_at_a_time(setting: dict[str, Any]) -> None:
    space = SPACE | {"stop": [1.0, 3.0]}
    given = {**TERMS, **setting}
    space |= {"slow": given.pop("slow", space["slow"])}
    quick, whole = (
        optimise(Turning, BARS, space, is_fused=is_fused, **given) for is_fused in (True, False)
    )

    assert quick.executor == "signals, 1 process"
    assert whole.executor == "backtests, 1 process"
    assert set(quick.trials[0].metrics) == set(whole.trials[0].metrics)
    assert_alike(quick, whole)
    for one, other in zip(quick.trials, whole.trials, strict=True):
        assert one.blocks == pytest.approx(other.blocks, rel=1e-9, abs=1e-12)


@pytest.mark.untraced
def test_own_signals_are_followed_in_processes_too() -> None:
    here, beside = (
        optimise(Turning, BARS, SPACE, **TERMS | {"workers": count}) for count in (1, 2)
    )

    assert beside.executor == "signals, 2 processes"
    assert [one.plain() for one in beside.trials] == [one.plain() for one in here.trials]


def test_signals_that_the_core_cannot_follow_are_backtested_and_said_to_be() -> None:
    found = optimise(Turning, BARS, {"fast": [3, 5]}, interest=0.02, **TERMS)

    assert found.executor == "backtests, 1 process"
    assert found.counts["done"] == 2


def test_own_signals_are_followed_in_validations() -> None:
    walks = [
        walk_forward(Turning, BARS, SPACE, train="12d", test="6d", is_fused=one, **TERMS)
        for one in (True, False)
    ]
    folds = [
        cross_validate(
            Turning, BARS, SPACE, groups=4, tests=2, purge=1, embargo=1, is_fused=one, **TERMS
        )
        for one in (True, False)
    ]

    assert walks[0].executor == folds[0].executor == "signals, 1 process"
    assert walks[0].curve.returns == pytest.approx(walks[1].curve.returns, abs=1e-12)
    assert folds[0].chosen.tolist() == folds[1].chosen.tolist()
    assert np.allclose(folds[0].sharpes, folds[1].sharpes, equal_nan=True)


def test_a_sweep_follows_own_signals() -> None:
    found = sweep(Turning, BARS, SPACE, participation=None, commission=0.001, trials=False)

    assert found.executor == "signals"
    for row in (0, len(found) - 1):
        result = found.run(row)
        for name in METRICS:
            wanted = getattr(result.metrics, name)
            assert found[name][row] == pytest.approx(
                np.nan if wanted is None else wanted, rel=1e-9, abs=1e-12, nan_ok=True
            ), name
        assert found.held[row] == float(result.positions.floats("quantity").sum())
