"""Results side by side."""

from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import BadNames, NothingToCompare, backtest, compare
from quantloom.performance import METRICS
from tests.library.backtest.builders import run
from tests.library.backtest.runs import make_walk, rove


def test_every_measure_stands_beside_its_like() -> None:
    first, second = rove(seed=1), rove(seed=2)

    found = compare([first, second], ["one", "two"])

    row = list(METRICS).index("total_return")
    assert found.metrics["one"][row] == first.metrics.total_return
    assert found.metrics["two"][row] == second.metrics.total_return
    assert found.metrics["metric"].tolist() == list(METRICS)


def test_the_best_is_the_highest_or_the_lowest_as_the_measure_wants() -> None:
    first, second = rove(seed=1), rove(seed=2)

    best = compare([first, second], ["one", "two"]).best

    returned = {"one": first.metrics.total_return, "two": second.metrics.total_return}
    fallen = {"one": first.metrics.max_drawdown_ratio, "two": second.metrics.max_drawdown_ratio}
    assert best["total_return"] == (max(returned, key=lambda name: returned[name]),)
    assert best["max_drawdown_ratio"] == (min(fallen, key=lambda name: fallen[name]),)
    assert "trading_days" not in best


def test_among_equals_none_is_best_and_a_missing_value_never_is() -> None:
    idle = run({}, [10, 11, 12])

    found = compare([idle, idle], ["one", "two"])

    assert found.best == {}
    assert np.isnan(found.metrics["one"][list(METRICS).index("win_rate")])


def test_curves_start_from_a_hundred_whatever_the_capital() -> None:
    walk = make_walk("X.LOCAL")
    small = backtest("sma-cross", walk, cash=10_000)
    large = backtest("sma-cross", walk, cash=1_000_000)

    curves = compare([small, large], ["small", "large"]).curves

    assert curves["small"][0] == pytest.approx(100)
    assert curves["large"][-1] == pytest.approx(large.metrics.final_equity / 10_000)


def test_a_day_of_one_result_alone_is_empty_in_the_other() -> None:
    whole, part = rove(count=100), rove(count=60)

    curves = compare([whole, part], ["whole", "part"]).curves

    assert len(curves) == 100
    assert np.isfinite(curves["whole"]).all()
    assert np.isnan(curves["part"][60:]).all()


def test_a_result_moves_with_itself_and_correlation_goes_both_ways() -> None:
    found = compare([rove(seed=1), rove(seed=2)], ["one", "two"]).correlation

    assert found["one"][0] == pytest.approx(1)
    assert found["one"][1] == pytest.approx(found["two"][0])


def test_results_without_a_shared_day_have_no_correlation() -> None:
    later = run({}, [10, 11], start_hour=24 * 400)

    found = compare([run({}, [10, 11]), later], ["one", "two"]).correlation

    assert np.isnan(found["two"][0])


def test_parameters_name_runs_of_one_strategy() -> None:
    walk = make_walk("X.LOCAL")
    runs = [backtest("sma-cross", walk, parameters={"fast": fast}) for fast in (5, 10)]

    assert compare(runs).names == ("sma-cross (fast=5)", "sma-cross (fast=10)")


def test_a_strategy_that_is_there_once_keeps_its_bare_name() -> None:
    walk = make_walk("X.LOCAL")

    assert compare([backtest("sma-cross", walk), rove()]).names == ("sma-cross", "Roving")


def test_equal_runs_are_numbered() -> None:
    assert compare([rove(), rove()]).names == ("Roving #1", "Roving #2")


def test_differences_name_each_setting_that_differs_and_no_other() -> None:
    walk = make_walk("X.LOCAL")
    cheap = backtest("sma-cross", walk, parameters={"fast": 5})
    dear = backtest("sma-cross", walk, parameters={"fast": 10}, cash=50_000, commission=0.001)

    found = compare([cheap, dear]).differences

    assert found["parameters.fast"] == ("5", "10")
    assert found["cash"] == ("100000", "50000")
    assert found["commission.open.by_money"] == ("0", "0.001")
    assert {name.partition(".")[0] for name in found} == {"parameters", "cash", "commission"}


def test_one_result_is_nothing_to_compare() -> None:
    with pytest.raises(NothingToCompare, match="two results or more"):
        compare([rove(count=5)])


@pytest.mark.parametrize("names", [["one"], ["one", "one"], ["day", "two"]])
def test_names_must_tell_the_results_apart(names: list[str]) -> None:
    with pytest.raises(BadNames, match="name of its own"):
        compare([rove(count=5), rove(count=5)], names)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_comparison_is_written_as_one_page_that_loads_nothing(
    tmp_path: Path, language: str
) -> None:
    found = compare([rove(seed=1), rove(seed=2)], ["<b>one</b>", "two"])

    page = found.to_html(tmp_path / "both.html", language=language).read_text()

    assert "<b>one</b>" not in page
    assert "default-src 'none'" in page
    assert "src=" not in page
    assert page.count("<polyline") == 4
    assert found._repr_html_() in compare([rove(seed=1), rove(seed=2)], found.names)._repr_html_()


def test_a_figure_has_a_line_for_each_result() -> None:
    figure = compare([rove(seed=1), rove(seed=2)], ["one", "two"]).plot()

    assert [line.name for line in figure.data] == ["one", "two"]
    assert figure.data[0].y[0] == pytest.approx(100, abs=1)


def test_drawdowns_stand_beside_each_other() -> None:
    whole, part = rove(count=100), rove(count=60)

    drawdowns = compare([whole, part], ["whole", "part"]).drawdowns

    assert drawdowns["whole"].max() == pytest.approx(whole.metrics.max_drawdown_ratio)
    assert np.isnan(drawdowns["part"][60:]).all()


def test_round_trips_that_one_alone_has_are_told() -> None:
    walk = make_walk("X.LOCAL")
    quick = backtest("sma-cross", walk, parameters={"fast": 5}, size=1)
    same = backtest("sma-cross", walk, parameters={"fast": 5}, size=2)
    slow = backtest("sma-cross", walk, parameters={"fast": 12}, size=1)

    alike, apart = compare([quick, same], ["a", "b"]), compare([quick, slow], ["a", "b"])

    first, second = (set(one.round_trips["entry_ns"].tolist()) for one in (quick, slow))
    assert len(alike.trades) == 0
    assert alike.shared_trades == len(first)
    assert apart.shared_trades == len(first & second)
    alone = {
        name: set(apart.trades["entry_ns"][apart.trades["name"] == name].tolist()) for name in "ab"
    }
    assert alone == {"a": first - second, "b": second - first}


def test_money_of_different_currencies_is_not_ranked() -> None:
    walk = make_walk("X.LOCAL")
    yuan = backtest("sma-cross", walk, currency="CNY", fx={"USD": 7}, cash=700_000)
    dollars = backtest("sma-cross", walk, commission=0.001)

    best = compare([yuan, dollars], ["yuan", "dollars"]).best

    assert yuan.spec.currency != dollars.spec.currency
    assert "total_return" in best
    assert [name for name in best if METRICS[name].unit == "money"] == []
    assert "net_profit" in compare([dollars, rove()], ["a", "b"]).best
