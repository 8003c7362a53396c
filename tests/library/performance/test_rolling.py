import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import (
    NotPositive,
    WrongShape,
    annual_volatility,
    beta,
    max_drawdown,
    rolling_beta,
    rolling_drawdown,
    rolling_sharpe,
    rolling_volatility,
    sharpe_ratio,
    simple_returns,
)
from quantloom.performance import rolling as module
from tests.library.performance.curves import make_equity

CURVE = make_equity(60)
RETURNS = simple_returns(CURVE)
MARKET = simple_returns(make_equity(60, seed=3))
windows = st.integers(1, 61)


@given(windows)
def test_each_point_is_what_the_measure_says_of_its_window(window: int) -> None:
    volatility = rolling_volatility(RETURNS, window=window, periods_per_year=252)
    sharpe = rolling_sharpe(RETURNS, window=window, periods_per_year=252, risk_free=1e-4)
    slope = rolling_beta(RETURNS, MARKET, window=window)

    for row in range(window - 1, len(RETURNS)):
        part = slice(row - window + 1, row + 1)
        expected = (
            annual_volatility(RETURNS[part], 252),
            sharpe_ratio(RETURNS[part], 252, 1e-4),
            beta(RETURNS[part], MARKET[part]),
        )
        measured = (volatility[row], sharpe[row], slope[row])
        assert measured == pytest.approx(expected, nan_ok=True)


POINTS = st.floats(-10, 1e3).map(lambda point: round(point, 6))


@given(st.lists(POINTS, min_size=1, max_size=30).map(np.array), st.integers(1, 31))
def test_a_rolling_drawdown_forgets_older_peaks(points: np.ndarray, window: int) -> None:
    curve = np.concatenate(([100.0], points))

    measured = rolling_drawdown(curve, window=window)

    assert np.isnan(measured[:window]).all()
    for row in range(window, len(curve)):
        part = curve[row - window : row + 1]
        if part[0] > 0:
            assert measured[row] == pytest.approx(max_drawdown(part))


def test_the_first_points_are_unknown_until_a_window_is_full() -> None:
    measured = rolling_volatility(RETURNS, window=10, periods_per_year=252)

    assert np.isnan(measured[:9]).all()
    assert np.isfinite(measured[9:]).all()


def test_a_window_that_is_never_full_knows_nothing() -> None:
    assert np.isnan(rolling_beta(RETURNS, MARKET, window=100)).all()
    assert np.isnan(rolling_drawdown(CURVE, window=100)).all()


def test_a_window_without_movement_has_no_ratio() -> None:
    returns = np.concatenate((np.zeros(5), [0.01, 0.02]))

    sharpe = rolling_sharpe(returns, window=3, periods_per_year=252)
    slope = rolling_beta(RETURNS[:7], returns, window=3)

    assert np.isnan(sharpe).tolist() == np.isnan(slope).tolist() == [True] * 5 + [False] * 2


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rolling_sharpe(RETURNS, window=5, periods_per_year=252)
    monkeypatch.setattr(module, "_BLOCK", 13)

    assert np.array_equal(
        rolling_sharpe(RETURNS, window=5, periods_per_year=252), whole, equal_nan=True
    )


def test_a_window_has_a_length_and_columns_the_same() -> None:
    with pytest.raises(NotPositive, match="window"):
        rolling_drawdown(CURVE, window=0)
    with pytest.raises(WrongShape, match="benchmark"):
        rolling_beta(RETURNS, MARKET[1:], window=5)


def test_a_quarter_over_a_hundred_thousand_points_takes_no_loop() -> None:
    returns = np.sin(np.arange(100_000)) / 100

    started = time.process_time()
    rolling_sharpe(returns, window=63, periods_per_year=252)

    # Measured near 0.02 s; the bound only catches a loop over points.
    assert time.process_time() - started < 2.0
