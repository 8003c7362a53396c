import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import FloatArray
from quantloom.performance import (
    NotPositive,
    annual_return,
    annual_volatility,
    monthly_returns,
    simple_returns,
    total_return,
    yearly_returns,
)
from tests.library.performance.curves import equities, make_days


def test_a_return_is_measured_against_the_point_before() -> None:
    assert simple_returns([100.0, 110.0, 99.0]) == pytest.approx([0.1, -0.1])


def test_a_return_on_lost_equity_is_unknown() -> None:
    returns = simple_returns([100.0, -50.0, 20.0, 0.0, 10.0])

    assert np.isnan(returns).tolist() == [False, True, False, True]
    assert returns[[0, 2]].tolist() == [-1.5, -1.0]


def test_a_total_loss_is_minus_one() -> None:
    assert total_return([100.0, 0.0]) == -1.0


def test_debt_is_a_loss_past_the_whole_equity() -> None:
    assert total_return([100.0, -50.0]) == -1.5


def test_a_year_of_periods_grows_by_the_total_return() -> None:
    assert annual_return([100.0, 110.0, 121.0], 2) == pytest.approx(0.21)


def test_half_a_year_compounds_to_a_whole_one() -> None:
    assert annual_return([100.0, 105.0, 110.0], 4) == pytest.approx(1.1**2 - 1)


@pytest.mark.parametrize("equity", [[100.0], [100.0, 101.0]])
def test_fewer_than_two_returns_have_no_annual_return(equity: list[float]) -> None:
    assert np.isnan(annual_return(equity, 252))


@pytest.mark.parametrize("lowest", [0.0, -10.0])
def test_lost_equity_has_no_annual_return_even_if_it_comes_back(lowest: float) -> None:
    assert np.isnan(annual_return([100.0, lowest, 150.0], 252))


def test_growth_past_float64_is_unknown() -> None:
    assert np.isnan(annual_return([1.0, 1e3, 1e6], 98_280))


def test_volatility_is_the_sample_deviation_of_a_year() -> None:
    assert annual_volatility([0.01, 0.03], 4) == pytest.approx(0.02**0.5 * 0.1 * 2)


@pytest.mark.parametrize("returns", [[], [0.1]])
def test_fewer_than_two_returns_have_no_volatility(returns: list[float]) -> None:
    assert np.isnan(annual_volatility(returns, 252))


@pytest.mark.parametrize("periods", [0, -252, np.inf, np.nan])
def test_a_year_has_periods(periods: float) -> None:
    with pytest.raises(NotPositive, match="periods_per_year"):
        annual_volatility([0.1, 0.2], periods)


def test_months_stand_in_a_table_of_years_by_twelve() -> None:
    table = monthly_returns(
        equity=[110.0, 121.0, 60.5], initial=100.0, days=["2023-11-30", "2023-12-29", "2025-01-02"]
    )

    assert table.years.tolist() == [2023, 2024, 2025]
    assert table.ratios[0, 10:] == pytest.approx([0.1, 0.1])
    assert table.ratios[2, 0] == pytest.approx(-0.5)
    assert np.isfinite(table.ratios).sum() == 3


def test_years_without_a_point_are_left_out() -> None:
    years = yearly_returns(
        equity=[110.0, 121.0, 60.5], initial=100.0, days=["2023-11-30", "2023-12-29", "2025-01-02"]
    )

    assert years.years.tolist() == [2023, 2025]
    assert years.ratios == pytest.approx([0.21, -0.5])


def test_no_points_make_an_empty_table() -> None:
    nothing = np.empty(0)
    days = np.empty(0, dtype="datetime64[D]")

    assert monthly_returns(equity=nothing, initial=1.0, days=days).ratios.shape == (0, 12)
    assert len(yearly_returns(equity=nothing, initial=1.0, days=days).years) == 0


@given(equities, st.floats(0.01, 1e6))
def test_months_and_years_compound_to_the_total(equity: FloatArray, initial: float) -> None:
    days = make_days(len(equity))
    whole = np.log(equity[-1] / initial)

    months = monthly_returns(equity=equity, initial=initial, days=days).ratios
    years = yearly_returns(equity=equity, initial=initial, days=days).ratios

    # 1 + r of a fall to a 1e-8th keeps eight digits, so the sum of logs does too.
    assert np.nansum(np.log1p(months)) == pytest.approx(whole, abs=1e-6)
    assert np.sum(np.log1p(years)) == pytest.approx(whole, abs=1e-6)


@given(equities)
def test_returns_compound_back_to_the_equity(equity: FloatArray) -> None:
    rebuilt = equity[0] * np.cumprod(1.0 + simple_returns(equity))

    assert rebuilt == pytest.approx(equity[1:], rel=1e-6)
