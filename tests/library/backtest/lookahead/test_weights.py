"""Weights that are decided from whole arrays are audited by deciding them again."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, backtest
from quantloom.data import random_walk
from quantloom.kit import FloatArray
from quantloom.market import Bars
from quantloom.strategy import Panel, Strategy, Weights

SYMBOLS = ("ONE.LOCAL", "TWO.LOCAL", "THREE.LOCAL", "FOUR.LOCAL")


def markets() -> dict[str, Bars]:
    return {
        symbol: random_walk(400, place, symbol=symbol, timeframe="1d", volatility=0.015)
        for place, symbol in enumerate(SYMBOLS)
    }


def best_by(score: Callable[[FloatArray], FloatArray]) -> type[Strategy]:
    class Best(Strategy):
        """All in what scores best, every fifth day."""

        def generate_weights(self, panel: Panel) -> Weights:
            scores = np.nan_to_num(score(panel.close), nan=-np.inf)
            rows = np.arange(25, len(scores), 5)
            values = np.zeros((len(rows), len(SYMBOLS)))
            values[np.arange(len(rows)), scores[rows].argmax(axis=1)] = 0.9
            return Weights(rows, values)

    return Best


def run(strategy: type[Strategy]) -> BacktestResult:
    terms: dict[str, Any] = {"participation": None, "cash": 1_000_000}
    return backtest(strategy, markets(), audit="auto", **terms)


def past(closes: FloatArray) -> FloatArray:
    found = np.full(closes.shape, np.nan)
    found[20:] = closes[20:] / closes[:-20]
    return found


def ahead(closes: FloatArray) -> FloatArray:
    found = np.full(closes.shape, np.nan)
    found[:-5] = closes[5:] / closes[:-5]
    return found


def whole_sample(closes: FloatArray) -> FloatArray:
    scaled: FloatArray = (closes.mean(axis=0) - closes) / closes.std(axis=0)
    return scaled


OUTSIDE = ahead(np.column_stack([bars.close for bars in markets().values()]))


def test_momentum_of_the_past_passes() -> None:
    audit = run(best_by(past)).audit

    assert audit is not None
    assert audit.verdict == "passed"
    assert audit.decisions


@pytest.mark.parametrize("score", [ahead, whole_sample])
def test_weights_by_what_comes_fail(score: Callable[[FloatArray], FloatArray]) -> None:
    audit = run(best_by(score)).audit

    assert audit is not None
    assert audit.verdict == "failed"
    assert audit.leaks[0].what == "weight"


def test_weights_from_a_frame_outside_fail() -> None:
    audit = run(best_by(lambda closes: OUTSIDE[: len(closes)])).audit

    assert audit is not None
    assert audit.verdict == "failed"
    assert audit.leaks[0].kind == "elsewhere"
