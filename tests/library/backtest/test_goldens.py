"""Outcomes that independent systems agree on, and one made by a plain engine."""

import json
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import fmean, pstdev
from typing import Any

import pandas as pd
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import random_walk
from quantloom.market import Bars
from tests.golden.plain_sma_cross import GOLDEN, crossings, make_golden
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data/raw/backtestingpy"


def read(name: str) -> Bars:
    frame = pd.read_csv(RAW / f"{name}.csv", index_col=0, parse_dates=True)
    return Bars.from_frame(frame, f"{name}.LOCAL")


def cross(data: Bars, **given: Any) -> BacktestResult:
    settings: dict[str, Any] = {"size": 1, "commission": 0.001} | given
    return backtest("sma-cross", data, parameters={"fast": 10, "slow": 30}, **settings)


@needs_shared
@pytest.mark.parametrize(
    ("name", "trips", "is_open", "equity"),
    [("GOOG", 32, 1, "100743.00841"), ("EURUSD", 83, 0, "99999.87684878")],
)
@pytest.mark.untraced
def test_real_bars_end_where_independent_systems_do(
    name: str, trips: int, is_open: int, equity: str
) -> None:
    # vectorbt, backtesting.py, backtrader and a plain reference agree on these.
    result = cross(read(name))

    assert len(result.round_trips) == trips
    assert len(result.positions) == is_open
    assert result.final_equity == Decimal(equity)


@pytest.mark.untraced
def test_the_stored_golden_is_what_the_plain_engine_makes() -> None:
    assert json.loads(GOLDEN.read_text()) == make_golden()


def test_the_synthetic_golden_is_met_to_the_last_digit() -> None:
    golden = json.loads(GOLDEN.read_text())
    bars = random_walk(**golden["walk"])

    result = cross(bars)

    assert bars.digest() == golden["bars_digest"]
    assert len(result.round_trips) == golden["round_trips"] > 50
    assert result.final_cash == Decimal(golden["final_cash"])
    assert result.final_equity == Decimal(golden["final_equity"])
    rows = {ts: row for row, ts in enumerate(bars.ts.tolist())}
    assert [
        (rows[fill["ts_ns"]], 1 if fill["side"] == "buy" else -1, fill["price"])
        for fill in result.fills.rows()
    ] == [(row, sign, Decimal(price)) for row, sign, price in golden["fills"]]


@needs_shared
@pytest.mark.parametrize("name", ["GOOG", "EURUSD"])
@pytest.mark.untraced
def test_sma_cross_trades_where_exact_averages_cross(name: str) -> None:
    bars = read(name)

    result = cross(bars)

    script = crossings([Fraction(repr(close)) for close in bars.close.tolist()])
    signals = [(row, sent[0]["do"]) for row, sent in enumerate(script[:-1]) if sent]
    while signals and signals[0][1] == "close":
        del signals[0]
    rows = {ts: row for row, ts in enumerate(bars.ts.tolist())}
    assert [(rows[fill["ts_ns"]], fill["side"]) for fill in result.fills.rows()] == [
        (row + 1, "buy" if do == "buy" else "sell") for row, do in signals
    ]


@needs_shared
@pytest.mark.parametrize("name", ["GOOG", "EURUSD"])
@pytest.mark.parametrize("both_sides", [False, True])
@pytest.mark.untraced
def test_bollinger_trades_where_a_plain_reckoning_does(name: str, both_sides: bool) -> None:
    bars = read(name)

    result = backtest("bollinger", bars, parameters={"both_sides": both_sides}, size=1)

    rows = {ts: row for row, ts in enumerate(bars.ts.tolist())}
    traded = [
        (rows[fill["ts_ns"]], 1 if fill["side"] == "buy" else -1) for fill in result.fills.rows()
    ]
    assert traded == reversions(bars.close.tolist(), both_sides=both_sides)
    assert len(traded) > 20


def reversions(closes: Sequence[float], *, both_sides: bool) -> list[tuple[int, int]]:
    """Row and side of each fill of Bollinger reversion, 20 bars and 2 deviations, one share."""
    period, held, found = 20, 0, []
    for at in range(period, len(closes) - 1):
        offsets = []
        for row in (at - 1, at):
            seen = closes[row + 1 - period : row + 1]
            offsets.append((closes[row] - fmean(seen)) / pstdev(seen))
        before, now = offsets
        if held == 0 and before >= -2 > now:
            step = 1
        elif held == 0 and both_sides and before <= 2 < now:
            step = -1
        elif (held > 0 and before <= 0 < now) or (held < 0 and before >= 0 > now):
            step = -held
        else:
            continue
        held += step
        found.append((at + 1, step))
    return found
