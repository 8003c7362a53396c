"""What rebalancing orders were to lead to, and how far they came."""

import numpy as np
import pytest

from quantloom.backtest import backtest, load_result
from tests.library.backtest.portfolio.cases import giving, make_case
from tests.library.backtest.portfolio.test_weight_runs import DAY_NS, make_days, run


def test_the_log_tells_what_was_wanted_reached_traded_and_paid() -> None:
    closes = {"A.LOCAL": [10.0] * 4, "B.LOCAL": [10.0] * 4}

    result = run([[0.5, 0.25], [0.25, 0.25]], closes, commission=0.01, slippage=1)

    log = result.rebalances
    assert log["ts_ns"].tolist() == [DAY_NS, DAY_NS, 2 * DAY_NS, 2 * DAY_NS]
    assert log["symbol"].tolist() == ["B.LOCAL", "A.LOCAL", "A.LOCAL", "B.LOCAL"]
    equity = float(result.equity["equity"][1])
    assert log["held"].tolist() == pytest.approx([0, 0, 500 / equity, 250 / equity])
    assert log["wanted"].tolist() == pytest.approx([0.25, 0.5, 240 / equity, 240 / equity])
    assert log["reached"].tolist() == log["wanted"].tolist()
    assert log["turnover"][1] == pytest.approx(50 * 10.01 / 1000)
    assert log["commission"].tolist() == result.fills.floats("commission").tolist()
    assert log["slippage"].sum() == pytest.approx(result.metrics.slippage)


def test_a_trimmed_purchase_reaches_less_than_was_wanted() -> None:
    result = run([[0.8, 0.4]], {"A.LOCAL": [10.0] * 2, "B.LOCAL": [10.0] * 2})

    log = result.rebalances
    assert log["wanted"].tolist() == pytest.approx([0.4, 0.8])
    assert log["reached"].tolist() == pytest.approx([0.4, 0.6])


def test_what_waits_counts_as_wanted() -> None:
    bars = make_days("A.LOCAL", [10.0] * 6, volume=[100.0] * 6)

    result = backtest(giving([0, 1], [[0.5], [0.7]]), bars, cash=1000, participation=0.1)

    log = result.rebalances
    assert log["held"].tolist() == pytest.approx([0.0, 0.1])
    assert log["wanted"].tolist() == pytest.approx([0.5, 0.7])
    assert log["reached"].tolist() == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("seed", range(12))
def test_what_was_reached_is_held_where_nothing_waited(seed: int) -> None:
    case = make_case(seed)
    result = case.run()

    log = result.rebalances

    assert len(log) == len(result.orders)
    assert (np.nan_to_num(log["turnover"]) >= 0).all()
    assert log["commission"].sum() == pytest.approx(result.fills.floats("commission").sum())
    for symbol in set(log["symbol"]):
        rows = np.flatnonzero(log["symbol"] == symbol)
        orders = {name: result.orders[name][rows] for name in ("submitted_ns", "updated_ns")}
        has_share = np.isfinite(log["held"][rows]).all()
        if has_share and (orders["updated_ns"][:-1] < orders["submitted_ns"][1:]).all():
            zero = np.isclose(log["reached"][rows][:-1], 0)
            assert (zero == np.isclose(log["held"][rows][1:], 0)).all()


def test_a_kept_result_tells_the_same(tmp_path: object) -> None:
    result = run([[0.5]], {"A.LOCAL": [10.0, 11.0, 12.0]})
    result.save(f"{tmp_path}/kept")

    kept = load_result(f"{tmp_path}/kept")

    assert str(kept.rebalances) == str(result.rebalances)
    assert len(kept.rebalances) == 1


def test_a_run_without_orders_has_an_empty_log() -> None:
    assert len(run([[0.0]], {"A.LOCAL": [10.0, 11.0]}).rebalances) == 0
