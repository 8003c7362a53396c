"""Signals made from whole arrays: honest pipelines pass, and fail with any leak put into them."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest.leaks import Audit
from quantloom.backtest.lookahead.budget import make_budget
from quantloom.backtest.lookahead.findings import Findings
from quantloom.backtest.lookahead.futures import Futures
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.backtest.lookahead.signals import SignalAudit, columns_of
from quantloom.data import random_walk
from quantloom.kit import FloatArray

Step = Callable[[FloatArray], FloatArray]
BARS = random_walk(240, 4, timeframe="1h", volatility=0.01)


def lagged(by: int) -> Step:
    return lambda values: np.concatenate([np.full(by, values[0]), values[:-by]])


def smoothed(share: float) -> Step:
    def step(values: FloatArray) -> FloatArray:
        found = values.copy()
        for row in range(1, len(values)):
            found[row] = share * values[row] + (1 - share) * found[row - 1]
        return found

    return step


def highest(values: FloatArray) -> FloatArray:
    return np.maximum.accumulate(values)


def differenced(values: FloatArray) -> FloatArray:
    return np.diff(values, prepend=values[0])


CAUSAL = st.one_of(
    st.integers(1, 9).map(lagged),
    st.floats(0.05, 0.9).map(smoothed),
    st.just(highest),
    st.just(differenced),
)
LEAKS: dict[str, Step] = {
    "shift": lambda values: np.append(values[1:], values[-1]),
    "far shift": lambda values: np.concatenate([values[7:], np.full(7, values[-1])]),
    "level": lambda values: np.where(values > values.mean(), values, -values),
    "ranks": lambda values: values.argsort().argsort() / len(values),
    "backwards": lambda values: smoothed(0.1)(values[::-1])[::-1],
    "detrended": lambda values: values - np.linspace(values[0], values[-1], len(values)),
}


def audit(pipeline: list[Step]) -> Audit:
    def make(bars: object) -> dict[str, FloatArray]:
        values = np.log(getattr(bars, "close"))  # noqa: B009  bars of any kind
        for step in pipeline:
            values = step(values)
        level = smoothed(0.03)(values)
        return dict(columns_of(SimpleNamespace(entries=values > level, exits=values < level)))

    findings, budget = Findings(), make_budget("full")
    budget.start()
    days = BARS.ts // (86_400 * 10**9)
    SignalAudit(
        make=make,
        columns=make(BARS),
        futures=Futures(BARS, 0.01),
        days=days,
        budget=budget,
        findings=findings,
        rng=np.random.default_rng(0),
        chance=Chance.now(),
        cuts=16,
    ).run()
    return findings.audit(budget)


@settings(max_examples=6)
@given(pipeline=st.lists(CAUSAL, max_size=3))
def test_a_pipeline_of_the_past_is_never_accused(pipeline: list[Step]) -> None:
    assert audit(pipeline).verdict in {"passed", "partly"}


@settings(max_examples=6)
@given(
    before=st.lists(st.floats(0.2, 0.9).map(smoothed), max_size=2),
    leak=st.sampled_from(sorted(LEAKS)),
    after=st.lists(st.floats(0.2, 0.9).map(smoothed), max_size=1),
)
def test_any_leak_in_it_is_found(before: list[Step], leak: str, after: list[Step]) -> None:
    found = audit([*before, LEAKS[leak], *after])

    assert found.verdict == "failed"
    assert found.leaks[0].what == "signal"
