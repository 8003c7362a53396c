"""What a notebook shows of a result by itself."""

import re
import sys

import numpy as np
import pytest

from quantloom.backtest import BacktestResult
from quantloom.performance import METRICS
from quantloom.report import ReportExtraMissing, UnknownLanguage, plot_result, summarise_html
from quantloom.report.inline import HEIGHT, sparkline
from tests.library.report.runs import SYMBOLS, Flip, Greedy, Hold, Idle, Page, rove, run


@pytest.mark.parametrize("result", [run(Idle), run(Hold, bars=1), run(Greedy, bars=9), rove()])
def test_a_result_shows_itself_in_well_formed_html(result: BacktestResult) -> None:
    shown = result._repr_html_()

    assert Page(shown).is_closed
    assert METRICS["total_return"].label_en in shown
    assert "<script" not in shown
    assert len(shown) < 20_000


def test_a_result_shows_itself_without_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)

    assert "<svg" in run(Flip)._repr_html_()


def test_names_of_a_strategy_are_no_markup() -> None:
    hostile = type("<img src=x>", (Flip,), {"__doc__": "Hostile."})

    assert "<img" not in run(hostile)._repr_html_()


def test_a_summary_is_told_in_chinese() -> None:
    assert METRICS["total_return"].label_zh in summarise_html(rove(), language="zh")


def test_a_curve_keeps_its_highest_and_its_lowest_point() -> None:
    curve = np.concatenate((np.full(5_000, 100.0), [250.0, 20.0], np.full(5_000, 100.0)))

    heights = [
        float(y) for y in re.findall(r",([\d.]+)", sparkline(curve, 100.0).split("points")[1])
    ]

    assert min(heights) == 2
    assert max(heights) == HEIGHT - 2


def test_a_figure_has_prices_marks_equity_and_drawdown() -> None:
    result = run(Flip)

    figure = result.plot()

    kinds = [trace.type for trace in figure.data]
    assert kinds.count("candlestick") == 1
    marks = figure.select_traces({"mode": "markers"})
    assert sum(len(trace.x) for trace in marks) == len(result.fills)
    deepest = -100 * result.metrics.max_drawdown_ratio
    assert min(figure.data[-1].y) == pytest.approx(deepest, abs=0.01)


def test_a_figure_of_several_instruments_has_each_and_the_benchmark() -> None:
    figure = rove().plot(language="zh")

    titles = [note.text for note in figure.layout.annotations]
    assert titles[:3] == list(SYMBOLS)
    assert any("INDEX.LOCAL" in (trace.name or "") for trace in figure.data)


def test_an_unknown_language_is_refused() -> None:
    for show in (plot_result, summarise_html):
        with pytest.raises(UnknownLanguage):
            show(run(Idle, bars=5), language="fr")


def test_a_figure_needs_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.subplots", None)

    with pytest.raises(ReportExtraMissing, match="plotly"):
        run(Idle, bars=5).plot()


def test_measures_show_their_values_and_why_one_has_none() -> None:
    result = run(Idle)

    assert "Sharpe ratio" in str(result.metrics)
    shown = result.metrics._repr_html_()

    assert Page(shown).is_closed
    assert shown.count("<tr") == len(METRICS)
    assert "there are no round trips" in shown
    assert f"{result.metrics.total_return:.2%}" in shown
