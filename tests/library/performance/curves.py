"""Builders of equity curves, days, round trips, bars and runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray
from quantloom.performance import RunColumns, Summary, summarise

HOUR_NS = 3_600_000_000_000
MIXED = (30.0, -20.0, 15.0, -10.0)


@dataclass(frozen=True, slots=True)
class Trips:
    pnl: FloatArray
    entry_ns: IntArray
    exit_ns: IntArray


@dataclass(frozen=True, slots=True)
class FullTrips:
    symbol: NDArray[Any]
    side: NDArray[Any]
    quantity: FloatArray
    multiplier: FloatArray
    is_inverse: BoolArray
    entry_ns: IntArray
    entry_price: FloatArray
    exit_ns: IntArray
    exit_price: FloatArray
    pnl: FloatArray
    exit_reason: NDArray[Any]
    tag: NDArray[Any]


@dataclass(frozen=True, slots=True)
class PriceBars:
    ts: IntArray
    high: FloatArray
    low: FloatArray
    volume: FloatArray


@dataclass(frozen=True, slots=True)
class Fills:
    symbol: NDArray[Any]
    ts_ns: IntArray
    quantity: FloatArray


def make_trips(pnl: Sequence[float] = (), *, hours: int = 24) -> Trips:
    """Trips that start a day apart and last some hours each."""
    entry = np.arange(len(pnl), dtype=np.int64) * 24 * HOUR_NS
    return Trips(np.array(pnl, dtype=np.float64), entry, entry + hours * HOUR_NS)


def make_full_trips(count: int = 1, **columns: Any) -> FullTrips:
    """Long trips of one unit of `A` at 100, from bar i to bar i + 1, each ten up."""
    rows = np.arange(count, dtype=np.int64) * HOUR_NS
    made: dict[str, Any] = {
        "symbol": "A",
        "side": "buy",
        "quantity": 1.0,
        "multiplier": 1.0,
        "is_inverse": False,
        "entry_ns": rows,
        "entry_price": 100.0,
        "exit_ns": rows + HOUR_NS,
        "exit_price": 110.0,
        "pnl": 10.0,
        "exit_reason": "market",
        "tag": "",
    }
    return FullTrips(
        **{
            name: np.broadcast_to(np.asarray(column), (count,)).copy()
            for name, column in (made | columns).items()
        }
    )


def make_bars(
    high: ArrayLike, low: ArrayLike, *, volume: ArrayLike = 1_000.0, hours: int = 1
) -> PriceBars:
    """Bars from 1970 on, one after the other."""
    highs = np.asarray(high, dtype=np.float64)
    ts = np.arange(len(highs), dtype=np.int64) * hours * HOUR_NS
    volumes = np.broadcast_to(np.asarray(volume, dtype=np.float64), highs.shape)
    return PriceBars(ts, highs, np.asarray(low, dtype=np.float64), volumes)


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


def make_run(equity: Sequence[float] | FloatArray | None = None, **changes: Any) -> RunColumns:
    """A run of two years that nothing speaks against: 100 trips of 10 less 1 of cost and luck."""
    curve = make_equity(504, seed=1)[1:] if equity is None else np.asarray(equity, dtype=np.float64)
    count = len(curve)
    trips = changes.pop("round_trips", None) or make_full_trips(100, pnl=np.resize(MIXED, 100))
    arguments: dict[str, Any] = {"initial": 100_000.0, "commission": 10.0, "slippage": 10.0}
    told = arguments | changes.pop("told", {})
    run: dict[str, Any] = {
        "summary": make_summary(curve, round_trips=trips, **told),
        "equity": curve,
        "days": make_days(count),
        "round_trips": trips,
        "fills": make_fills(200),
        "bars": {"A": make_bars(np.full(300, 101.0), np.full(300, 99.0))},
        "orders": 200,
        "refused_orders": 0,
        "open_profit": 0.0,
    }
    return RunColumns(**run | changes)


def make_fills(count: int, *, symbol: str = "A", quantity: float = 1.0) -> Fills:
    """Fills of one symbol, one on each bar of `make_bars`."""
    times = np.arange(count, dtype=np.int64) * HOUR_NS
    return Fills(np.full(count, symbol), times, np.full(count, quantity))


equities = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60).map(np.array)
"""Any equity curve above zero."""
