"""Every measure of one run, in one record."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from html import escape
from math import sqrt
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray
from quantloom.performance.activity import exposure, turnover
from quantloom.performance.benchmark import (
    alpha,
    beta,
    correlation,
    down_capture,
    information_ratio,
    tracking_error,
    up_capture,
)
from quantloom.performance.catalog import METRICS, settle
from quantloom.performance.deflation import deflated_sharpe_ratio, minimum_track_record
from quantloom.performance.drawdown import (
    find_max_drawdown,
    longest_drawdown,
    pain_index,
    recovery_factor,
    ulcer_index,
)
from quantloom.performance.ratios import (
    calmar_ratio,
    omega_ratio,
    probabilistic_sharpe_ratio,
    sharpe_error,
    sharpe_ratio,
    sortino_ratio,
)
from quantloom.performance.reasons import REASONS, ReasonKey
from quantloom.performance.returns import (
    MIN_RETURNS,
    annual_return,
    annual_volatility,
    simple_returns,
    total_return,
    with_start,
)
from quantloom.performance.series import WrongShape, column, daily_equity, varies
from quantloom.performance.tails import (
    conditional_value_at_risk,
    kurtosis,
    skewness,
    tail_ratio,
    value_at_risk,
)
from quantloom.performance.trips import (
    RoundTripColumns,
    TripExcursions,
    TripStatistics,
    trip_statistics,
)

_FEWEST_FOR_SHAPE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The measures of one run; `METRICS` has label, unit and meaning of each field.

    A measure that cannot be computed is None, never NaN or infinite.

    Attributes:
        reasons: for each measure that is None, the key of its reason in `REASONS`.
    """

    initial_equity: float
    final_equity: float
    net_profit: float
    trading_days: int
    total_return: float
    annual_return: float | None
    annual_volatility: float | None
    sharpe_ratio: float | None
    sharpe_error: float | None
    probabilistic_sharpe_ratio: float | None
    trial_count: int | None
    deflated_sharpe_ratio: float | None
    minimum_track_record_days: float | None
    sortino_ratio: float | None
    calmar_ratio: float | None
    omega_ratio: float | None
    max_drawdown_ratio: float
    max_drawdown_days: int
    longest_drawdown_days: int
    ulcer_index: float | None
    pain_index: float | None
    recovery_factor: float | None
    value_at_risk_ratio: float | None
    conditional_value_at_risk_ratio: float | None
    tail_ratio: float | None
    skewness: float | None
    kurtosis: float | None
    best_day_ratio: float | None
    worst_day_ratio: float | None
    benchmark_return: float | None
    alpha: float | None
    beta: float | None
    correlation: float | None
    tracking_error: float | None
    information_ratio: float | None
    up_capture: float | None
    down_capture: float | None
    exposure_ratio: float | None
    turnover_ratio: float | None
    round_trip_count: int
    win_rate: float | None
    profit_factor: float | None
    payoff_ratio: float | None
    average_win: float | None
    average_loss: float | None
    expectancy: float | None
    system_quality: float | None
    kelly_ratio: float | None
    largest_win: float | None
    largest_loss: float | None
    average_holding_days: float | None
    longest_holding_days: float | None
    longest_win_streak: int
    longest_loss_streak: int
    average_adverse_ratio: float | None
    average_favourable_ratio: float | None
    edge_ratio: float | None
    commission: float
    slippage: float
    reasons: Mapping[str, ReasonKey]

    def _repr_html_(self) -> str:
        """Every measure in a line, for a notebook; where it has no value, the reason."""
        rows = (
            f'<tr title="{escape(METRICS[name].meaning_en)}"><td>{escape(METRICS[name].label_en)}'
            f'</td><td style="text-align:right">{escape(self._told(name, value))}</td></tr>'
            for name, value in self.as_dict().items()
        )
        return f"<table><tbody>{''.join(rows)}</tbody></table>"

    def __str__(self) -> str:
        """Every measure in a line, for a prompt; where it has no value, the reason."""
        told = {
            METRICS[name].label_en: self._told(name, value)
            for name, value in self.as_dict().items()
        }
        width = max(map(len, told))
        return "\n".join(f"{label:{width}}  {value}" for label, value in told.items())

    def _told(self, name: str, value: float | None) -> str:
        if value is None:
            return f"\N{EN DASH} ({REASONS[self.reasons[name]].text_en})"
        if isinstance(value, int):
            return f"{value:,}"
        return f"{value:,.2%}" if METRICS[name].unit == "ratio" else f"{value:,.2f}"

    def deflated(self, trials: int, variance: float, periods_per_year: float) -> "Summary":
        """Judge the run as the best of so many trials, which `summarise` knows nothing of.

        Args:
            trials: how many were tried, this run included.
            variance: of the trials' Sharpe ratios of one day.
            periods_per_year: what the run's ratio was annualised with.
        """
        figures: dict[str, float | int | None] = {"trial_count": trials}
        figures["deflated_sharpe_ratio"] = None
        reasons = dict(self.reasons)
        reasons.pop("trial_count", None)
        if self.probabilistic_sharpe_ratio is None:
            reasons["deflated_sharpe_ratio"] = reasons["probabilistic_sharpe_ratio"]
        else:
            reasons.pop("deflated_sharpe_ratio", None)
            figures["deflated_sharpe_ratio"] = deflated_sharpe_ratio(
                (self.sharpe_ratio or 0.0) / sqrt(periods_per_year),
                days=self.trading_days,
                trials=trials,
                variance=variance,
                skewness=self.skewness or 0.0,
                kurtosis=self.kurtosis or 0.0,
            )
        return replace(self, **cast("Any", figures), reasons=reasons)

    def as_dict(self) -> dict[str, float | int | None]:
        """Give the measures by name, in the order of the fields, without their reasons."""
        names = (field.name for field in fields(self) if field.name != "reasons")
        return {name: getattr(self, name) for name in names}


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
    benchmark: ArrayLike | None = None,
    excursions: TripExcursions | None = None,
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
        risk_free: return of cash over one DAY; Sharpe and alpha take it off, Sortino and Omega
            have it as target.
        benchmark: (d,) return of the benchmark over each trading day that has a point, NaN where
            it is not known, as `align_benchmark` gives it; those days are left out.
        excursions: one row for each round trip, as `measure_excursions` gives them.
    Returns:
        Measures that need a year or a spread are None with fewer than 2 trading days. Where daily
        equity ever is at or below zero, everything made of daily returns is None; total return
        and drawdown stay.
    Raises:
        NotFinite: NaN or infinity in any input but the benchmark.
        WrongShape: equity, days and quantity, the columns of round trips, or the benchmark and
            the trading days differ in length.
        NotPositive: initial or periods_per_year is not above zero.
        UnsortedDays: a day is earlier than the one before it.
    """
    _, by_day = daily_equity(equity, days)
    curve = with_start(initial, by_day)
    returns = _returns_unless_ruined(curve)
    earned, market = _known_days(returns, benchmark, len(by_day))
    deepest = find_max_drawdown(curve)
    held = column(quantity, "quantity", np.size(equity))
    trips = trip_statistics(round_trips, excursions)
    costs = column([commission, slippage], "commission or slippage")
    activity = {
        "exposure_ratio": exposure(held),
        "turnover_ratio": turnover(
            traded_notional=traded_notional, equity=curve, periods_per_year=periods_per_year
        ),
    }
    figures, reasons = settle(
        _of_curve(curve, periods_per_year)
        | _of_returns(returns, periods_per_year, risk_free)
        | _of_benchmark(earned, market, periods_per_year=periods_per_year, risk_free=risk_free)
        | activity,
        {
            "no_points": not len(held),
            "no_mean_equity": float(curve.mean()) <= 0,
            **_why_of_curve(curve),
            **_why_of_returns(returns, risk_free),
            **_why_of_benchmark(earned, market, is_given=benchmark is not None),
        },
    )
    return Summary(
        initial_equity=float(initial),
        final_equity=float(curve[-1]),
        net_profit=float(curve[-1] - initial),
        trading_days=len(by_day),
        total_return=total_return(curve),
        max_drawdown_ratio=deepest.depth_ratio if deepest else 0.0,
        max_drawdown_days=deepest.length if deepest else 0,
        longest_drawdown_days=longest_drawdown(curve),
        round_trip_count=trips.count,
        commission=float(costs[0]),
        slippage=float(costs[1]),
        **(figures | _shared_with(trips)),
        reasons={**reasons, **trips.reasons},
    )


def _returns_unless_ruined(curve: FloatArray) -> FloatArray:
    """Give no returns where equity was lost: what follows has no base, so no spread is true."""
    return simple_returns(curve) if curve.min() > 0 else np.empty(0)


def _known_days(
    returns: FloatArray, benchmark: ArrayLike | None, days: int
) -> tuple[FloatArray, FloatArray]:
    """Keep the days whose return is known of both."""
    market = np.asarray([] if benchmark is None else benchmark, dtype=np.float64)
    if benchmark is not None and market.shape != (days,):
        raise WrongShape("benchmark", market.shape, f"{days} rows, one for each trading day")
    if not len(market) or not len(returns):
        return np.empty(0), np.empty(0)
    known = np.isfinite(market)
    return returns[known], market[known]


def _of_curve(curve: FloatArray, periods_per_year: int) -> dict[str, float]:
    return {
        "annual_return": annual_return(curve, periods_per_year),
        "calmar_ratio": calmar_ratio(curve, periods_per_year),
        "ulcer_index": ulcer_index(curve),
        "pain_index": pain_index(curve),
        "recovery_factor": recovery_factor(curve),
    }


def _why_of_curve(curve: FloatArray) -> dict[ReasonKey, bool]:
    return {
        "no_days": len(curve) == 1,
        "few_days": len(curve) <= MIN_RETURNS,
        "few_days_for_shape": len(curve) <= _FEWEST_FOR_SHAPE,
        "ruined": float(curve.min()) <= 0,
        "no_drawdown": longest_drawdown(curve) == 0,
    }


def _of_returns(returns: FloatArray, periods_per_year: int, risk_free: float) -> dict[str, float]:
    enough = returns if len(returns) >= MIN_RETURNS else np.empty(0)
    return {
        "annual_volatility": annual_volatility(returns, periods_per_year),
        "sharpe_ratio": sharpe_ratio(returns, periods_per_year, risk_free),
        "sharpe_error": sharpe_error(returns, periods_per_year, risk_free),
        "probabilistic_sharpe_ratio": probabilistic_sharpe_ratio(returns, risk_free),
        # The ledger of trials alone knows these; `Summary.deflated` fills them in.
        "trial_count": np.nan,
        "deflated_sharpe_ratio": np.nan,
        "minimum_track_record_days": float(
            np.ceil(
                minimum_track_record(
                    sharpe_ratio(returns, 1.0, risk_free),
                    skewness=skewness(returns),
                    kurtosis=kurtosis(returns),
                )
            )
        ),
        "sortino_ratio": sortino_ratio(returns, periods_per_year, target=risk_free),
        "omega_ratio": omega_ratio(returns, threshold=risk_free),
        "value_at_risk_ratio": value_at_risk(enough),
        "conditional_value_at_risk_ratio": conditional_value_at_risk(enough),
        "tail_ratio": tail_ratio(enough),
        "skewness": skewness(returns) if len(returns) >= _FEWEST_FOR_SHAPE else np.nan,
        "kurtosis": kurtosis(returns),
        "best_day_ratio": float(enough.max()) if len(enough) else np.nan,
        "worst_day_ratio": float(enough.min()) if len(enough) else np.nan,
    }


def _why_of_returns(returns: FloatArray, risk_free: float) -> dict[ReasonKey, bool]:
    return {
        "trials_not_counted": True,
        "steady_returns": not varies(returns),
        "no_excess": not returns.mean() > risk_free if len(returns) else False,
        "no_losing_days": not (returns < risk_free).any(),
        "no_left_tail": len(returns) > 0 and value_at_risk(returns) == 0,
        # Asked last, where enough days vary: nothing else is left to speak against an error.
        "extreme_shape": True,
    }


def _of_benchmark(
    earned: FloatArray, market: FloatArray, *, periods_per_year: int, risk_free: float
) -> dict[str, float]:
    is_enough = len(market) >= MIN_RETURNS
    return {
        "benchmark_return": float(np.prod(1.0 + market) - 1.0) if is_enough else np.nan,
        "alpha": alpha(earned, market, periods_per_year=periods_per_year, risk_free=risk_free),
        "beta": beta(earned, market),
        "correlation": correlation(earned, market),
        "tracking_error": tracking_error(earned, market, periods_per_year),
        "information_ratio": information_ratio(earned, market, periods_per_year),
        "up_capture": up_capture(earned, market) if is_enough else np.nan,
        "down_capture": down_capture(earned, market) if is_enough else np.nan,
    }


def _why_of_benchmark(
    earned: FloatArray, market: FloatArray, *, is_given: bool
) -> dict[ReasonKey, bool]:
    return {
        "no_benchmark": not is_given,
        "few_benchmark_days": len(market) < MIN_RETURNS,
        "steady_benchmark": not varies(market),
        "steady_difference": not varies(earned - market),
        "no_rising_days": not (market > 0).any(),
        "no_falling_days": not (market < 0).any(),
        "benchmark_ruined": bool((market <= -1).any()),
    }


def _shared_with(trips: TripStatistics) -> dict[str, Any]:
    """The figures of round trips that a summary has under the same name."""
    shared = {field.name for field in fields(Summary)} & {field.name for field in fields(trips)}
    return {name: getattr(trips, name) for name in shared - {"reasons"}}
