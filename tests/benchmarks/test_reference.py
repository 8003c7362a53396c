from collections.abc import Mapping

import numpy as np
import pytest
from benchmarks.rows import CASH, COMMISSION, GOLDEN
from benchmarks.systems.job import Columns, Outcome

from benchmarks import reference, series
from tests.shared_data import SHARED, needs_shared


def make_columns(open_: list[float], close: list[float]) -> Columns:
    opened, closed = np.array(open_), np.array(close)
    ts = np.arange(len(closed), dtype=np.int64)
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    return Columns(ts, opened, high, low, closed, np.ones(len(closed)))


def test_a_breakout_turns_at_the_threshold_from_the_extreme() -> None:
    close = [100.0, 90.0, 98.0, 99.5, 120.0, 109.0, 107.0]

    assert list(reference.breakout(close, 0.1)) == [0, 0, 0, 1, 1, 1, 0]


@pytest.mark.parametrize(("last", "held"), [(4.0, 1), (1.0, 0)])
def test_averages_that_meet_cross_only_when_they_part_on_the_other_side(
    last: float, held: int
) -> None:
    close = [1.0, 1.0, 1.0, 4.0, 2.5, last]  # they meet on the fifth bar

    assert list(reference.cross(close, 1, 3)) == [0, 0, 0, 1, 1, held]


def test_orders_fill_at_the_next_open_and_cost_commission() -> None:
    columns = make_columns([10.0, 11.0, 12.0, 13.0], [10.0, 11.5, 12.5, 13.5])

    outcome = reference.settle(columns, [1, 1, 0, 1], cash=100.0, commission=0.1)

    assert outcome == Outcome(1, 0, 99.6)


GUARDED: Mapping[str, float] = {
    "threshold": 0.05,
    "loss": 0.1,
    "gain": 0.2,
    "cash": 100.0,
    "commission": 0.1,
}


def test_an_entry_is_sold_at_the_stop_and_looks_for_the_next_from_that_bar_on() -> None:
    columns = make_columns([10.0, 11.0, 11.0, 11.0, 9.0, 9.9], [10.0, 11.0, 11.0, 9.0, 9.6, 10.0])

    outcome = reference.guarded(columns, **GUARDED)

    assert (outcome.trades, outcome.open_trades) == (1, 1)
    assert outcome.final_equity == pytest.approx(100.0 - 12.1 + 9.9 * 0.9 - 9.9 * 1.1 + 10.0)


@pytest.mark.parametrize(("opened", "price"), [(13.3, 13.3), (12.0, 13.2)])
def test_a_target_that_the_open_jumps_over_is_sold_at_the_open(opened: float, price: float) -> None:
    columns = make_columns([10.0, 11.0, 11.0, opened], [10.0, 11.0, 11.0, 13.5])

    outcome = reference.guarded(columns, **GUARDED)

    assert outcome.final_equity == pytest.approx(100.0 - 11.0 * 1.1 + price * 0.9)


@pytest.mark.parametrize(
    "close", [[10.0, 11.0, 9.0], [10.0, 11.0, 13.5]], ids=["entry and stop", "entry and target"]
)
def test_bars_that_systems_may_read_differently_are_refused(close: list[float]) -> None:
    columns = make_columns([10.0, 11.0, 11.0], close)

    with pytest.raises(reference.Ambiguous):
        reference.guarded(columns, **GUARDED)


def test_a_rotation_holds_what_rose_most_from_the_open_after_a_months_first_close() -> None:
    days = np.arange("2024-01-30", "2024-02-04", dtype="datetime64[D]").astype("datetime64[ns]")
    close = np.array([[10.0, 10.0], [10.0, 10.0], [10.0, 12.0], [10.0, 13.0], [10.0, 15.0]])
    opened = close.copy()
    columns = Columns(days.view(np.int64), opened, close, opened, close, close)

    outcome = reference.rotate(columns, count=1, lookback=1, stake=30, cash=100.0, commission=0.1)

    assert outcome == Outcome(1, 1, 100.0 - 2 * 13.0 * 1.1 + 2 * 15.0)


def test_an_open_position_is_worth_the_last_close() -> None:
    columns = make_columns([10.0, 11.0], [10.0, 15.0])

    outcome = reference.settle(columns, [1, 1], cash=100.0, commission=0.0)

    assert outcome == Outcome(0, 1, 104.0)


def test_orders_may_fill_at_the_close_they_were_sent_on() -> None:
    columns = make_columns([10.0, 11.0, 12.0], [10.0, 11.5, 12.5])

    outcome = reference.settle(columns, [1, 0, 0], cash=100.0, commission=0.0, fills_at_close=True)

    assert outcome == Outcome(1, 0, 101.5)


@needs_shared
@pytest.mark.parametrize("name", GOLDEN)
def test_the_reference_comes_to_the_outcomes_that_independent_systems_agree_on(name: str) -> None:
    columns = series.read_csv(SHARED / "data" / "raw" / "backtestingpy" / f"{name}.csv")

    outcome = reference.settle(
        columns,
        reference.cross(columns.close.tolist(), 10, 30),
        cash=CASH,
        commission=COMMISSION,
    )

    expected = GOLDEN[name][1]
    assert (outcome.trades, outcome.open_trades) == (expected.trades, expected.open_trades)
    assert outcome.final_equity == pytest.approx(expected.final_equity, abs=1e-8)
