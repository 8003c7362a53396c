"""The same numbers as quantstats and empyrical, wherever they mean the same thing."""

import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import (
    alpha,
    annual_return,
    annual_volatility,
    beta,
    calmar_ratio,
    conditional_value_at_risk,
    correlation,
    down_capture,
    drawdown_ratios,
    information_ratio,
    kurtosis,
    list_drawdowns,
    max_drawdown,
    monthly_returns,
    omega_ratio,
    probabilistic_sharpe_ratio,
    recovery_factor,
    rolling_beta,
    rolling_drawdown,
    rolling_sharpe,
    rolling_volatility,
    sharpe_ratio,
    simple_returns,
    skewness,
    sortino_ratio,
    tail_ratio,
    total_return,
    trip_statistics,
    ulcer_index,
    up_capture,
    value_at_risk,
    yearly_returns,
)
from tests.library.performance.curves import make_days, make_equity, make_trips
from tests.shared_data import SHARED, needs_shared


class Late:
    """A module of a peer that loads when one of its functions is called: it takes seconds."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            return getattr(load(self.name), name)(*given, **named)

        call.__name__ = name
        return call


@cache
def load(name: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantstats loads seaborn, which warns of its own calls
        return import_module(name)


empyrical, quantstats = Late("empyrical.stats"), Late("quantstats.stats")

YEAR = 252
EXACT = 1e-9


def spy_close() -> FloatArray:
    table = pq.read_table(SHARED / "data/bars/us_stock/SPY.1d.parquet", columns=["close"])
    return table["close"].to_numpy().astype(np.float64)


@pytest.fixture(
    params=["walk", "falling", "short", pytest.param("SPY", marks=needs_shared)], scope="module"
)
def equity(request: pytest.FixtureRequest) -> FloatArray:
    if request.param == "SPY":
        return spy_close()
    return {
        "walk": make_equity(1500),
        "falling": make_equity(700, seed=16)[::-1].copy(),
        "short": make_equity(3, seed=5),
    }[request.param]


@pytest.fixture
def series(equity: FloatArray) -> "pd.Series[float]":
    index = pd.DatetimeIndex(make_days(len(equity) - 1))
    return pd.Series(simple_returns(equity), index=index)


def test_returns_are_empyrical_s(equity: FloatArray) -> None:
    assert simple_returns(equity) == pytest.approx(empyrical.simple_returns(equity), abs=EXACT)


@pytest.mark.parametrize("peer", [empyrical.cum_returns_final, quantstats.comp])
def test_total_return_agrees(
    equity: FloatArray, series: "pd.Series[float]", peer: Callable[..., Any]
) -> None:
    assert total_return(equity) == pytest.approx(peer(series), rel=EXACT)


@pytest.mark.parametrize("name", ["annual_return", "cagr"])
def test_annual_return_agrees(equity: FloatArray, series: "pd.Series[float]", name: str) -> None:
    assert annual_return(equity, YEAR) == pytest.approx(ask(name, series), rel=EXACT)


@pytest.mark.parametrize("name", ["annual_volatility", "volatility"])
def test_volatility_agrees(equity: FloatArray, series: "pd.Series[float]", name: str) -> None:
    measured = annual_volatility(simple_returns(equity), YEAR)

    assert measured == pytest.approx(ask(name, series), rel=EXACT)


@pytest.mark.parametrize("name", ["sharpe_ratio", "sharpe"])
def test_sharpe_agrees(equity: FloatArray, series: "pd.Series[float]", name: str) -> None:
    measured = sharpe_ratio(simple_returns(equity), YEAR)

    assert measured == pytest.approx(ask(name, series), rel=EXACT)


@pytest.mark.parametrize("name", ["sortino_ratio", "sortino"])
def test_sortino_agrees(equity: FloatArray, series: "pd.Series[float]", name: str) -> None:
    measured = sortino_ratio(simple_returns(equity), YEAR)

    assert measured == pytest.approx(ask(name, series), rel=EXACT)


@pytest.mark.parametrize("name", ["calmar_ratio", "calmar"])
def test_calmar_agrees(equity: FloatArray, series: "pd.Series[float]", name: str) -> None:
    assert calmar_ratio(equity, YEAR) == pytest.approx(ask(name, series), rel=EXACT)


@pytest.mark.parametrize("peer", [empyrical.max_drawdown, quantstats.max_drawdown])
def test_maximum_drawdown_agrees_but_for_the_sign(
    equity: FloatArray, series: "pd.Series[float]", peer: Callable[..., Any]
) -> None:
    assert max_drawdown(equity) == pytest.approx(-peer(series), rel=EXACT)


@pytest.mark.parametrize("peer", [empyrical.drawdown_series, quantstats.to_drawdown_series])
def test_drawdown_agrees_but_for_the_sign(
    equity: FloatArray, series: "pd.Series[float]", peer: Callable[..., Any]
) -> None:
    assert drawdown_ratios(equity)[1:] == pytest.approx(-peer(series).to_numpy(), abs=EXACT)


def test_risk_free_is_per_period_for_empyrical_and_per_year_for_quantstats() -> None:
    curve = make_equity()
    per_period = 1.03 ** (1 / YEAR) - 1
    series = pd.Series(simple_returns(curve), index=pd.DatetimeIndex(make_days(len(curve) - 1)))

    sharpe = sharpe_ratio(series.to_numpy(), YEAR, per_period)
    sortino = sortino_ratio(series.to_numpy(), YEAR, per_period)

    assert sharpe == pytest.approx(empyrical.sharpe_ratio(series, per_period), rel=EXACT)
    assert sharpe == pytest.approx(quantstats.sharpe(series, rf=0.03), rel=EXACT)
    assert sortino == pytest.approx(empyrical.sortino_ratio(series, per_period), rel=EXACT)
    assert sortino == pytest.approx(quantstats.sortino(series, rf=0.03), rel=EXACT)


def test_falls_are_quantstats_falls() -> None:
    curve = make_equity(400)
    days = make_days(len(curve) - 1)
    series = pd.Series(simple_returns(curve), index=pd.DatetimeIndex(days))

    theirs = quantstats.drawdown_details(quantstats.to_drawdown_series(series))
    ours = sorted(list_drawdowns(curve, top=len(curve)), key=lambda one: one.peak)

    assert [-100 * one.depth_ratio for one in ours] == pytest.approx(theirs["max drawdown"])
    assert [str(days[one.trough - 1]) for one in ours] == theirs["valley"].tolist()
    assert [str(days[one.peak]) for one in ours] == theirs["start"].tolist()


def test_months_and_years_are_empyrical_s(equity: FloatArray, series: "pd.Series[float]") -> None:
    days = make_days(len(series))

    months = monthly_returns(equity=equity[1:], initial=equity[0], days=days).ratios
    years = yearly_returns(equity=equity[1:], initial=equity[0], days=days).ratios

    their_months = empyrical.aggregate_returns(series, "monthly").to_numpy()
    assert months[np.isfinite(months)] == pytest.approx(their_months, abs=EXACT)
    assert years == pytest.approx(empyrical.aggregate_returns(series, "yearly"), abs=EXACT)


def test_months_and_years_are_quantstats_s_but_for_months_without_a_point(
    equity: FloatArray, series: "pd.Series[float]"
) -> None:
    days = make_days(len(series))

    months = monthly_returns(equity=equity[1:], initial=equity[0], days=days).ratios
    years = yearly_returns(equity=equity[1:], initial=equity[0], days=days).ratios

    theirs = quantstats.monthly_returns(series).to_numpy()
    assert np.nan_to_num(months) == pytest.approx(theirs[:, :12], abs=EXACT)
    assert years == pytest.approx(theirs[:, 12], abs=EXACT)


def test_a_trip_of_zero_lowers_the_win_rate_here_and_not_in_quantstats() -> None:
    pnl = [10.0, 0.0, -5.0, 0.0]
    series = pd.Series(pnl, index=pd.DatetimeIndex(make_days(len(pnl))))

    assert trip_statistics(make_trips(pnl)).win_rate == 0.25
    assert quantstats.win_rate(series) == 0.5


def test_a_ratio_without_risk_is_unknown_here_and_infinite_in_empyrical() -> None:
    returns = np.full(10, 0.01)

    assert np.isnan([sharpe_ratio(returns, YEAR), sortino_ratio(returns, YEAR)]).all()
    assert empyrical.sharpe_ratio(returns) == empyrical.sortino_ratio(returns) == np.inf


def test_trip_statistics_are_quantstats_s() -> None:
    pnl = np.random.default_rng(11).normal(5.0, 100.0, 200)
    series = pd.Series(pnl, index=pd.DatetimeIndex(make_days(len(pnl))))

    measured = trip_statistics(make_trips(pnl.tolist()))

    assert measured.win_rate == pytest.approx(quantstats.win_rate(series), rel=EXACT)
    assert measured.profit_factor == pytest.approx(quantstats.profit_factor(series), rel=EXACT)
    assert measured.payoff_ratio == pytest.approx(quantstats.payoff_ratio(series), rel=EXACT)
    assert measured.average_win == pytest.approx(quantstats.avg_win(series), rel=EXACT)
    assert measured.average_loss == pytest.approx(quantstats.avg_loss(series), rel=EXACT)
    assert measured.longest_win_streak == quantstats.consecutive_wins(series)
    assert measured.longest_loss_streak == quantstats.consecutive_losses(series)


@pytest.fixture
def market(series: "pd.Series[float]") -> "pd.Series[float]":
    noise = np.random.default_rng(12).normal(0.0002, 0.011, len(series))
    return pd.Series(0.6 * series.to_numpy() + noise, index=series.index)


def test_tails_are_empyrical_s(series: "pd.Series[float]") -> None:
    values = series.to_numpy()

    assert value_at_risk(values) == pytest.approx(empyrical.value_at_risk(values), rel=EXACT)
    assert value_at_risk(values, 0.01) == pytest.approx(
        empyrical.value_at_risk(values, cutoff=0.01), rel=EXACT
    )
    assert conditional_value_at_risk(values) == pytest.approx(
        empyrical.conditional_value_at_risk(values), rel=EXACT
    )


def test_the_historical_shortfall_of_quantstats_is_ours_where_no_returns_are_equal() -> None:
    walk = pd.Series(np.random.default_rng(5).normal(0, 0.01, 1000))
    tied = pd.Series([-0.02, -0.01, -0.01, -0.01, *[0.01] * 17])

    theirs = [
        quantstats.conditional_value_at_risk(returns, method="historical")
        for returns in (walk, tied)
    ]

    assert conditional_value_at_risk(walk) == pytest.approx(theirs[0], rel=EXACT)
    assert conditional_value_at_risk(tied) == pytest.approx(-0.015)
    assert theirs[1] == pytest.approx(-0.0125)


def test_the_value_at_risk_of_quantstats_is_that_of_a_normal_distribution() -> None:
    fat = np.random.default_rng(2).standard_t(3, 5000) / 100

    fitted = NormalDist(float(fat.mean()), float(fat.std(ddof=1))).inv_cdf(0.05)

    assert quantstats.value_at_risk(pd.Series(fat)) == pytest.approx(fitted, rel=EXACT)
    assert value_at_risk(fat) > fitted + 0.002


@pytest.mark.parametrize("peer", [empyrical.tail_ratio, quantstats.tail_ratio])
def test_tail_ratio_agrees(series: "pd.Series[float]", peer: Callable[..., Any]) -> None:
    assert tail_ratio(series.to_numpy()) == pytest.approx(peer(series), rel=EXACT)


@pytest.mark.parametrize(
    ("ours", "peer"), [(skewness, quantstats.skew), (kurtosis, quantstats.kurtosis)]
)
def test_shapes_are_quantstats_s(
    series: "pd.Series[float]", ours: Callable[..., float], peer: Callable[..., Any]
) -> None:
    assert ours(series.to_numpy()) == pytest.approx(peer(series), rel=EXACT, nan_ok=True)


@pytest.mark.parametrize("peer", [empyrical.omega_ratio, quantstats.omega])
def test_omega_agrees(series: "pd.Series[float]", peer: Callable[..., Any]) -> None:
    assert omega_ratio(series.to_numpy()) == pytest.approx(peer(series), rel=EXACT, nan_ok=True)


def test_the_probabilistic_sharpe_ratio_is_quantstats_s(series: "pd.Series[float]") -> None:
    measured = probabilistic_sharpe_ratio(series.to_numpy())

    theirs = quantstats.probabilistic_sharpe_ratio(series)
    assert measured == pytest.approx(theirs, rel=EXACT, nan_ok=True)


def test_the_ulcer_index_of_quantstats_divides_by_one_less(
    equity: FloatArray, series: "pd.Series[float]"
) -> None:
    n = len(series)

    theirs = quantstats.ulcer_index(series) * np.sqrt((n - 1) / n)

    assert ulcer_index(equity) == pytest.approx(theirs, rel=EXACT)


def test_the_recovery_factor_of_quantstats_adds_returns_up(
    equity: FloatArray, series: "pd.Series[float]"
) -> None:
    compounded = quantstats.recovery_factor(series) / series.sum() * total_return(equity)

    assert abs(recovery_factor(equity)) == pytest.approx(abs(compounded), rel=EXACT)


def test_beta_agrees(series: "pd.Series[float]", market: "pd.Series[float]") -> None:
    measured = beta(series.to_numpy(), market.to_numpy())

    assert measured == pytest.approx(empyrical.beta(series, market), rel=EXACT)
    assert measured == pytest.approx(quantstats.greeks(series, market)["beta"], rel=EXACT)


@pytest.mark.parametrize("cash", [0.0, 1e-4])
def test_empyrical_compounds_alpha_to_a_year(
    series: "pd.Series[float]", market: "pd.Series[float]", cash: float
) -> None:
    measured = alpha(series.to_numpy(), market.to_numpy(), periods_per_year=YEAR, risk_free=cash)

    compounded = (1 + measured / YEAR) ** YEAR - 1
    assert compounded == pytest.approx(empyrical.alpha(series, market, risk_free=cash), rel=EXACT)


def test_alpha_is_quantstats_s(series: "pd.Series[float]", market: "pd.Series[float]") -> None:
    measured = alpha(series.to_numpy(), market.to_numpy(), periods_per_year=YEAR)

    assert measured == pytest.approx(quantstats.greeks(series, market)["alpha"], rel=EXACT)


def test_the_information_ratio_of_both_is_that_of_one_day(
    series: "pd.Series[float]", market: "pd.Series[float]"
) -> None:
    daily = information_ratio(series.to_numpy(), market.to_numpy(), YEAR) / np.sqrt(YEAR)

    assert daily == pytest.approx(empyrical.excess_sharpe(series, market), rel=EXACT)
    assert daily == pytest.approx(quantstats.information_ratio(series, market), rel=EXACT)


def test_the_square_of_correlation_is_quantstats_r_squared(
    series: "pd.Series[float]", market: "pd.Series[float]"
) -> None:
    measured = correlation(series.to_numpy(), market.to_numpy())

    assert measured**2 == pytest.approx(quantstats.r_squared(series, market), rel=EXACT)


@pytest.mark.parametrize(
    ("ours", "peer", "sign"),
    [(up_capture, empyrical.up_capture, 1), (down_capture, empyrical.down_capture, -1)],
)
def test_empyrical_compounds_both_sides_of_a_capture_to_a_year_first(
    ours: Callable[..., float], peer: Callable[..., Any], sign: int
) -> None:
    half, whole = (pd.Series([move, -move] * 126) for move in (0.005, 0.01))

    compounded = ((1 + 0.005 * sign) ** YEAR - 1) / ((1 + 0.01 * sign) ** YEAR - 1)

    assert ours(half.to_numpy(), whole.to_numpy()) == pytest.approx(0.5)
    assert peer(half, whole) == pytest.approx(compounded, rel=EXACT)


def test_rolling_figures_are_empyrical_s(
    series: "pd.Series[float]", market: "pd.Series[float]"
) -> None:
    values, reference = series.to_numpy(), market.to_numpy()
    window = min(60, len(values))

    sharpe = rolling_sharpe(values, window=window, periods_per_year=YEAR)[window - 1 :]
    slope = rolling_beta(values, reference, window=window)[window - 1 :]

    theirs = empyrical.roll_sharpe_ratio(values, window=window)
    assert sharpe == pytest.approx(theirs, rel=EXACT)
    theirs = empyrical.roll_beta(values, reference, window=window)
    assert slope == pytest.approx(theirs, rel=EXACT)


def test_rolling_figures_are_quantstats_s(
    series: "pd.Series[float]", market: "pd.Series[float]"
) -> None:
    values, reference = series.to_numpy(), market.to_numpy()
    window = min(60, len(values))

    sharpe = rolling_sharpe(values, window=window, periods_per_year=YEAR)
    volatility = rolling_volatility(values, window=window, periods_per_year=YEAR)
    slope = rolling_beta(values, reference, window=window)

    theirs = quantstats.rolling_sharpe(series, rolling_period=window)
    assert sharpe == pytest.approx(theirs.to_numpy(), abs=EXACT, nan_ok=True)
    theirs = quantstats.rolling_volatility(series, rolling_period=window)
    assert volatility == pytest.approx(theirs.to_numpy(), abs=EXACT, nan_ok=True)
    theirs = quantstats.rolling_greeks(series, market, periods=window)["beta"]
    assert slope == pytest.approx(theirs.to_numpy(), abs=EXACT, nan_ok=True)


def test_rolling_drawdowns_are_empyrical_s_but_for_the_sign(
    equity: FloatArray, series: "pd.Series[float]"
) -> None:
    window = min(60, len(series))

    measured = rolling_drawdown(equity, window=window)[window:]

    theirs = empyrical.roll_max_drawdown(series.to_numpy(), window=window)
    assert measured == pytest.approx(-theirs, abs=EXACT)


def test_the_kelly_ratio_is_quantstats_s() -> None:
    pnl = np.append(np.random.default_rng(11).normal(5.0, 100.0, 200), [0.0, 0.0])
    series = pd.Series(pnl, index=pd.DatetimeIndex(make_days(len(pnl))))

    measured = trip_statistics(make_trips(pnl.tolist())).kelly_ratio

    assert measured == pytest.approx(quantstats.kelly_criterion(series), rel=EXACT)


def ask(name: str, series: "pd.Series[float]") -> float:
    library = empyrical if hasattr(load("empyrical.stats"), name) else quantstats
    return float(getattr(library, name)(series))
