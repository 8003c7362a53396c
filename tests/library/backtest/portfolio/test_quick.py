"""Weights followed in floats alone, against whole runs."""

from typing import Any

import numpy as np
import pytest

from quantloom.backtest.portfolio import NotQuick, QuickPortfolio
from quantloom.performance import Summary
from quantloom.strategy import BadWeights, Weights
from tests.library.backtest.portfolio.cases import make_case
from tests.library.backtest.portfolio.test_weight_runs import make_days

_OF_EXCURSIONS = {"average_adverse_ratio", "average_favourable_ratio", "edge_ratio"}


def follow(seed: int) -> Any:
    case = make_case(seed)
    quick = QuickPortfolio.of(case.bars, **case.options)
    rows = case.rows[case.rows < len(quick.panel)]
    values = case.values[: len(rows)]
    values = np.where(np.isnan(quick.panel.last[rows]), np.nan, values)
    return quick.follow(Weights(rows, values, case.of))  # type: ignore[arg-type]


def known(metrics: Summary) -> dict[str, Any]:
    return {
        name: value if value is None else pytest.approx(value, rel=1e-7, abs=1e-9)
        for name, value in metrics.as_dict().items()
        if name not in _OF_EXCURSIONS
    }


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_floats_come_to_what_the_exact_books_come_to(seed: int) -> None:
    exact = make_case(seed).run()

    followed = follow(seed)

    assert np.allclose(followed.equity, exact.equity["equity"], rtol=1e-9, atol=1e-9)
    assert followed.fills["symbol"].tolist() == exact.fills["symbol"].tolist()
    for column in ("quantity", "price", "commission"):
        assert np.allclose(followed.fills[column], exact.fills.floats(column), rtol=1e-9, atol=0)
    assert {
        name: value
        for name, value in followed.metrics.as_dict().items()
        if name not in _OF_EXCURSIONS
    } == known(exact.metrics)


def test_what_is_held_at_the_end_is_told() -> None:
    quick = QuickPortfolio.of(make_days("A.LOCAL", [10.0] * 3), cash=1000, participation=None)

    followed = quick.follow(Weights(np.array([0]), np.array([[0.5]])))

    assert followed.held.tolist() == [50.0]


def test_weights_of_another_panel_are_refused() -> None:
    quick = QuickPortfolio.of(make_days("A.LOCAL", [10.0] * 3))

    with pytest.raises(BadWeights, match="2 columns and 1 symbols"):
        quick.follow(Weights(np.array([0]), np.array([[0.5, 0.5]])))


@pytest.mark.parametrize("options", [{"latency": 1}, {"interest": 0.01}, {"rules": True}])
def test_what_floats_know_nothing_of_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(NotQuick):
        QuickPortfolio.of(make_days("A.LOCAL", [10.0] * 3), **options)
