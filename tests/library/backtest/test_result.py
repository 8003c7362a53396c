"""What a result tells beyond its tables, and only when it is asked."""

import numpy as np
import pytest

from quantloom.backtest import result as result_module
from quantloom.backtest.analysis import days_of
from quantloom.performance import measure_excursions, rolling_sharpe
from tests.library.backtest.builders import buy, run, sell, short
from tests.library.backtest.runs import SYMBOLS, rove


def test_excursions_are_those_of_the_bars_while_held() -> None:
    result = run({0: buy(1), 2: sell(1)}, [10, 10, (10, 12, 9, 11), 11])

    assert result.excursions.adverse.tolist() == [-1.0]
    assert result.excursions.favourable.tolist() == [2.0]
    assert result.metrics.average_adverse_ratio == pytest.approx(-0.1)


@pytest.mark.parametrize("by", ["side", "exit", "symbol", "tag", "year", "month"])
def test_groups_hold_every_round_trip_once(by: result_module.GroupedBy) -> None:
    result = rove()

    groups = result.groups(by)

    assert groups["count"].sum() == len(result.round_trips)
    assert groups["pnl"].sum() == pytest.approx(result.round_trips.floats("pnl").sum())


def test_groups_are_keyed_by_what_was_asked_for() -> None:
    result = rove()

    assert result.groups("symbol")["key"].tolist() == list(SYMBOLS)
    assert set(result.groups("side")["key"]) == {"buy", "sell"}
    assert result.groups("year")["key"].tolist() == ["2020"]


def test_a_run_without_round_trips_has_no_groups() -> None:
    assert len(run({}, [10, 11]).groups("side")) == 0


def test_the_trading_day_of_its_bar_dates_an_exit() -> None:
    opens = np.array([0, 10, 20])
    days = np.array(["2024-01-31", "2024-02-01", "2024-02-01"], dtype="datetime64[D]")

    found = days_of(np.array([9, 10, 35]), opens, days)

    assert found.astype(str).tolist() == ["2024-01-31", "2024-02-01", "2024-02-01"]


def test_daily_returns_compound_to_the_total() -> None:
    result = rove()

    compounded = np.prod(1 + result.daily["return"]) - 1

    assert compounded == pytest.approx(result.metrics.total_return)
    assert result.daily["drawdown"].max() == pytest.approx(result.metrics.max_drawdown_ratio)
    assert len(result.daily["benchmark_return"]) == len(result.daily)


def test_rolling_figures_are_those_of_the_last_days() -> None:
    result = rove()
    expected = rolling_sharpe(result.daily["return"], window=30, periods_per_year=365)

    rolling = result.rolling(30)

    assert rolling["sharpe"][-1] == expected[-1]
    assert np.isnan(rolling["sharpe"][:29]).all()
    assert np.isfinite(rolling["beta"][-1])
    assert len(rolling) == len(result.daily)


def test_a_run_shorter_than_the_window_has_no_rolling_figures() -> None:
    rolling = run({0: buy(1)}, [10, 11, 12]).rolling()

    assert np.isnan(rolling["sharpe"]).all()


def test_a_ruined_run_has_days_and_no_returns() -> None:
    result = run({0: short(1)}, [10, 10, 60, 60], cash=20, margin="0.1")

    assert result.daily["equity"][-1] < 0
    assert np.isnan(result.daily["return"]).all()
    assert np.isnan(result.rolling(1)["volatility"]).all()


def test_a_benchmark_is_kept_with_its_name() -> None:
    result = rove()

    assert result.benchmark is not None
    assert result.benchmark.symbol == "INDEX.LOCAL"
    assert result.metrics.beta is not None
    assert run({}, [10, 11]).benchmark is None


def test_twice_the_costs_take_the_costs_once_more() -> None:
    result = rove()

    doubled = result.equity_at_costs(2.0)

    costs = result.metrics.commission + result.metrics.slippage
    assert doubled[-1] == pytest.approx(result.metrics.final_equity - costs)
    assert result.equity_at_costs(1.0).tolist() == result.equity["equity"].tolist()


def test_findings_name_what_speaks_against_the_run() -> None:
    codes = {finding.code for finding in run({0: buy(1)}, [10, 11]).diagnostics}

    assert {"few_trips", "no_commission", "short_span"} <= codes


def test_a_run_pays_for_its_diagnosis_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def count(*given: object) -> tuple[()]:
        asked.append("diagnose")
        return ()

    monkeypatch.setattr(result_module, "diagnose", count)
    result = rove(count=20)
    assert asked == []

    assert (result.diagnostics, result.diagnostics) == ((), ())
    assert asked == ["diagnose"]


def test_excursions_of_the_metrics_and_of_the_result_agree() -> None:
    result = rove()

    measured = measure_excursions(result._trips, result.data)

    assert np.array_equal(measured.adverse_ratio, result.excursions.adverse_ratio)
    assert result.metrics.average_adverse_ratio == pytest.approx(measured.adverse_ratio.mean())
