"""Sizings in whole runs: what they ask of the engine is what the bars and the trades were."""

from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import OneSizing, StrategyFailed
from quantloom.strategy import (
    Context,
    EquityShare,
    KellyFraction,
    RiskPerTrade,
    VolatilityTarget,
)
from tests.library.backtest.builders import SYMBOL, Action, Row, buy, run

D = Decimal


def bought(result: Any) -> Decimal:
    (quantity,) = result.fills["quantity"]
    return D(quantity)


def test_a_stop_takes_the_share_of_equity_that_it_was_to_take() -> None:
    rows: list[float | Row] = [100, (100, 100, 90, 95), 95]

    result = run({0: buy(stop_loss=98)}, rows, sizing=RiskPerTrade.of(0.01), cash=100_000)

    assert result.round_trips["exit"].tolist() == ["stop_loss"]
    assert result.round_trips["pnl"].tolist() == [D(-1_000)]


def test_a_run_by_risk_ends_at_an_entry_without_a_stop() -> None:
    with pytest.raises(StrategyFailed, match=r"StopNeeded: .* give buy or short a stop_loss="):
        run({0: buy()}, [100, 100], sizing=RiskPerTrade())


def test_a_position_aims_at_the_volatility_of_the_closes_so_far() -> None:
    closes = [100, 101, 100, 102, 101, 101]
    steps = np.diff(np.log(closes[:5]))
    # A market that never closes: 24 hours a day, 365 days a year.
    yearly = float(np.std(steps, ddof=1)) * np.sqrt(365 * 24)

    result = run({4: buy()}, closes, sizing=VolatilityTarget.of(0.1, window=5), cash=1_000_000)

    assert bought(result) == int(1_000_000 * 0.1 / yearly / 101)


def test_an_entry_before_the_window_is_full_is_refused_as_short_of_funds() -> None:
    sizing = VolatilityTarget.of(0.1, window=5)

    result = run({3: buy()}, [100, 101, 100, 102, 101, 101], sizing=sizing)

    assert result.orders["rule"].tolist() == ["insufficient_funds"]


def test_one_entry_may_be_sized_by_itself() -> None:
    def half(ctx: Context) -> None:
        ctx.buy(SYMBOL, ctx.size(SYMBOL, EquityShare.of(0.5)))

    result = run({0: half}, [100, 100], size=3, cash=100_000)

    assert bought(result) == 500


def test_kelly_learns_from_what_the_run_has_closed() -> None:
    # Ten round trips of one share, in at 100 and out at 102 or 99; 0.6 - 0.4 / 2 is 0.4 of equity.
    exits = [102] * 6 + [99] * 4
    rows = [100, *(price for leave in exits for price in (100, leave)), 99]
    script: dict[int, Action] = {2 * trip: buy(1) for trip in range(10)}
    script |= {2 * trip + 1: close for trip in range(10)}

    result = run(script | {20: buy()}, rows, sizing=KellyFraction.of(1, least=10), cash=1_000_000)

    assert len(result.round_trips) == 10
    assert result.fills["quantity"][-1] == 1_000_008 * D("0.4") // 99


def close(ctx: Context) -> None:
    ctx.close(SYMBOL)


def test_a_size_a_weight_and_a_sizing_together_are_refused() -> None:
    with pytest.raises(OneSizing):
        run({}, [100], size=1, weight=0.5)
    with pytest.raises(OneSizing):
        run({}, [100], size=1, sizing=EquityShare())


def test_the_precision_that_a_strategy_works_in_changes_no_quantity() -> None:
    def weigh(ctx: Context) -> None:
        ctx.target_weight(SYMBOL, "0.5")

    def trail(ctx: Context) -> None:
        ctx.sell(SYMBOL, stop=90)
        ctx.target_weight(SYMBOL, "0.77")

    prices: list[float | Row] = [3.07, 3.01, 3.03, 2.99, 3.11]
    usual = run({0: weigh, 2: trail}, prices, cash="1234567.89")

    with localcontext(prec=4):
        coarse = run({0: weigh, 2: trail}, prices, cash="1234567.89")

    assert coarse.fills["quantity"].tolist() == usual.fills["quantity"].tolist()
    assert coarse.equity["equity"].tolist() == usual.equity["equity"].tolist()
