"""The bars of many instruments side by side, and when a portfolio is looked at."""

from collections.abc import Mapping

import numpy as np
import pytest

from quantloom.backtest.portfolio import make_panel
from quantloom.market import Bars
from quantloom.strategy import BadSchedule, BadWeights, Panel, Weights

DAY_NS = 86_400_000_000_000


def make_days(
    symbol: str, first: str, closes: list[float], *, left_out: tuple[int, ...] = ()
) -> Bars:
    """Daily bars of weekdays from a day on; some of them left out."""
    days = np.busday_offset(first, np.arange(len(closes)), roll="forward")
    kept = [place for place in range(len(closes)) if place not in left_out]
    close = np.array(closes)[kept]
    ts = days[kept].astype("datetime64[ns]").astype(np.int64)
    return Bars.of(symbol, "1d", ts=ts, open=close, high=close, low=close, close=close)


def panel_of(**closes: tuple[str, list[float]]) -> Panel:
    bars = {f"{name}.LOCAL": make_days(f"{name}.LOCAL", *given) for name, given in closes.items()}
    return make_panel(bars)


def test_an_instrument_has_no_price_before_its_first_bar_and_keeps_the_last() -> None:
    panel = panel_of(A=("2024-01-01", [10.0, 11.0, 12.0, 13.0]), B=("2024-01-02", [20.0, 21.0]))

    assert np.array_equal(panel.close[:, 1], [np.nan, 20.0, 21.0, np.nan], equal_nan=True)
    assert np.array_equal(panel.last[:, 1], [np.nan, 20.0, 21.0, 21.0], equal_nan=True)


def test_a_return_over_a_pause_is_from_the_last_close_before_it() -> None:
    bars = {
        "A.LOCAL": make_days("A.LOCAL", "2024-01-01", [10.0, 11.0, 12.0]),
        "B.LOCAL": make_days("B.LOCAL", "2024-01-01", [20.0, 21.0, 30.0], left_out=(1,)),
    }

    returns = make_panel(bars).returns

    assert np.array_equal(returns[:, 1], [np.nan, np.nan, 0.5], equal_nan=True)


@pytest.mark.parametrize(
    ("schedule", "at", "wanted"),
    [
        ("daily", "last", list(range(130))),
        ("weekly", "first", list(range(0, 130, 5))),
        ("weekly", "last", list(range(4, 130, 5))),
        ("monthly", "first", [0, 23, 44, 65, 87, 110]),
        ("monthly", "last", [22, 43, 64, 86, 109, 129]),
        ("quarterly", "first", [0, 65]),
        ("quarterly", "last", [64, 129]),
        ("yearly", "first", [0]),
    ],
)
def test_schedules_go_by_trading_days(schedule: str, at: str, wanted: list[int]) -> None:
    panel = panel_of(A=("2024-01-01", [10.0] * 130))  # a Monday

    assert getattr(panel, schedule)(at).tolist() == wanted


def test_every_counts_steps() -> None:
    panel = panel_of(A=("2024-01-01", [10.0] * 10))

    assert panel.every(4, start=1).tolist() == [1, 5, 9]


def test_every_step_of_none_is_refused() -> None:
    with pytest.raises(BadSchedule, match="names no step"):
        panel_of(A=("2024-01-01", [10.0])).every(0)


def test_what_decides_is_shown_the_past_alone() -> None:
    panel = panel_of(A=("2024-01-01", [10.0, 11.0, 12.0, 13.0]), B=("2024-01-01", [1.0] * 4))
    shown = []

    def decide(past: Panel) -> Mapping[str, float]:
        shown.append((len(past), past.close[-1, 0], past.returns.shape))
        return {"A.LOCAL": 0.5}

    weights = panel.decide(np.array([1, 3]), decide)

    assert shown == [(2, 11.0, (2, 2)), (4, 13.0, (4, 2))]
    assert np.array_equal(weights.values, [[0.5, np.nan], [0.5, np.nan]], equal_nan=True)


def test_a_moment_may_pass() -> None:
    panel = panel_of(A=("2024-01-01", [10.0, 11.0, 12.0]))

    weights = panel.decide(panel.daily(), lambda past: [1.0] if len(past) == 2 else None)

    assert weights.rows.tolist() == [1]


@pytest.mark.parametrize(
    ("found", "problem"),
    [({"C.LOCAL": 1.0}, "C.LOCAL is not in the panel"), ([1.0, 2.0], r"have shape \(2,\)")],
)
def test_weights_of_other_symbols_are_refused(found: object, problem: str) -> None:
    panel = panel_of(A=("2024-01-01", [10.0]))

    with pytest.raises(BadWeights, match=problem):
        panel.decide(panel.daily(), lambda past: found)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("rows", "values", "problem"),
    [
        ([1, 1], [[1.0], [1.0]], "rows must rise"),
        ([-1], [[1.0]], "rows must rise"),
        ([0, 1], [[1.0]], "give one row of values for each moment"),
        ([0], [[np.inf]], "one is infinite"),
    ],
)
def test_weights_that_cannot_be_traded_by_are_refused(
    rows: list[int], values: list[list[float]], problem: str
) -> None:
    with pytest.raises(BadWeights, match=problem):
        Weights(np.array(rows), np.array(values))


def test_weights_are_of_equity_or_of_money() -> None:
    with pytest.raises(BadWeights, match="'equity' or 'money'"):
        Weights(np.array([0]), np.array([[1.0]]), of="cash")  # type: ignore[arg-type]


def test_volatility_is_a_years_of_the_last_closes_alone() -> None:
    panel = panel_of(A=("2024-01-01", [10.0, 11.0, 10.0, 12.0]), B=("2024-01-03", [20.0, 21.0]))

    steps = np.diff(np.log([11.0, 10.0, 12.0]))
    wanted = np.std(steps, ddof=1) * np.sqrt(panel.bars_per_year[0])
    assert panel.volatility(3) == pytest.approx([wanted, np.nan], nan_ok=True)


def test_closes_of_an_instrument_leave_out_where_it_has_none() -> None:
    panel = panel_of(A=("2024-01-01", [10.0, 11.0, 12.0, 13.0]), B=("2024-01-02", [20.0, 21.0]))

    assert panel.closes_of(1, 5).tolist() == [20.0, 21.0]
    assert panel.closes_of(0, 2).tolist() == [12.0, 13.0]
