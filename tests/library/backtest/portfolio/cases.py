"""Random panels, weights and options for the portfolio engine, one for each seed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from unittest import mock

import numpy as np

from quantloom.backtest import BacktestResult, backtest
from quantloom.backtest.portfolio import running
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, Instrument, Kind
from quantloom.simulation import Slippage, VolumeShareSlippage
from quantloom.strategy import Panel, Strategy, Weights
from quantloom.trading import Commission, Margin
from quantloom.trading.costs import Rate

HOUR_NS = 3_600_000_000_000
_DAY = 24


@dataclass(frozen=True)
class Case:
    """Bars by symbol, weights, and what `backtest` is told besides."""

    bars: Mapping[str, Bars]
    rows: IntArray
    values: FloatArray
    of: str
    options: Mapping[str, Any]

    def run(self) -> BacktestResult:
        return backtest(giving(self.rows, self.values, self.of), self.bars, **self.options)


def giving(rows: Any, values: Any, of: Any = "equity") -> type[Strategy]:
    """A strategy that gives these weights, where the panel has their rows and a price."""

    class Giving(Strategy):
        def generate_weights(self, panel: Panel) -> Weights:
            known = np.asarray(rows, dtype=np.int64)
            known = known[known < len(panel)]
            wanted = np.asarray(values, dtype=float)[: len(known)]
            return Weights(known, np.where(np.isnan(panel.last[known]), np.nan, wanted), of)

    return Giving


@contextmanager
def by_events() -> Iterator[None]:
    """Have the event engine follow the weights, whatever the core knows."""
    with mock.patch.object(running, "is_known", return_value=False):
        yield


def make_case(seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, steps = int(rng.integers(1, 6)), int(rng.integers(3, 25))
    symbols = [f"S{place}.LOCAL" for place in range(count)]
    bars = {symbol: _bars(rng, symbol, steps, place) for place, symbol in enumerate(symbols)}
    rows = np.flatnonzero(rng.random(2 * steps) < rng.choice([0.2, 0.6, 1.0]))
    of = str(rng.choice(["equity", "equity", "money"]))
    scale = 1.0 if of == "equity" else 10_000.0
    values = scale * rng.choice([0.0, 0.0, 0.2, 0.5, 0.9, 1.3, -0.4, np.nan], (len(rows), count))
    values *= rng.choice([1.0, 0.37])
    return Case(bars, rows, values, of, _options(rng, symbols))


def _bars(rng: np.random.Generator, symbol: str, steps: int, place: int) -> Bars:
    tick = 0.05
    closes = 20 + np.cumsum(rng.choice([-0.5, -0.05, 0.0, 0.05, 0.5, 1.0], steps))
    closes = np.maximum(closes, 1.0)
    opens = np.maximum(closes + rng.choice([-0.5, 0.0, 0.05, 0.5], steps), 0.5)
    if rng.random() < 0.2:  # off the tick
        opens = opens + 0.01
    volume = rng.choice([0, 5, 40, 300, 5000], steps, p=[0.15, 0.15, 0.2, 0.2, 0.3]).astype(float)
    volume = np.where(rng.random(steps) < 0.1, np.nan, volume)
    is_there = rng.random(steps) < rng.choice([0.7, 1.0])
    is_there[: int(rng.integers(0, 3))] = False
    is_there[-1] = rng.random() < 0.8  # or delisted
    is_there[steps // 2] = True
    hours = np.arange(steps) * _DAY + (place % 2) * int(rng.choice([0, 5]))
    columns = {
        "open": np.round(opens / tick, 2) * tick,
        "high": np.maximum(opens, closes) + 1,
        "low": np.minimum(opens, closes) * 0.5,
        "close": closes,
    }
    kept = {name: np.round(column[is_there], 2) for name, column in columns.items()}
    shown = volume[is_there] if rng.random() < 0.8 else None
    return Bars.of(symbol, "1d", ts=hours[is_there] * HOUR_NS, **kept, volume=shown)


def _options(rng: np.random.Generator, symbols: list[str]) -> dict[str, Any]:
    def instrument(symbol: str) -> Instrument:
        return Instrument(
            symbol=symbol,
            kind=Kind(rng.choice(["stock", "future", "fx"], p=[0.7, 0.2, 0.1])),
            tick_size=Decimal(str(rng.choice(["0.01", "0.05", "0.03"], p=[0.5, 0.4, 0.1]))),
            lot=Decimal(str(rng.choice(["1", "10", "0.1"]))),
            multiplier=Decimal(int(rng.choice([1, 1, 5]))),
            can_short=bool(rng.random() < 0.7),
        )

    slippages = (
        0,
        2,
        Slippage.of(ticks=1, ratio=0.0007),
        VolumeShareSlippage(impact=Decimal("0.1"), base=Slippage.of(ticks=1)),
    )
    commissions = (
        0,
        0.001,
        Commission.percent(0.0003, minimum=5),
        Commission(
            open=Rate(Decimal("0.0003"), Decimal("0.01")),
            close=Rate(Decimal("0.0005"), Decimal("0.02")),
            sell_tax=Decimal("0.001"),
            buy_tax=Decimal("0.0002"),
            transfer=Decimal("0.00001"),
            sell_levy=Decimal("0.0001"),
            minimum=Decimal(2),
        ),
    )
    margins = (None, 0.1, Margin(Decimal("0.5"), Decimal("1.5")))
    return {
        "instrument": {symbol: instrument(symbol) for symbol in symbols},
        "cash": str(rng.choice(["10000", "1234.56", "300000"])),
        "commission": commissions[rng.integers(len(commissions))],
        "margin": margins[rng.integers(len(margins))],
        "slippage": slippages[rng.integers(len(slippages))],
        "participation": (None, 0.1, 1)[rng.integers(3)],
    }
