"""Builders of equity curves, days and round trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from quantloom.kit import DayArray, FloatArray, IntArray
from quantloom.performance import Summary, summarise

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Trips:
    pnl: FloatArray
    entry_ns: IntArray
    exit_ns: IntArray


def make_trips(pnl: Sequence[float] = (), *, hours: int = 24) -> Trips:
    """Trips that start a day apart and last some hours each."""
    entry = np.arange(len(pnl), dtype=np.int64) * 24 * HOUR_NS
    return Trips(np.array(pnl, dtype=np.float64), entry, entry + hours * HOUR_NS)


def make_equity(points: int = 500, *, seed: int = 4, initial: float = 100_000.0) -> FloatArray:
    """A random walk, its starting point first, that never touches zero."""
    steps = np.random.default_rng(seed).normal(0.0004, 0.012, points)
    return initial * np.concatenate(([1.0], np.cumprod(1.0 + steps)))


def make_days(count: int, *, first: str = "2020-01-02") -> DayArray:
    """Business days, which cross months and years."""
    return np.busday_offset(first, np.arange(count), roll="forward")


def make_summary(equity: Sequence[float] | FloatArray, **changes: Any) -> Summary:
    """Summarise points after a starting equity of 100, one a day, with nothing traded."""
    count = len(equity)
    arguments: dict[str, Any] = {
        "equity": equity,
        "initial": 100.0,
        "days": make_days(count),
        "periods_per_year": 252,
        "quantity": np.zeros(count),
        "round_trips": make_trips(),
        "traded_notional": 0.0,
        "commission": 0.0,
        "slippage": 0.0,
    }
    return summarise(**arguments | changes)


equities = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60).map(np.array)
"""Any equity curve above zero."""
