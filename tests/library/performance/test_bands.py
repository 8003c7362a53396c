"""Bands of redrawn days and trades, where the answer is known."""

import numpy as np
import pytest

from quantloom.performance import (
    BadShare,
    BadTradeMethod,
    NotPositive,
    WrongShape,
    bootstrap_returns,
    max_drawdown,
    redraw_trades,
    sharpe_error,
    sharpe_ratio,
)

RETURNS = np.random.default_rng(2).standard_normal(1_000) * 0.01 + 0.0005
TRADES = np.random.default_rng(3).standard_normal(80) * 100 + 20


def test_the_bands_of_independent_days_are_as_wide_as_theory_has_them() -> None:
    bands = bootstrap_returns(RETURNS, periods_per_year=252, initial=1_000, block=1, draws=2_000)

    ratio, error = sharpe_ratio(RETURNS, 252), sharpe_error(RETURNS, 252)
    low, _, middle, _, high = bands.sharpe_ratio
    assert middle == pytest.approx(ratio, abs=0.1 * error)
    assert [low, high] == pytest.approx([ratio - 1.645 * error, ratio + 1.645 * error], abs=0.12)
    spread = np.log(bands.final_equity[-1] / bands.final_equity[0])
    assert spread == pytest.approx(2 * 1.645 * RETURNS.std() * np.sqrt(1_000), rel=0.08)


def test_final_equity_annual_return_and_curve_are_of_the_same_runs() -> None:
    bands = bootstrap_returns(RETURNS, periods_per_year=250, initial=1_000, draws=300)

    assert bands.equity[:, 0] == pytest.approx(np.full(5, 1_000.0))
    assert bands.equity[:, -1] == pytest.approx(bands.final_equity)
    assert bands.days[[0, -1]].tolist() == [0, 1_000]
    assert len(bands.days) <= 200
    assert (bands.final_equity / 1_000) ** 0.25 - 1 == pytest.approx(bands.annual_return)
    assert (np.diff(bands.equity, axis=0) >= 0).all()


def test_a_run_that_only_wins_never_loses_however_it_is_drawn() -> None:
    bands = bootstrap_returns(np.full(50, 0.01), periods_per_year=252, draws=50)

    assert bands.loss_probability == 0.0
    assert bands.max_drawdown_ratio == pytest.approx(np.zeros(5))
    assert bands.final_equity == pytest.approx(np.full(5, 1.01**50))
    assert np.isnan(bands.sharpe_ratio).all()


def test_blocks_keep_bad_days_together() -> None:
    returns = np.tile(np.repeat([0.01, -0.01], 50), 10)

    apart = bootstrap_returns(returns, periods_per_year=252, block=1, draws=300)
    together = bootstrap_returns(returns, periods_per_year=252, draws=300)

    assert together.block > 10
    assert together.max_drawdown_ratio[2] > 1.5 * apart.max_drawdown_ratio[2]


def test_shuffled_trades_end_where_the_run_ended() -> None:
    bands = redraw_trades(TRADES, initial=10_000, method="shuffle", draws=200)

    assert bands.final_equity == pytest.approx(np.full(5, 10_000 + TRADES.sum()))
    measured = max_drawdown(np.concatenate(([10_000], 10_000 + TRADES.cumsum())))
    assert bands.max_drawdown_ratio[0] < measured < 1.5 * bands.max_drawdown_ratio[-1]
    assert bands.trades[[0, -1]].tolist() == [0, 80]


def test_two_shuffled_trades_have_two_ways() -> None:
    bands = redraw_trades([100.0, -50.0], initial=100, method="shuffle", draws=1_000)

    # the loss first takes half, after the win a quarter
    assert bands.max_drawdown_ratio[[0, -1]].tolist() == [0.25, 0.5]
    assert bands.ruin_probability == pytest.approx(0.5, abs=0.06)


def test_resampled_trades_spread_as_a_sum_of_draws_does() -> None:
    bands = redraw_trades(TRADES, initial=10_000, method="resample", draws=4_000)

    spread = TRADES.std() * np.sqrt(len(TRADES))
    middle = 10_000 + TRADES.sum()
    assert bands.final_equity[2] == pytest.approx(middle, abs=0.1 * spread)
    assert bands.final_equity[-1] - middle == pytest.approx(1.645 * spread, rel=0.1)


def test_skipped_trades_earn_their_share_less() -> None:
    bands = redraw_trades(np.full(500, 10.0), initial=1_000, method="skip", skip=0.2, draws=500)

    assert bands.final_equity[2] == pytest.approx(1_000 + 0.8 * 5_000, rel=0.01)


def test_ruin_is_as_likely_as_a_coin_says() -> None:
    # four bets of half the money: one lost bet is ruin, and none of four is lost once in sixteen
    bands = redraw_trades([50.0, -50.0], initial=100, method="resample", draws=20_000, ruin=0.5)

    # the first bet lost, or won and the next two lost is too late with two bets: half in all
    assert bands.ruin_probability == pytest.approx(0.5, abs=0.02)
    assert bands.loss_probability == pytest.approx(0.25, abs=0.02)


def test_parts_of_draws_make_no_gap() -> None:
    long = np.tile(TRADES, 100)

    bands = redraw_trades(long, initial=1e6, method="resample", draws=150)

    assert np.isfinite(bands.equity).all()
    assert bands.final_equity[2] == pytest.approx(1e6 + long.sum(), rel=0.02)


def test_the_seed_makes_the_draws() -> None:
    one, again, other = (
        redraw_trades(TRADES, initial=1_000, seed=seed, draws=50) for seed in (1, 1, 2)
    )

    assert np.array_equal(one.equity, again.equity)
    assert not np.array_equal(one.equity, other.equity)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(BadTradeMethod, match="shuffle or resample or skip"):
        redraw_trades(TRADES, initial=1.0, method="guess")  # type: ignore[arg-type]
    with pytest.raises(BadShare, match="ruin is 1"):
        redraw_trades(TRADES, initial=1.0, ruin=1)
    with pytest.raises(WrongShape, match="one trade"):
        redraw_trades([], initial=1.0)
    with pytest.raises(WrongShape, match="2 returns"):
        bootstrap_returns([0.1], periods_per_year=252)
    with pytest.raises(NotPositive, match="worst return"):
        bootstrap_returns([0.1, -1.0], periods_per_year=252)
