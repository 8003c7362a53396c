"""The example of a monthly risk-parity portfolio, on made markets and on real shares."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.backtest.portfolio import make_panel
from quantloom.data import read_bars
from quantloom.data.synthetic import random_walk
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars
from quantloom.performance import risk_contributions, shrunk_covariance
from tests.house.checkout import ROOT
from tests.shared_data import SHARED, needs_shared

EXAMPLE = str(ROOT / "examples" / "risk_parity.py")
NAMES = ("KO", "JNJ", "JPM", "BA", "CSCO", "CVX")


def run(bars: Mapping[str, Bars], engine: str = "auto") -> BacktestResult:
    return backtest(
        EXAMPLE,
        bars,
        cash=10_000_000,
        commission=0.001,
        participation=None,
        engine=engine,  # type: ignore[arg-type]
        audit=False,
    )


def made() -> dict[str, Bars]:
    """Five markets, each moving more than the one before."""
    return {
        f"N{place}.LOCAL": _stretched(random_walk(750, place, timeframe="1d"), place)
        for place in range(5)
    }


def _stretched(bars: Bars, place: int) -> Bars:
    power = 0.5 + 0.5 * place
    first = bars.close[0]
    told = {
        name: np.round(first * (getattr(bars, name) / first) ** power, 2)
        for name in ("open", "high", "low", "close")
    }
    return replace(bars, symbol=f"N{place}.LOCAL", **told)


def moments_of(result: BacktestResult) -> IntArray:
    """When it was rebalanced; not on the last bar, after which nothing fills any more."""
    expired = result.orders["status"] == "expired"
    times: IntArray = np.unique(result.orders["submitted_ns"][~expired].astype(np.int64))
    return times


def reached_at(result: BacktestResult, bars: Mapping[str, Bars]) -> FloatArray:
    """(k, m) what was held after each full rebalance, as shares of equity."""
    log, symbols = result.rebalances, [*bars]
    held, found = np.zeros(len(symbols)), []
    for at_ns in moments_of(result):
        for row in np.flatnonzero(log["ts_ns"] == at_ns):
            held[symbols.index(log["symbol"][row])] = log["reached"][row]
        found.append(held.copy())
    return np.array(found)


def check_shares_of_risk(result: BacktestResult, bars: Mapping[str, Bars]) -> float:
    """How far any instrument's share of the risk, as estimated then, was from an equal one."""
    panel = make_panel(bars)
    moments = moments_of(result)
    worst = 0.0
    for at_ns, weights in zip(moments, reached_at(result, bars), strict=True):
        row = int(np.searchsorted(panel.closes_ns, at_ns))
        covariance = shrunk_covariance(panel.returns[row - 119 : row + 1])
        shares = risk_contributions(weights, covariance)
        worst = max(worst, float(np.abs(shares - 1 / len(bars)).max()))
    assert len(moments) >= 12
    return worst


def test_each_made_market_carries_an_equal_share_of_the_risk() -> None:
    bars = made()

    result = run(bars)

    assert result.executor == "portfolio"
    assert check_shares_of_risk(result, bars) < 0.01
    weights = reached_at(result, bars)
    assert (weights[:, 0] > 2 * weights[:, 4]).all()
    assert weights.sum(axis=1) == pytest.approx(0.98, abs=0.02)


def test_the_event_engine_makes_the_same_of_it() -> None:
    bars = made()

    by_core, by_events = run(bars), run(bars, "event")

    assert (by_core.executor, by_events.executor) == ("portfolio", "event")
    assert by_core.hashes.result == by_events.hashes.result
    assert len(by_core.fills) > 50


@needs_shared
def test_real_shares_carry_equal_shares_of_the_risk() -> None:
    folder = Path(SHARED) / "data/bars/us_stock"
    read = [read_bars(folder / f"{name}.1d.parquet").bars for name in NAMES]
    bars = {one.symbol: one[-1_000:] for one in read}

    by_core, by_events = run(bars), run(bars, "event")

    assert by_core.hashes.result == by_events.hashes.result
    assert check_shares_of_risk(by_core, bars) < 0.01
    volatility = np.std(by_core.daily["return"], ddof=1)
    alone = [np.std(one.close[1:] / one.close[:-1] - 1, ddof=1) for one in bars.values()]
    assert volatility < min(alone)
