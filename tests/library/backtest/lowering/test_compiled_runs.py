"""A compiled run fills as the event engine does, order by order, and has its equity."""

import math
import multiprocessing
import re
import warnings
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult, NotCompilable, RunsAsPython, StrategyFailed, backtest
from quantloom.market import Bars, Instrument, Kind
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import (
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    StopNeeded,
    Strategy,
    VolatilityTarget,
    load_strategy,
)
from quantloom.trading import Commission
from tests.library.backtest.lowering.strategies import EVERY, Bracketed, Cross, Pyramid, Turning
from tests.library.backtest.lowering.written import HEAD, write

SYMBOL = "TEST.LOCAL"
SIZINGS = (
    FixedSize.of(2),
    EquityShare.of("0.5"),
    EquityShare.of("1.5"),
    RiskPerTrade.of("0.02"),
    VolatilityTarget.of("0.2", 5),
    KellyFraction.of("0.5", least=3),
)
SLIPPAGES = (Slippage(), Slippage(ticks=Decimal(1)), VolumeShareSlippage(), SquareRootImpact())


@st.composite
def walks(draw: st.DrawFn) -> Bars:
    return make_walk(
        draw(st.integers(30, 120)),
        seed=draw(st.integers(0, 10_000)),
        spread=draw(st.sampled_from([15, 50, 150])),
        has_volume=draw(st.booleans()),
    )


def make_walk(
    count: int = 400, *, seed: int = 5, spread: int = 60, has_volume: bool = False
) -> Bars:
    """Bars in whole cents that gap, stand still, and now and then do not trade."""
    random = np.random.default_rng(seed)
    close = np.maximum(5_000 + np.cumsum(random.normal(0, spread, count)).astype(int), 500)
    gaps = np.where(random.random(count) < 0.3, random.normal(0, spread, count), 0).astype(int)
    opened = np.maximum(np.concatenate([[5_000], close[:-1]]) + gaps, 400)
    up, down = np.abs(random.normal(0, spread, (2, count))).astype(int)
    return Bars.of(
        SYMBOL,
        "1d",
        ts=np.arange(count, dtype=np.int64) * 86_400_000_000_000,
        open=opened / 100,
        high=(np.maximum(opened, close) + up) / 100,
        low=np.maximum(np.minimum(opened, close) - down, 1) / 100,
        close=close / 100,
        volume=random.integers(0, 200, count) * 1.0 if has_volume else None,
    )


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from([Kind.STOCK, Kind.FUTURE]))
    is_future = kind is Kind.FUTURE
    return {
        "instrument": Instrument(
            symbol=SYMBOL,
            kind=kind,
            tick_size=Decimal("0.01"),
            multiplier=Decimal(10 if is_future else 1),
            can_short=draw(st.booleans()) or is_future,
        ),
        "cash": draw(st.sampled_from([300, 5_000, 100_000])),
        "commission": draw(
            st.sampled_from([0, 0.001, Commission(minimum=Decimal(5), sell_tax=Decimal("0.001"))])
        ),
        "slippage": draw(st.sampled_from(SLIPPAGES)),
        "sizing": draw(st.sampled_from(SIZINGS)),
        "margin": draw(st.sampled_from([0.1, 0.5])) if is_future else None,
        "participation": draw(st.sampled_from([None, 0.1, 1])),
        "latency": draw(st.sampled_from([0, 0, 1, 2])),
    }


@pytest.mark.parametrize("strategy", EVERY, ids=lambda one: one.__name__)
@settings(max_examples=6)
@given(walks(), options(), st.data())
@pytest.mark.sample(0.5)
def test_events_and_machine_code_agree(
    strategy: type[Strategy], bars: Bars, given: dict[str, Any], data: st.DataObject
) -> None:
    if strategy is Bracketed:
        given = given | {"parameters": {"way": data.draw(st.integers(0, 5))}}

    event(agree(strategy, bars, given))


def agree(strategy: type[Strategy], bars: Bars, given: Mapping[str, Any]) -> str:
    """Hold both to each other; who made the run that was to be compiled."""
    try:
        slow = backtest(strategy, bars, engine="event", **given)
    except (StrategyFailed, StopNeeded) as failed:
        with pytest.raises(type(failed), match=re.escape(str(failed))):
            backtest(strategy, bars, engine="compiled", **given)
        return "neither"

    fast = backtest(strategy, bars, engine="compiled", **given)

    assert slow.executor == "event"
    for name in ("fills", "orders", "round_trips", "positions"):
        assert list(getattr(fast, name).rows()) == list(getattr(slow, name).rows()), name
    assert fast.final_equity == slow.final_equity
    np.testing.assert_allclose(
        fast.equity["equity"], slow.equity["equity"], rtol=1e-9, atol=1e-9 * float(slow.spec.cash)
    )
    return fast.executor


