"""Every measure of one run, in one record."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.activity import exposure, turnover
from quantloom.performance.drawdown import find_max_drawdown, longest_drawdown
from quantloom.performance.ratios import calmar_ratio, sharpe_ratio, sortino_ratio
from quantloom.performance.returns import (
    annual_return,
    annual_volatility,
    simple_returns,
    total_return,
    with_start,
)
from quantloom.performance.series import column, daily_equity
from quantloom.performance.trips import RoundTripColumns, trip_statistics


@dataclass(frozen=True, slots=True)
class Summary:
    """The measures of one run; `METRICS` has label, unit and meaning of each field."""

    initial_equity: float
    final_equity: float
    net_profit: float
    trading_days: int
    total_return: float
    annual_return: float
    annual_volatility: float
    sharpe_ratio: float
    sortino_ratio: float
    calmar_ratio: float
    max_drawdown_ratio: float
    max_drawdown_days: int
    longest_drawdown_days: int
    exposure_ratio: float
    turnover_ratio: float
    round_trip_count: int
    win_rate: float
    profit_factor: float
    payoff_ratio: float
    average_win: float
    average_loss: float
    expectancy: float
    largest_win: float
    largest_loss: float
    average_holding_days: float
    longest_win_streak: int
    longest_loss_streak: int
    commission: float
    slippage: float

    def as_dict(self) -> dict[str, float | int]:
        """Give the measures by name, in the order of the fields."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def summarise(
    *,
    equity: ArrayLike,
    initial: float,
    days: ArrayLike,
    periods_per_year: int,
    quantity: ArrayLike,
    round_trips: RoundTripColumns,
    traded_notional: float,
    commission: float,
    slippage: float,
    risk_free: float = 0.0,
) -> Summary:
    """Measure a run on its daily mark-to-market equity.

    Returns, ratios and drawdowns see the last point of each trading day, the first measured
    against `initial`, so runs on minute bars and on daily bars compare. Exposure sees every point.

    Args:
        equity: (n,) mark-to-market equity, oldest first, without the starting point.
        initial: equity before the first point, above zero.
        days: (n,) datetime64[D], the trading day of each point, never falling.
        periods_per_year: trading days that make a year in this market: 252, 365.
        quantity: (n,) position at each point; see `exposure`.
        round_trips: closed trips, pnl after costs.
        traded_notional: sum over all fills; see `turnover`.
        commission: all that was paid to brokers, venues and the state; a cost is above zero.
        slippage: all that was lost against the reference price; a cost is above zero.
        risk_free: return of cash over one DAY; Sharpe takes it off, Sortino has it as target.
    Returns:
        Measures that need a year or a spread are NaN with fewer than 2 trading days. Where daily
        equity ever is at or below zero, annual return, volatility, Sharpe, Sortino and Calmar are
        NaN; total return and drawdown stay.
    Raises:
        NotFinite: NaN or infinity in any input.
        WrongShape: equity, days and quantity, or the columns of round trips, differ in length.
        NotPositive: initial or periods_per_year is not above zero.
        UnsortedDays: a day is earlier than the one before it.
    """
    _, by_day = daily_equity(equity, days)
    curve = with_start(initial, by_day)
    returns = _returns_unless_ruined(curve)
    deepest = find_max_drawdown(curve)
    trips = trip_statistics(round_trips)
    costs = column([commission, slippage], "commission or slippage")
    return Summary(
        initial_equity=float(initial),
        final_equity=float(curve[-1]),
        net_profit=float(curve[-1] - initial),
        trading_days=len(by_day),
        total_return=total_return(curve),
        annual_return=annual_return(curve, periods_per_year),
        annual_volatility=annual_volatility(returns, periods_per_year),
        sharpe_ratio=sharpe_ratio(returns, periods_per_year, risk_free),
        sortino_ratio=sortino_ratio(returns, periods_per_year, target=risk_free),
        calmar_ratio=calmar_ratio(curve, periods_per_year),
        max_drawdown_ratio=deepest.depth_ratio if deepest else 0.0,
        max_drawdown_days=deepest.length if deepest else 0,
        longest_drawdown_days=longest_drawdown(curve),
        exposure_ratio=exposure(column(quantity, "quantity", np.size(equity))),
        turnover_ratio=turnover(
            traded_notional=traded_notional, equity=curve, periods_per_year=periods_per_year
        ),
        round_trip_count=trips.count,
        win_rate=trips.win_rate,
        profit_factor=trips.profit_factor,
        payoff_ratio=trips.payoff_ratio,
        average_win=trips.average_win,
        average_loss=trips.average_loss,
        expectancy=trips.expectancy,
        largest_win=trips.largest_win,
        largest_loss=trips.largest_loss,
        average_holding_days=trips.average_holding_days,
        longest_win_streak=trips.longest_win_streak,
        longest_loss_streak=trips.longest_loss_streak,
        commission=float(costs[0]),
        slippage=float(costs[1]),
    )


def _returns_unless_ruined(curve: FloatArray) -> FloatArray:
    """Give no returns where equity was lost: what follows has no base, so no spread is true."""
    return simple_returns(curve) if curve.min() > 0 else np.empty(0)
