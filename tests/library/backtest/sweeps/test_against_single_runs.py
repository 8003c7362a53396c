"""Every figure of a sweep is that of a single backtest by events."""

from typing import Any

import numpy as np
import pytest

from quantloom.backtest import sweep
from quantloom.market import Bars, Kind
from quantloom.strategy import Strategy
from quantloom.strategy.presets import Bollinger, Macd, Rsi, SmaCross, SuperTrend
from quantloom.trading import Commission, Margin, Rate
from tests.library.backtest.lowering.strategies import Cross
from tests.library.backtest.sweeps.builders import SYMBOL, differences, stock, walk

BOTH = [False, True]
SPACES: dict[type[Strategy], dict[str, Any]] = {
    SmaCross: {"fast": [5, 40], "slow": [20, 60]},
    Bollinger: {"period": [10, 30], "width": [2.0], "both_sides": BOTH},
    Macd: {"fast": [5], "slow": [26], "signal": [4], "only_with_trend": BOTH, "both_sides": BOTH},
    Rsi: {"period": [8], "oversold": [30.0, 60.0], "overbought": [60.0], "stop": [0.0, 1.5]}
    | {"both_sides": BOTH},
    SuperTrend: {"period": [7], "ranges": [1.5, 3.0], "both_sides": BOTH},
}
SCHEME = Commission(
    open=Rate(by_money=0.0002, by_unit=0.003),  # type: ignore[arg-type]
    close=Rate(by_money=0.0001, by_unit=0.001),  # type: ignore[arg-type]
    minimum=5,  # type: ignore[arg-type]
    sell_tax=0.0005,  # type: ignore[arg-type]
    buy_tax=0.0003,  # type: ignore[arg-type]
    transfer=0.00001,  # type: ignore[arg-type]
    sell_levy=0.0001,  # type: ignore[arg-type]
)
RUNS: dict[str, dict[str, Any]] = {
    "fixed": {"size": 7, "commission": 0.001},
    "share": {"weight": 0.9, "commission": 0.001, "participation": None},
    "trimmed": {"weight": 1, "commission": 0.002, "slippage": 2},
    "costs": {"size": 100, "commission": SCHEME},
    "margin": {"weight": 2, "margin": Margin(long=0.2, short=0.3), "commission": 0.0005},  # type: ignore[arg-type]
}


@pytest.mark.parametrize("strategy", SPACES)
@pytest.mark.parametrize("run", ["fixed", "share"])
@pytest.mark.untraced
def test_each_preset_measures_as_it_does_alone(strategy: type[Strategy], run: str) -> None:
    found = sweep(strategy, walk(1500), SPACES[strategy], instrument=stock(), **RUNS[run])

    assert found.executor == "fused"
    assert np.nanmax(found["round_trip_count"]) > 5
    assert differences(found) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("strategy", SPACES)
@pytest.mark.parametrize("run", RUNS)
def test_every_preset_measures_as_it_does_alone_in_every_run(
    strategy: type[Strategy], run: str, seed: int
) -> None:
    bars = walk(3000, seed=seed, pause=50)
    found = sweep(strategy, bars, SPACES[strategy], instrument=stock(), **RUNS[run])

    assert differences(found) == []


@pytest.mark.parametrize("run", ["trimmed", "costs", "margin"])
def test_costs_and_cuts_are_those_of_a_single_run(run: str) -> None:
    found = sweep(SuperTrend, walk(1500), SPACES[SuperTrend], instrument=stock(), **RUNS[run])

    assert found.executor == "fused"
    assert differences(found) == []


def test_a_future_is_margined_and_multiplied() -> None:
    future = stock(kind=Kind.FUTURE, multiplier=10, lot=1)
    space: dict[str, list[Any]] = {"period": [7], "ranges": [2.0], "both_sides": [True]}

    found = sweep(
        SuperTrend, walk(1500), space, instrument=future, weight=3, margin=0.1, commission=0.0001
    )

    assert found.executor == "fused"
    assert differences(found) == []


def test_days_of_a_run_on_daily_bars_are_its_bars() -> None:
    bars = walk(900, timeframe="1d")

    found = sweep(SmaCross, bars, {"fast": [3], "slow": [9, 20]}, instrument=stock(), weight=0.5)

    assert found["trading_days"].tolist() == [900, 900]
    assert differences(found) == []


def test_a_run_that_loses_everything_has_no_ratios() -> None:
    future = stock(kind=Kind.FUTURE, multiplier=1000)
    close = np.round(np.concatenate([np.arange(200, 80, -0.5), np.arange(80, 160, 0.5)]), 2)
    close[360:] = np.round(60 + np.sin(np.arange(len(close) - 360)), 2)
    bars = Bars.of(
        SYMBOL,
        "30m",
        ts=np.arange(len(close)) * 1_800_000_000_000,
        open=close,
        high=close,
        low=close,
        close=close,
    )

    found = sweep(
        SmaCross, bars, {"fast": [3], "slow": [9]}, instrument=future, size=40, margin=0.01
    )

    assert found["max_drawdown_ratio"][0] > 1
    assert np.isnan(found["sharpe_ratio"][0])
    assert differences(found) == []


def test_a_compiled_callback_measures_as_it_does_alone() -> None:
    found = sweep(Cross, walk(1500), {"fast": [3, 7], "slow": [9]}, instrument=stock(), size=2)

    assert found.executor == "compiled"
    assert np.nanmax(found["round_trip_count"]) > 5
    assert differences(found) == []


def test_bars_that_fill_a_part_or_nothing_are_left_to_signals() -> None:
    bars = walk(1500)
    space = {"fast": [5], "slow": [20, 60]}

    found = sweep(
        SmaCross, bars, space, instrument=stock(), size=2_000, cash=1e7, participation=1e-4
    )

    assert found.executor == "signals"
    assert "in part" in found.reason
    assert differences(found) == []
