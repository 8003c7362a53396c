"""Presets mean one thing by their callbacks and by their signals."""

from random import Random
from typing import Any

import pytest

from quantloom.backtest import backtest
from quantloom.market import Bars
from quantloom.strategy import ParameterSpec, Strategy, load_strategy, offers_signals
from tests.library.strategy.presets.cases import CATALOG, PRESETS, bars_of

SIGNALLED = [name for name in PRESETS if offers_signals(load_strategy(name))]


def test_these_presets_offer_signals() -> None:
    assert {"sma-cross", "bollinger", "macd", "rsi", "supertrend"} <= set(SIGNALLED)


@pytest.mark.parametrize("name", SIGNALLED)
@pytest.mark.parametrize("symbol", ["SPY.ARCA", "rb-MAIN.SHFE"])
def test_both_give_the_same_fills_on_real_bars(name: str, symbol: str) -> None:
    terms = {"instrument": CATALOG.instrument(symbol), "cash": 20_000_000}
    assert_equal(name, bars_of(symbol)[-1_500:], **terms)


@pytest.mark.parametrize("name", SIGNALLED)
@pytest.mark.untraced
def test_both_give_the_same_fills_over_parameters_and_terms(name: str) -> None:
    found = sum(_try(name, Random(seed)) for seed in range(15))

    assert found > 20


@pytest.mark.soak
@pytest.mark.parametrize("name", SIGNALLED)
def test_both_give_the_same_fills_over_very_many_parameters(name: str) -> None:
    assert sum(_try(name, Random(seed)) for seed in range(1_000, 2_000)) > 2_000


def _try(name: str, random: Random) -> int:
    symbol = random.choice(["SPY.ARCA", "AAPL.NASDAQ", "rb-MAIN.SHFE"])
    bars = bars_of(symbol)
    start = random.randrange(len(bars) - 300)
    terms = {
        "instrument": CATALOG.instrument(symbol),
        "cash": random.choice([10_000, 1_000_000]),
        "latency": random.choice([0, 0, 1, 3]),
        "participation": random.choice([None, "0.00001", "0.1"]),
        "slippage": random.choice([0, 2]),
        "commission": random.choice([0, "0.001"]),
        "parameters": _parameters(load_strategy(name), random),
    }
    return assert_equal(name, bars[start : start + 300], **terms)


def _parameters(preset: type[Strategy], random: Random) -> dict[str, Any]:
    """Values of the whole space, the short end of it more often: there is more to see."""
    found = {name: _value(spec, random) for name, spec in preset.parameters.items()}
    for low, high in (("fast", "slow"), ("oversold", "overbought")):
        if low in found:
            found[low], found[high] = sorted([found[low], found[high]])
            found[high] += found[low] == found[high]
    return found


def _value(spec: ParameterSpec, random: Random) -> Any:
    if isinstance(spec.default, bool):
        return random.random() < 0.6
    low: Any = spec.low
    high: Any = spec.high
    share = random.random() ** (3 if isinstance(spec.default, int) else 1)
    if isinstance(spec.default, int):
        return int(low + (min(high, 60) - low) * share)
    return round(low + (high - low) * share, 1)


def assert_equal(name: str, bars: Bars, **terms: Any) -> int:
    """Run a preset both ways; give the number of fills."""
    event = backtest(name, bars, engine="event", **terms)
    core = backtest(name, bars, engine="vectorised", **terms)
    for column in ("ts_ns", "side", "quantity", "price", "commission", "cause"):
        assert event.fills[column].tolist() == core.fills[column].tolist(), (column, terms)
    assert event.final_equity == core.final_equity
    return len(core.fills)
