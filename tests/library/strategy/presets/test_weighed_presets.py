"""Presets over several instruments mean one thing by their callbacks and by their weights."""

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.market import Bars, Instrument, Kind
from quantloom.strategy import BadParameter, load_strategy, offers_weights
from quantloom.strategy.presets.needs import InstrumentsNeeded
from tests.library.strategy.presets.cases import CATALOG, FUTURES, PRESETS, bars_of

WEIGHED = [name for name in PRESETS if offers_weights(load_strategy(name))]
DAY_NS = 86_400_000_000_000


def test_these_presets_offer_weights() -> None:
    assert WEIGHED == ["momentum-rotation", "volatility-target-trend"]


@pytest.mark.parametrize("name", WEIGHED)
def test_both_give_the_same_fills_on_real_bars(name: str) -> None:
    bars = {symbol: bars_of(symbol) for symbol in FUTURES}
    instrument = {symbol: CATALOG.instrument(symbol) for symbol in FUTURES}

    found = assert_equal(name, bars, {}, instrument=instrument, cash=20_000_000, margin=0.1)

    assert found.executor == "portfolio"
    assert len(found.fills) > 50


@pytest.mark.parametrize("name", WEIGHED)
@pytest.mark.untraced
def test_both_give_the_same_fills_over_parameters_and_panels(name: str) -> None:
    found = [_try(name, Random(seed)) for seed in range(12)]

    assert sum(len(one.fills) for one in found) > 100
    assert sum(one.executor == "portfolio" for one in found) >= 8


@pytest.mark.soak
@pytest.mark.parametrize("name", WEIGHED)
def test_both_give_the_same_fills_over_very_many_parameters(name: str) -> None:
    assert sum(len(_try(name, Random(seed)).fills) for seed in range(1_000, 2_000)) > 7_000


@pytest.mark.parametrize("name", WEIGHED)
def test_a_run_that_begins_with_history_acts_at_once(name: str) -> None:
    bars = {symbol: bars_of(symbol)[:400] for symbol in FUTURES[:2]}
    instrument = {symbol: CATALOG.instrument(symbol) for symbol in bars}
    preset = load_strategy(name)
    warmed = type(preset.__name__, (preset,), {"warm_up": lambda self: self.lookback + 1})
    own = (
        {"skip": 3, "top": 2, "absolute": False}
        if name == "momentum-rotation"
        else {"window": 10, "rebalance": 5}
    )

    found = assert_equal(
        warmed,
        bars,
        {"lookback": 50} | own,
        instrument=instrument,
        start="2016-06-14",
        cash=20_000_000,
    )

    waited = np.datetime64(int(found.fills["ts_ns"][0]), "ns") - np.datetime64("2016-06-14")
    assert np.timedelta64(0) < waited < np.timedelta64(12, "D")


@pytest.mark.parametrize("engine", ["event", "vectorised"])
def test_what_the_parameters_do_not_allow_is_refused_either_way(engine: Any) -> None:
    bars = {symbol: bars_of(symbol)[:50] for symbol in FUTURES}

    with pytest.raises(BadParameter, match="must be below lookback"):
        backtest("momentum-rotation", bars, parameters={"lookback": 5, "skip": 5}, engine=engine)
    with pytest.raises(BadParameter, match="the run holds 3 instruments"):
        backtest("momentum-rotation", bars, parameters={"top": 4}, engine=engine)
    with pytest.raises(InstrumentsNeeded):
        backtest("momentum-rotation", bars[FUTURES[0]], engine=engine)


def _try(name: str, random: Random) -> BacktestResult:
    rng = np.random.default_rng(random.randrange(2**32))
    count = random.randint(2, 6)
    bars = {f"S{place}.LOCAL": _bars(rng, f"S{place}.LOCAL") for place in range(count)}
    instruments = {
        symbol: Instrument(
            symbol=symbol,
            kind=Kind.STOCK,
            tick_size=Decimal("0.01"),
            lot=Decimal(random.choice(["1", "10"])),
            can_short=True,
        )
        for symbol in bars
    }
    terms = {
        "instrument": instruments,
        "cash": random.choice([10_000, 1_000_000]),
        "latency": random.choice([0, 0, 0, 0, 0, 1]),
        "participation": random.choice([None, "0.1"]),
        "slippage": random.choice([0, 2]),
        "commission": random.choice([0, "0.001"]),
        "margin": random.choice([None, 0.3]),
    }
    return assert_equal(name, bars, _parameters(name, count, random), **terms)


def _bars(rng: np.random.Generator, symbol: str) -> Bars:
    """Days of 14 months, listed late or delisted now and then, and without some bars."""
    steps = 300
    close = np.maximum(20 * np.exp(np.cumsum(rng.normal(0.0, 0.02, steps))), 1.0).round(2)
    is_there = rng.random(steps) < rng.choice([0.8, 1.0])
    is_there[: int(rng.choice([0, 0, 20, 120]))] = False
    is_there[steps - int(rng.choice([1, 1, 30, 90, 150])) :] = False
    gap = int(rng.integers(0, steps - 60))
    is_there[gap : gap + int(rng.choice([0, 0, 35, 60]))] = False
    is_there[150] = True
    opens = np.maximum(close + rng.choice([-0.3, 0.0, 0.2], steps), 0.5).round(2)
    columns = {
        "open": opens,
        "high": np.maximum(opens, close),
        "low": np.minimum(opens, close),
        "close": close,
        "volume": rng.integers(100, 50_000, steps).astype(float),
    }
    kept = {name: column[is_there] for name, column in columns.items()}
    return Bars.of(symbol, "1d", ts=np.flatnonzero(is_there) * DAY_NS, **kept)


def _parameters(name: str, count: int, random: Random) -> dict[str, Any]:
    """Values of the whole space, as far as some are held in such a run at all."""
    lookback = random.choice([2, 5, 20, 60, 100])
    if name == "momentum-rotation":
        return {
            "lookback": lookback,
            "skip": random.randrange(lookback),
            "top": random.randint(1, count),
            "absolute": random.random() < 0.5,
            "exposure": random.choice([0.05, 0.5, 0.95, 2.0, 5.0]),
        }
    return {
        "lookback": lookback,
        "window": random.choice([10, 20, 60]),
        "target": random.choice([0.5, 15.0, 60.0, 100.0]),
        "cap": random.choice([0.05, 0.95, 3.0, 10.0]),
        "rebalance": random.choice([1, 5, 21, 100]),
        "both_sides": random.random() < 0.5,
    }


def assert_equal(
    strategy: Any, bars: Mapping[str, Bars], parameters: Mapping[str, Any], **terms: Any
) -> BacktestResult:
    """Run a preset both ways; give what the weights came to."""
    given = {"participation": None, "parameters": parameters, "audit": False} | terms
    event = backtest(strategy, bars, engine="event", **given)
    core = backtest(strategy, bars, engine="vectorised", **given)
    for column in ("ts_ns", "symbol", "side", "quantity", "price", "commission"):
        assert event.fills[column].tolist() == core.fills[column].tolist(), (column, given)
    assert event.final_equity == core.final_equity
    return core
