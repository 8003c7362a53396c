"""Bars and runs that the tests of sweeps share."""

from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest.sweeps import METRICS, Sweep
from quantloom.kit import FloatArray
from quantloom.market import Bars, Instrument, Kind

SYMBOL = "WALK.LOCAL"


def walk(count: int = 2000, seed: int = 3, *, timeframe: str = "30m", pause: int = 0) -> Bars:
    """A random walk in cents; `pause` bars in its middle stand still."""
    random = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(random.normal(0, 0.004, count))), 2)
    opened = np.round(close * (1 + random.normal(0, 0.001, count)), 2)
    high = np.maximum(close, opened) + np.round(random.random(count), 2)
    low = np.minimum(close, opened) - np.round(random.random(count) / 10, 2)
    middle = slice(count // 2, count // 2 + pause)
    for column in (opened, high, low, close):
        column[middle] = close[count // 2]
    minutes = {"30m": 30, "1d": 1440}[timeframe]
    return Bars.of(
        SYMBOL,
        timeframe,
        ts=np.arange(count) * minutes * 60_000_000_000,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=np.full(count, 1e7),
    )


def stock(**fields: Any) -> Instrument:
    """What the walk is of."""
    terms = {"symbol": SYMBOL, "kind": Kind.STOCK, "tick_size": Decimal("0.01")}
    return Instrument(**{**terms, **fields})


def differences(found: Sweep, rows: list[int] | None = None) -> list[tuple[int, str, float, float]]:
    """Where figures or curves of a sweep are not those of single runs."""
    odd = []
    for row in range(len(found)) if rows is None else rows:
        if found.problems[row]:
            continue
        single = found.run(row)
        measured = single.metrics.as_dict()
        for name in METRICS:
            ours, theirs = float(found[name][row]), measured[name]
            wanted = np.nan if theirs is None else float(theirs)
            if not np.isclose(ours, wanted, rtol=1e-9, atol=1e-9, equal_nan=True):
                odd.append((row, name, ours, wanted))
        gap = widest(found.equity(row), single.equity["equity"])
        if gap > 1e-6:
            odd.append((row, "equity", gap, 0.0))
    return odd


def widest(ours: FloatArray, theirs: FloatArray) -> float:
    return float(np.abs(ours - theirs).max())
