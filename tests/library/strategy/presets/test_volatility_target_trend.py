"""The scaled trend holds what has risen, at the volatility that it was told."""

import numpy as np
import pytest

from tests.library.strategy.presets.cases import FUTURES, bars_of, held, run


@pytest.mark.parametrize("symbol", ["SPY.ARCA", "rb-MAIN.SHFE", "600519.SSE"])
@pytest.mark.parametrize("target", [8.0, 20.0])
@pytest.mark.untraced
def test_a_position_varies_about_as_much_as_its_target(symbol: str, target: float) -> None:
    result = run(
        "volatility-target-trend",
        symbol,
        margin=0.1,
        parameters={"target": target, "cap": 5.0, "rebalance": 5, "lookback": 60},
    )

    equity = result.equity["equity"].astype(float)
    is_held = result.equity["quantity"][:-1] != 0
    moves = np.diff(np.log(equity))[is_held]
    assert len(moves) > 300
    assert 100 * moves.std() * np.sqrt(250) == pytest.approx(target, rel=0.3)


def test_the_side_is_the_sign_of_past_returns() -> None:
    close = bars_of("rb-MAIN.SHFE").close

    result = run(
        "volatility-target-trend",
        "rb-MAIN.SHFE",
        parameters={"both_sides": True, "lookback": 100, "rebalance": 10},
    )

    looks = np.arange(109, len(close) - 10, 10)
    signs = np.sign(close[looks] - close[looks - 100])
    assert np.sign(result.equity["quantity"][looks + 1]).tolist() == signs.tolist()
    assert len(looks) > 100


def test_several_instruments_share_the_target() -> None:
    result = run("volatility-target-trend", *FUTURES, parameters={"cap": 0.9})

    share = result.equity["gross_exposure"] / result.equity["equity"]
    assert 0 < share.max() < 0.95
    assert all(held(result, symbol).max() > 0 for symbol in FUTURES)
