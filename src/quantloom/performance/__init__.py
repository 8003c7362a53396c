"""Returns, drawdown, ratios and trade statistics: arrays in, numbers out."""

from quantloom.performance.activity import exposure, turnover
from quantloom.performance.catalog import METRICS, Metric, Unit
from quantloom.performance.drawdown import (
    Drawdown,
    drawdown_ratios,
    find_max_drawdown,
    list_drawdowns,
    longest_drawdown,
    max_drawdown,
)
from quantloom.performance.ratios import calmar_ratio, sharpe_ratio, sortino_ratio
from quantloom.performance.returns import (
    MonthlyReturns,
    YearlyReturns,
    annual_return,
    annual_volatility,
    monthly_returns,
    simple_returns,
    total_return,
    yearly_returns,
)
from quantloom.performance.series import (
    NotFinite,
    NotPositive,
    UnsortedDays,
    WrongShape,
    daily_equity,
)
from quantloom.performance.summary import Summary, summarise
from quantloom.performance.trips import RoundTripColumns, TripStatistics, trip_statistics

__all__ = [
    "METRICS",
    "Drawdown",
    "Metric",
    "MonthlyReturns",
    "NotFinite",
    "NotPositive",
    "RoundTripColumns",
    "Summary",
    "TripStatistics",
    "Unit",
    "UnsortedDays",
    "WrongShape",
    "YearlyReturns",
    "annual_return",
    "annual_volatility",
    "calmar_ratio",
    "daily_equity",
    "drawdown_ratios",
    "exposure",
    "find_max_drawdown",
    "list_drawdowns",
    "longest_drawdown",
    "max_drawdown",
    "monthly_returns",
    "sharpe_ratio",
    "simple_returns",
    "sortino_ratio",
    "summarise",
    "total_return",
    "trip_statistics",
    "turnover",
    "yearly_returns",
]
