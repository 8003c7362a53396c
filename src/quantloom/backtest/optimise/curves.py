"""Daily returns that were put together from pieces, and what they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quantloom.backtest.optimise.trial import Daily
from quantloom.kit import DayArray, FloatArray
from quantloom.performance import annual_return, find_max_drawdown, sharpe_ratio

BASE = 100.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Returns of trading days, chained.

    Attributes:
        days, returns: (d,) oldest first, each day once.
        equity: (d,) at the end of each day, from 100.
        total_return, annual_return, sharpe, max_drawdown_ratio: None where too few days vary.
    """

    days: DayArray
    returns: FloatArray
    equity: FloatArray
    total_return: float
    annual_return: float | None
    sharpe: float | None
    max_drawdown_ratio: float


def curve_of(pieces: Sequence[Daily], periods_per_year: int) -> Curve:
    """Chain pieces of daily returns; a day that two of them share counts with both parts."""
    all_days = [one.days for one in pieces] or [np.empty(0, dtype="datetime64[D]")]
    days, place = np.unique(np.concatenate(all_days), return_inverse=True)
    growth = np.ones(len(days))
    if pieces:
        np.multiply.at(growth, place, 1.0 + np.concatenate([one.returns for one in pieces]))
    equity: FloatArray = (BASE * np.cumprod(growth)).astype(np.float64)
    curve: FloatArray = np.concatenate(([BASE], equity))
    returns = growth - 1.0
    deepest = find_max_drawdown(curve)
    return Curve(
        days=days,
        returns=returns,
        equity=equity,
        total_return=float(curve[-1] / BASE - 1.0),
        annual_return=_known(annual_return(curve, periods_per_year)),
        sharpe=_known(sharpe_ratio(returns, periods_per_year)),
        max_drawdown_ratio=deepest.depth_ratio if deepest else 0.0,
    )


def plain_curve(curve: Curve) -> dict[str, Any]:
    """The figures of a curve, without its days."""
    return {
        "days": len(curve.days),
        "total_return": curve.total_return,
        "annual_return": curve.annual_return,
        "sharpe_ratio": curve.sharpe,
        "max_drawdown_ratio": curve.max_drawdown_ratio,
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
