"""Whole runs of strategies that give weights."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, NoSignals, StrategyFailed, Unheard, backtest
from quantloom.market import Bar, Bars, Instrument, Kind
from quantloom.strategy import BadWeights, Context, Panel, Strategy, Weights
from tests.library.backtest.portfolio.cases import by_events, giving

DAY_NS = 86_400_000_000_000


def make_days(symbol: str, closes: list[float], *, first: int = 0, **columns: Any) -> Bars:
    """Daily bars that open where the one before has closed."""
    close = np.array(closes)
    opens = np.concatenate([close[:1], close[:-1]])
    return Bars.of(
        symbol,
        "1d",
        ts=(np.arange(len(close)) + first) * DAY_NS,
        open=opens,
        high=np.maximum(opens, close),
        low=np.minimum(opens, close),
        close=close,
        **columns,
    )


def run(
    values: list[list[float]], closes: dict[str, list[float]], *, of: str = "equity", **options: Any
) -> BacktestResult:
    """Weights decided at the closes of the first bars, one row each."""
    data = {symbol: make_days(symbol, given) for symbol, given in closes.items()}
    instruments = {
        symbol: Instrument(symbol=symbol, kind=Kind.STOCK, tick_size=Decimal("0.01"))
        for symbol in data
    }
    given = {"cash": 1000, "participation": None, "instrument": instruments} | options
    return backtest(giving(range(len(values)), values, of), data, **given)


def test_weights_are_traded_at_the_next_open() -> None:
    result = run([[0.5, 0.25]], {"A.LOCAL": [10.0, 20.0], "B.LOCAL": [5.0, 5.0]})

    assert result.fills["symbol"].tolist() == ["B.LOCAL", "A.LOCAL"]
    assert result.fills["quantity"].tolist() == [50, 50]
    assert result.fills["ts_ns"].tolist() == [DAY_NS, DAY_NS]
    assert result.final_equity == 1500


def test_a_weight_that_is_nan_leaves_what_is_held() -> None:
    nan = float("nan")

    result = run([[0.5, 0.0], [nan, 0.5]], {"A.LOCAL": [10.0] * 4, "B.LOCAL": [10.0] * 4})

    assert result.positions["symbol"].tolist() == ["A.LOCAL", "B.LOCAL"]
    assert result.positions["quantity"].tolist() == [50, 50]


def test_sales_go_before_purchases() -> None:
    result = run([[0.0, 1.0], [1.0, 0.0]], {"A.LOCAL": [10.0] * 4, "B.LOCAL": [10.0] * 4})

    assert result.fills["side"].tolist() == ["buy", "sell", "buy"]
    assert result.orders["status"].tolist() == ["filled"] * 3


def test_the_largest_purchase_is_trimmed_where_money_runs_out() -> None:
    result = run([[0.8, 0.4]], {"A.LOCAL": [10.0] * 2, "B.LOCAL": [10.0] * 2})

    assert result.orders["symbol"].tolist() == ["B.LOCAL", "A.LOCAL"]
    assert result.orders["filled"].tolist() == [40, 60]
    assert result.orders["rule"].tolist() == ["", "trimmed"]


def test_weights_of_money_do_not_grow_with_equity() -> None:
    values = [[500.0], [500.0], [500.0]]

    result = run(values, {"A.LOCAL": [10.0, 10.0, 20.0, 20.0]}, of="money")

    assert result.fills["quantity"].tolist() == [50, 25]


def test_what_waits_for_volume_counts_as_held_at_the_next_moment() -> None:
    bars = make_days("A.LOCAL", [10.0] * 5, volume=[100.0] * 5)

    result = backtest(giving([0, 1, 2], [[0.5]] * 3), bars, cash=1000, participation=0.1)

    assert result.orders["quantity"].tolist() == [50]
    assert result.fills["quantity"].tolist() == [10] * 4


def test_a_weight_before_the_first_bar_is_an_error() -> None:
    class Early(Strategy):
        def generate_weights(self, panel: Panel) -> Weights:
            return Weights(np.array([0]), np.array([[0.5, 0.5]]))

    data = {
        "A.LOCAL": make_days("A.LOCAL", [10.0] * 3),
        "B.LOCAL": make_days("B.LOCAL", [10.0] * 2, first=1),
    }

    with pytest.raises(BadWeights, match=r"B\.LOCAL is given 0\.5 on 1970-01-01, before its first"):
        backtest(Early, data)


def test_what_raises_in_generate_weights_is_told_with_its_line() -> None:
    class Broken(Strategy):
        def generate_weights(self, panel: Panel) -> Weights:
            raise ValueError("no idea")

    with pytest.raises(StrategyFailed, match=r"Broken\.generate_weights failed .*no idea"):
        backtest(Broken, make_days("A.LOCAL", [10.0] * 3))


def test_something_else_than_weights_is_refused() -> None:
    class Odd(Strategy):
        def generate_weights(self, panel: Panel) -> Any:
            return {"A.LOCAL": 1.0}

    with pytest.raises(BadWeights, match="gave dict"):
        backtest(Odd, make_days("A.LOCAL", [10.0] * 3))


def test_parameters_and_warm_up_are_as_in_other_strategies() -> None:
    class Late(Strategy):
        def warm_up(self) -> int:
            return 2

        def generate_weights(self, panel: Panel) -> Weights:
            return panel.decide(panel.daily(), lambda past: [0.5])

    bars = make_days("A.LOCAL", [10.0] * 6)

    result = backtest(Late, bars, start="1970-01-04", cash=1000)

    assert len(result.equity) == 3
    assert result.fills["ts_ns"].tolist() == [4 * DAY_NS]


def test_a_state_needs_somebody_to_take_it_up() -> None:
    with pytest.raises(Unheard):
        backtest(giving([0], [[0.5]]), make_days("A.LOCAL", [10.0] * 3), state={"seen": 1})


@pytest.mark.parametrize(
    "options",
    [{"latency": 1}, {"interest": 0.02}, {"detail": True}],
    ids=lambda options: next(iter(options)),
)
def test_what_the_core_does_not_know_is_run_by_events(options: dict[str, Any]) -> None:
    bars = make_days("A.LOCAL", [10.0, 11.0, 12.0, 11.0, 12.0])
    if "detail" in options:
        ts = np.arange(10) * DAY_NS // 2
        flat = np.repeat(bars.open, 2)
        options = {
            "detail": Bars.of("A.LOCAL", "12h", ts=ts, open=flat, high=flat, low=flat, close=flat)
        }
    strategy = giving([0, 2], [[0.5], [0.0]])

    result = backtest(strategy, bars, cash=1000, **options)
    with by_events():
        followed = backtest(strategy, bars, cash=1000, **options)

    assert len(result.fills) == 2
    assert result.hashes == followed.hashes


@pytest.mark.parametrize(
    ("engine", "executor"), [("auto", "portfolio"), ("vectorised", "portfolio"), ("event", "event")]
)
def test_the_engine_says_who_follows_weights(engine: Any, executor: str) -> None:
    bars = make_days("A.LOCAL", [10.0, 11.0, 12.0, 11.0])

    result = backtest(giving([0, 2], [[0.5], [0.0]]), bars, cash=1000, engine=engine)

    assert (result.executor, len(result.fills)) == (executor, 2)


class Both(Strategy):
    """Buys by its callback and sells short by its weights."""

    def generate_weights(self, panel: Panel) -> Weights:
        return Weights(np.array([0]), np.array([[-0.5]]))

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        if ctx.position.is_flat:
            ctx.target_weight(bar.symbol, 0.5)


@pytest.mark.parametrize(
    ("engine", "side", "executor"),
    [("auto", "buy", "event"), ("event", "buy", "event"), ("vectorised", "sell", "portfolio")],
)
def test_callbacks_go_before_weights_unless_the_vectorised_engine_is_asked_for(
    engine: Any, side: str, executor: str
) -> None:
    bars = make_days("A.LOCAL", [10.0, 11.0, 12.0, 11.0])

    result = backtest(Both, bars, cash=1000, engine=engine)

    assert result.fills["side"].tolist() == [side]
    assert result.executor == executor


def test_the_vectorised_engine_needs_signals_or_weights() -> None:
    class Plain(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            """Holds nothing."""

    with pytest.raises(NoSignals, match=r"and no generate_weights\(self, panel\)"):
        backtest(Plain, make_days("A.LOCAL", [10.0] * 3), engine="vectorised")


def test_weights_asked_for_by_the_vectorised_engine_are_audited_as_weights() -> None:
    class Leaking(Both):
        def generate_weights(self, panel: Panel) -> Weights:
            rises = np.append(panel.close[1:, 0] > panel.close[:-1, 0], [False])
            return Weights(np.arange(len(panel)), np.where(rises, 0.5, 0.0)[:, np.newaxis])

    rng = np.random.default_rng(3)
    bars = make_days("A.LOCAL", (20 + np.cumsum(rng.choice([-0.1, 0.1], 200))).round(2).tolist())

    result = backtest(Leaking, bars, engine="vectorised", audit="full")

    assert result.audit is not None
    assert result.audit.leaks
