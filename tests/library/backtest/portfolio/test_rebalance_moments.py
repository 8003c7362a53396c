"""Rebalances of a portfolio, moment by moment."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import backtest
from quantloom.market import Action, Instrument, Kind
from tests.library.backtest.portfolio.cases import giving
from tests.library.backtest.portfolio.test_weight_runs import DAY_NS, make_days, run

FLAT = {"A.LOCAL": [10.0] * 5, "B.LOCAL": [10.0] * 5}
# 4 March 2024, in days since 1970.
FIRST = 19_786


def test_a_moment_adds_up_its_orders() -> None:
    result = run([[0.5, 0.25], [0.25, 0.25], [0.0, 0.5]], FLAT, commission=0.01, slippage=1)

    moments, log = result.rebalance_moments, result.rebalances
    assert moments["ts_ns"].tolist() == [DAY_NS, 2 * DAY_NS, 3 * DAY_NS]
    assert moments["day"].astype(str).tolist() == ["1970-01-01", "1970-01-02", "1970-01-03"]
    assert moments["orders"].tolist() == [2, 2, 2]
    for name in ("turnover", "commission", "slippage"):
        sums = [log[name][log["ts_ns"] == ts_ns].sum() for ts_ns in moments["ts_ns"]]
        assert moments[name].tolist() == pytest.approx(sums)
    assert moments["commission"].sum() == pytest.approx(result.metrics.commission)
    assert moments["holdings"].tolist() == [2, 2, 1]
    assert moments["gross"].tolist() == pytest.approx([0.75, 0.5, 0.5], abs=0.02)
    assert moments["missed"].tolist() == [0, 0, 0]


def test_what_was_not_reached_is_told() -> None:
    moments = run([[0.8, 0.4]], FLAT).rebalance_moments

    assert moments["missed"].tolist() == pytest.approx([0.2])


def test_orders_of_the_last_bar_trade_nothing_and_leave_what_is_held() -> None:
    closes = {"A.LOCAL": [10.0] * 2, "B.LOCAL": [10.0] * 2}

    moments = run([[0.5, 0.0], [0.0, 0.5]], closes).rebalance_moments

    assert moments["turnover"].tolist() == pytest.approx([0.5, 0.0])
    assert moments["holdings"].tolist() == [1, 1]
    assert moments["missed"].tolist() == pytest.approx([0.0, 1.0])


def test_a_short_position_is_held_too() -> None:
    moments = run([[0.5, -0.25], [0.0, 0.0]], FLAT).rebalance_moments

    assert moments["holdings"].tolist() == [2, 0]
    assert moments["gross"].tolist() == pytest.approx([0.75, 0.0])


def test_shares_that_a_split_brought_are_sold_and_no_more_held() -> None:
    data = {
        symbol: make_days(symbol, [10.0, 10.0, price, price, price, price], first=FIRST)
        for symbol, price in (("A.LOCAL", 4.0), ("B.LOCAL", 10.0))
    }
    instruments = {
        symbol: Instrument(
            symbol=symbol, kind=Kind.STOCK, tick_size=Decimal("0.01"), can_short=False
        )
        for symbol in data
    }
    splits = [Action(symbol="A.LOCAL", ex_day=date(2024, 3, 6), split=Decimal("2.5"))]

    result = backtest(
        giving([0, 3], [[0.33, 0.5], [0.0, 0.5]]),
        data,
        cash=1000,
        participation=None,
        instrument=instruments,
        actions=splits,
        audit=False,
    )

    assert result.fills["quantity"].tolist() == [33, 50, 82]
    assert result.rebalance_moments["holdings"].tolist() == [2, 1]


def test_a_run_without_orders_has_no_moments() -> None:
    moments = run([[0.0, 0.0]], FLAT).rebalance_moments

    assert len(moments) == 0
    assert "turnover" in moments


def test_files_for_other_programs_hold_the_rebalances_of_a_portfolio(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    result = run([[0.5, 0.25]], FLAT)
    alone = run([[0.5]], {"A.LOCAL": [10.0] * 4})

    names = [file.stem for file in result.to_csv(tmp_path / "csv")]
    assert names[-2:] == ["rebalances", "rebalance_moments"]
    lines = (tmp_path / "csv/rebalance_moments.csv").read_text().splitlines()
    assert lines[1].startswith("1970-01-02T00:00:00.000000Z,1970-01-01,2,0.75,")
    assert len(result.to_parquet(tmp_path / "parquet")) == len(result.tables()) + 2
    assert result.to_xlsx(tmp_path / "run.xlsx").stat().st_size > 0
    assert [file.stem for file in alone.to_csv(tmp_path / "one")] == ["metrics", *alone.tables()]
    # What is kept and hashed is as it was: they follow from orders and fills.
    assert "rebalances" not in result.tables()
    assert np.isfinite(result.rebalance_moments["gross"]).all()