def run(strategy: type[Strategy], **given: Any) -> BacktestResult:
    return backtest(strategy, make_walk(), commission=0.0007, **given)


@pytest.mark.parametrize("strategy", EVERY, ids=lambda one: one.__name__)
def test_every_strategy_is_compiled_without_asking(strategy: type[Strategy]) -> None:
    result = run(strategy, size=1)

    assert result.executor == "compiled"
    assert len(result.fills)


def test_a_class_without_the_mark_is_compiled_only_where_asked() -> None:
    class Plain(Cross):
        is_compiled = False

    assert run(Plain).executor == "event"
    assert run(Plain, engine="compiled").executor == "compiled"


REFUSED = """
@compiled
class Written(Strategy):
    def initialize(self, ctx):
        self.seen = []

    def on_bar(self, ctx, bar):
        self.seen.append(bar.close)
        if len(self.seen) == 3:
            ctx.buy(bar.symbol, 1)
"""


def test_what_cannot_be_compiled_runs_as_python_with_a_warning() -> None:
    with pytest.warns(RunsAsPython, match=r"line 10: `self.seen.append\(bar.close\)`"):
        result = run(write(REFUSED))

    assert result.executor == "event"
    assert len(result.fills) == 1


def test_what_cannot_be_compiled_is_refused_where_it_was_asked_for() -> None:
    with pytest.raises(NotCompilable):
        run(write(REFUSED), engine="compiled")


def test_a_compiled_class_runs_as_python_where_that_was_asked_for() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert run(write(REFUSED), engine="event").executor == "event"


def test_what_python_raises_is_told_as_python_tells_it() -> None:
    strategy = write(
        "@compiled\nclass Written(Strategy):\n    count = 3\n"
        "    def on_bar(self, ctx, bar):\n        self.count -= 1\n        x = 1 / self.count\n"
    )

    with pytest.raises(StrategyFailed, match="ZeroDivisionError"):
        run(strategy)


def test_the_cell_of_a_notebook_and_a_file_are_compiled(tmp_path: Any) -> None:
    text = (
        "@compiled\nclass Written(Strategy):\n    def on_bar(self, ctx, bar):\n"
        "        if ctx.position.is_flat:\n            ctx.buy(bar.symbol, 1)\n"
    )
    file = tmp_path / "mine.py"
    file.write_text(HEAD + text)

    in_cell, in_file = run(write(text)), run(load_strategy(str(file)))

    assert in_cell.executor == in_file.executor == "compiled"
    assert in_cell.final_equity == in_file.final_equity


def test_orders_before_the_first_bar_are_left_to_the_event_engine() -> None:
    class Early(Cross):
        def initialize(self, ctx):  # type: ignore[no-untyped-def]
            super().initialize(ctx)
            ctx.buy(SYMBOL, 1)

    with pytest.warns(RunsAsPython, match="initialize sends orders"):
        assert run(Early).executor == "event"


def test_more_orders_than_there_are_slots_are_left_to_the_event_engine() -> None:
    strategy = write(
        "@compiled\nclass Written(Strategy):\n    def on_bar(self, ctx, bar):\n"
        "        ctx.buy(bar.symbol, 1, price=round(bar.close / 2, 2))\n"
    )

    result = run(strategy)

    assert result.executor == "event"
    assert len(result.orders) == 400


@pytest.mark.parametrize("has_run", [False, True])
def test_a_forked_child_compiles_and_runs(has_run: bool) -> None:
    if has_run:
        run(Turning, size=1)
    context = multiprocessing.get_context("fork")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # test runners have threads
        with context.Pool(1) as pool:
            found = pool.apply(_equity, ("Turning",))

    assert found == run(Turning, size=1).final_equity


def _equity(name: str) -> Decimal:
    strategy = {"Turning": Turning}[name]
    result = run(strategy, size=1)
    assert result.executor == "compiled"
    return result.final_equity


def test_the_average_price_is_that_of_the_ledger_to_the_last_bit() -> None:
    assert agree(Pyramid, make_walk(), {"cash": 1_000_000}) == "compiled"


def test_the_hashes_of_both_are_alike() -> None:
    slow, fast = run(Cross, engine="event"), run(Cross)

    assert fast.hashes.spec == slow.hashes.spec
    assert fast.hashes.code == slow.hashes.code
    assert math.isclose(fast.metrics.total_return, slow.metrics.total_return, rel_tol=1e-9)
