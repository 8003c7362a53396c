"""The same numbers as quantstats and empyrical, wherever they mean the same thing."""

import warnings
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from quantloom.kit import FloatArray
from quantloom.performance import (
    annual_return,
    annual_volatility,
    calmar_ratio,
    drawdown_ratios,
    list_drawdowns,
    max_drawdown,
    monthly_returns,
    sharpe_ratio,
    simple_returns,
    sortino_ratio,
    total_return,
    trip_statistics,
    yearly_returns,
)
from tests.library.performance.curves import make_days, make_equity, make_trips
from tests.shared_data import SHARED, needs_shared

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # quantstats loads seaborn, which warns of its own calls
    empyrical: Any = import_module("empyrical.stats")
    quantstats: Any = import_module("quantstats.stats")

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


def ask(name: str, series: "pd.Series[float]") -> float:
    library = empyrical if hasattr(empyrical, name) else quantstats
    return float(getattr(library, name)(series))
