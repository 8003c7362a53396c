"""What signals mean, case by case, in both engines; docs/reference/signals.md has the sentences."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, NoSignals, StrategyFailed, backtest
from quantloom.market import Bars
from quantloom.strategy import BadSignals, Context, RiskPerTrade, Signals, Strategy
from quantloom.trading import atr, percent
from tests.library.backtest.builders import OTHER, SYMBOL, make_bars, make_instrument
from tests.library.backtest.signal_cases import following

RISING = [float(price) for price in range(100, 112)]
Rows = list[Any]


def flags(*rows: int) -> Any:
    found = np.zeros(len(RISING), dtype=np.bool_)
    found[[*rows]] = True
    return found


def run(signals: Signals, rows: Rows = RISING, **settings: Any) -> BacktestResult:
    """Run signals both ways and give the one result."""
    terms: dict[str, Any] = {"instrument": make_instrument(), "participation": None, "size": 1}
    strategy = following(signals)
    event, core = (
        backtest(strategy, make_bars(rows), engine=engine, **(terms | settings))
        for engine in ("event", "vectorised")
    )
    assert core.executor == "vectorised"
    assert event.hashes.result == core.hashes.result
    return core


def fills_of(result: BacktestResult) -> list[tuple[str, float]]:
    return [(row["side"], float(row["price"])) for row in result.fills.rows()]


def test_a_signal_fills_from_the_next_bars_open() -> None:
    result = run(Signals(entries=flags(2), exits=flags(5)))

    assert fills_of(result) == [("buy", 103), ("sell", 106)]


def test_an_exit_is_a_level() -> None:
    late = flags(*range(6, 12))

    assert fills_of(run(Signals(entries=flags(2), exits=late)))[1] == ("sell", 107)


def test_an_entry_beside_an_open_position_is_passed_over() -> None:
    assert len(run(Signals(entries=flags(2, 4, 6))).fills) == 1


def test_an_entry_while_an_order_waits_is_passed_over() -> None:
    assert len(run(Signals(entries=flags(2, 3)), latency=3).orders) == 1


def test_an_entry_of_the_other_side_is_passed_over_unless_it_turns() -> None:
    kept = run(Signals(entries=flags(2), short_entries=flags(5)))
    turned = run(Signals(entries=flags(2), short_entries=flags(5), turns=True))

    assert fills_of(kept) == [("buy", 103)]
    assert fills_of(turned) == [("buy", 103), ("sell", 106), ("sell", 106)]
    assert turned.equity["quantity"][-1] == -1


def test_where_both_entries_are_signalled_it_buys() -> None:
    assert fills_of(run(Signals(entries=flags(2), short_entries=flags(2)))) == [("buy", 103)]


def test_an_exit_and_an_entry_on_one_bar_leave_first() -> None:
    result = run(Signals(entries=flags(2, 5, 6), exits=flags(5)))

    assert fills_of(result) == [("buy", 103), ("sell", 106), ("buy", 107)]


def test_each_entry_carries_its_ways_out() -> None:
    rows: Rows = [*RISING[:5], (104.0, 104.0, 90.0, 91.0), *RISING[6:]]
    signals = Signals(entries=flags(2), stop_loss=percent(5), take_profit=percent(50))
    result = run(signals, rows)

    assert result.fills["cause"].tolist() == ["market", "stop_loss"]
    assert result.orders["rule"].tolist()[-1] in {"oco", "position_closed"}


def test_a_weight_is_held_until_the_next_one() -> None:
    weights = np.full(len(RISING), np.nan)
    weights[[1, 4, 7]] = 0.5, 0.25, 0.0
    result = run(Signals(weights=weights), cash=1_000)

    assert result.equity["quantity"].tolist() == [0, 0, 4, 4, 4, 2, 2, 2, 0, 0, 0, 0]


def test_a_way_out_by_the_average_true_range_is_measured_at_the_signal() -> None:
    rows: Rows = [(price, price + 0.5, price - 0.5, price) for price in RISING]
    signals = Signals(entries=flags(5), stop_loss=atr(2, 3), take_profit=atr(3, 3))
    result = run(signals, rows)

    # Each true range is the step of 1 and half a point beyond it.
    assert result.orders["stop"].tolist()[1] == 106 - 2 * 1.5
    assert result.orders["price"].tolist()[2] == 106 + 3 * 1.5


def test_an_entry_before_the_average_true_range_is_known_is_refused() -> None:
    signals = Signals(entries=flags(1, 5), stop_loss=atr(2, 3), take_profit=percent(50))
    result = run(signals, size=None, sizing=RiskPerTrade())

    ends = list(zip(result.orders["status"].tolist(), result.orders["rule"].tolist(), strict=True))
    assert ends[:2] == [("rejected", "not_ready"), ("cancelled", "entry_gone")]
    assert ends[2] == ("filled", "")


def test_what_the_core_does_not_know_is_left_to_the_event_engine() -> None:
    signals = Signals(entries=flags(3))
    result = backtest(following(signals), make_bars(RISING), interest=0.02)

    assert (result.executor, len(result.fills)) == ("event", 1)


def test_a_class_with_signals_alone_is_run_by_the_core() -> None:
    strategy = following(Signals(entries=flags(3)))

    assert backtest(strategy, make_bars(RISING)).executor == "vectorised"
    assert backtest(strategy, make_bars(RISING), engine="event").executor == "event"


def test_a_class_with_callbacks_is_run_by_them() -> None:
    assert backtest("sma-cross", make_bars(RISING)).executor == "event"
    assert backtest("sma-cross", make_bars(RISING), engine="vectorised").executor == "vectorised"


def test_instruments_are_signalled_each_on_its_own() -> None:
    class ByPrice(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            return Signals(entries=bars.close > 105)

    data = {SYMBOL: make_bars(RISING), OTHER: make_bars([100.0] * 12, symbol=OTHER)}
    result = backtest(ByPrice, data, size=1, participation=None)

    assert result.executor == "event"
    assert result.fills["symbol"].tolist() == [SYMBOL]


def test_instruments_share_the_cash_of_one_account() -> None:
    first, second = flags(2, 6), flags(2, 4)
    chosen = {SYMBOL: first, OTHER: second}

    class Both(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            return Signals(entries=chosen[bars.symbol], exits=flags(9))

    data = {symbol: make_bars(RISING, symbol=symbol) for symbol in chosen}
    terms: dict[str, Any] = {"participation": None, "size": 6, "cash": 1_000, "commission": 0}
    core, event = (
        backtest(Both, data, engine=engine, **terms) for engine in ("vectorised", "event")
    )

    assert (core.executor, core.hashes.result) == ("event", event.hashes.result)
    assert core.fills["symbol"].tolist() == [SYMBOL, SYMBOL]
    assert core.orders["rule"].tolist() == ["", "insufficient_funds", "insufficient_funds", ""]


def test_a_strategy_without_signals_is_refused() -> None:
    class Plain(Strategy):
        def on_bar(self, ctx: Context, bar: Any) -> None:
            """Do nothing."""

    with pytest.raises(NoSignals, match=r"Plain has no generate_signals\(self, bars\)"):
        backtest(Plain, make_bars(RISING), engine="vectorised")


def test_what_fails_in_signals_is_told_with_its_line() -> None:
    class Failing(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            raise ValueError("no luck")

    class Wrong(Strategy):
        def generate_signals(self, bars: Bars) -> Signals:
            return [True]  # type: ignore[return-value]

    with pytest.raises(StrategyFailed, match=r"generate_signals failed .* no luck \(line \d+\)"):
        backtest(Failing, make_bars(RISING))
    with pytest.raises(BadSignals, match=r"Wrong\.generate_signals gave list; return Signals"):
        backtest(Wrong, make_bars(RISING))
    with pytest.raises(BadSignals, match="there are 12 signals for 3 bars"):
        backtest(following(Signals(entries=flags(1))), make_bars(RISING[:3]))


def test_a_result_keeps_its_executor(tmp_path: Any) -> None:
    from quantloom.backtest import load_result

    result = run(Signals(entries=flags(2)))
    result.save(tmp_path / "kept")

    assert load_result(tmp_path / "kept").executor == "vectorised"
    assert replace(result, executor="event").hashes == result.hashes
