"""Prices of a panel over splits and rolls: told in the terms of the first bar."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.backtest.portfolio.paneling import first_terms
from quantloom.market import Action, Leg, chain_contracts
from quantloom.market.shifts import Shift
from quantloom.strategy import Panel, Strategy, Weights
from tests.library.backtest.portfolio.test_weight_runs import make_days

MAY, OCTOBER = "rb2405.SHFE", "rb2410.SHFE"
FIRST = 19_786  # 2024-03-04, a Monday, in days since 1970


def seen_panel(data: Any, **options: Any) -> tuple[Panel, BacktestResult]:
    """The panel that a run shows its strategy, which holds half of its money, set right once."""
    seen: list[Panel] = []

    class Looking(Strategy):
        def generate_weights(self, panel: Panel) -> Weights:
            seen.append(panel)
            rows = np.array([0, 2][: len(panel) - 1])
            return Weights(rows, np.full((len(rows), 1), 0.5))

    result = backtest(Looking, data, participation=None, audit=False, **options)
    return seen[0], result


def split_after(days: int) -> tuple[Panel, BacktestResult]:
    bars = make_days("A.LOCAL", [10.0, 12.0, 6.0, 9.0][:days], first=FIRST)
    splits = [Action(symbol="A.LOCAL", ex_day=date(2024, 3, 6), split=Decimal(2))]
    return seen_panel(bars, actions=splits, cash=1000)


def test_a_split_is_no_return_and_changes_nothing_before_it() -> None:
    panel, result = split_after(4)

    assert panel.close[:, 0].tolist() == [10.0, 12.0, 12.0, 18.0]
    assert panel.returns[1:, 0].tolist() == pytest.approx([0.2, 0.0, 0.5])
    assert result.executor == "event"
    assert result.positions["quantity"].tolist() == [91]
    before, _ = split_after(2)
    assert before.close[:, 0].tolist() == panel.close[:2, 0].tolist()


def test_the_log_of_rebalances_tells_no_share_after_a_split() -> None:
    _, result = split_after(4)

    before, after = result.rebalances["wanted"].tolist()
    assert before == 0.5
    assert np.isnan(after)


def test_a_roll_is_no_return_and_changes_nothing_before_it() -> None:
    old = make_days(MAY, [3700.0, 3710.0, 3700.0, 3690.0, 3690.0], first=FIRST)
    new = make_days(OCTOBER, [3650.0, 3660.0, 3650.0, 3640.0, 3577.0], first=FIRST)
    legs = [Leg(MAY, date(2024, 3, 4)), Leg(OCTOBER, date(2024, 3, 7))]

    panel, result = seen_panel(chain_contracts({MAY: old, OCTOBER: new}, roll=legs), cash=200_000)

    assert panel.close[:3, 0].tolist() == [3700.0, 3710.0, 3700.0]
    assert panel.returns[3:, 0].tolist() == pytest.approx([3640 / 3650 - 1, 3577 / 3640 - 1])
    assert set(result.fills["contract"]) == {MAY, OCTOBER}


def test_terms_go_back_over_every_shift_by_ratio_and_difference() -> None:
    shifts = (Shift(row=1, ratio=Fraction(1, 2)), Shift(row=3, difference=Fraction(-4)))

    class Feed:
        """What terms are told by."""

    feed: Any = Feed()
    feed.shifts = shifts
    told = first_terms(feed, np.array([10.0, 5.0, 6.0, 2.0]))

    assert told.tolist() == [10.0, 10.0, 12.0, 12.0]
