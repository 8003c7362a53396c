import numpy as np
import pytest

from quantloom.performance import NotFinite, exposure, turnover


def test_exposure_counts_long_and_short_points() -> None:
    assert exposure([0.0, 2.0, -1.0, 0.0]) == 0.5


def test_no_points_have_no_exposure() -> None:
    assert np.isnan(exposure([]))


def test_turnover_counts_what_is_traded_in_a_year_against_mean_equity() -> None:
    # two of four periods of a year, mean equity 100: 50 traded in half a year
    measured = turnover(traded_notional=50.0, equity=[90.0, 100.0, 110.0], periods_per_year=4)

    assert measured == pytest.approx(50.0 / 0.5 / 100.0)


@pytest.mark.parametrize("equity", [[100.0], [100.0, 100.0], [100.0, -100.0, -50.0]])
def test_turnover_needs_time_and_equity(equity: list[float]) -> None:
    assert np.isnan(turnover(traded_notional=1.0, equity=equity, periods_per_year=252))


def test_an_unknown_notional_is_refused() -> None:
    with pytest.raises(NotFinite, match="traded_notional"):
        turnover(traded_notional=np.nan, equity=[1.0, 1.0, 1.0], periods_per_year=252)
