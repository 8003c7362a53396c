"""Bars with defaults that hold, for tests to spoil."""

from typing import Any

import numpy as np

from quantloom.market import Bars

MINUTE_NS = 60 * 10**9
START_NS = 1_704_067_200 * 10**9


def make_columns(count: int = 5) -> dict[str, Any]:
    close = 10.0 + np.arange(count)
    return {
        "ts": START_NS + np.arange(count) * MINUTE_NS,
        "open": close - 0.5,
        "high": close + 1.0,
        "low": close - 1.0,
        "close": close,
        "volume": np.full(count, 100.0),
    }


def make_bars(count: int = 5, symbol: str = "X.US", **changed: Any) -> Bars:
    return Bars.of(symbol, "1m", **(make_columns(count) | changed))
