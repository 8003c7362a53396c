"""The section that says how likely a result is luck."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, TrialCount
from quantloom.report import LANGUAGES, render_report
from quantloom.report.luck import FEWEST_TRADES, luck_of
from quantloom.report.texts import Words
from tests.library.report.runs import Flip, Hold, Idle, Page, Swing, run

EN = Words("en")


def tried(result: BacktestResult, probability: float, count: int = 40) -> BacktestResult:
    trials = TrialCount(
        lineage="Flip",
        symbols=result.spec.symbols,
        count=count,
        luck_sharpe=1.25,
        deflated_sharpe_ratio=probability,
    )
    return replace(result, trials=trials)


def test_a_result_of_many_trials_is_set_against_luck() -> None:
    first, second, *_ = luck_of(tried(run(Swing), 0.41), EN).sentences

    assert "tried 40 times" in first
    assert "about 1.25 by luck alone" in first
    assert "probability of 41.0%. Below 95%, take it for luck" in second


def test_what_luck_does_not_explain_is_not_called_luck() -> None:
    sentences = luck_of(tried(run(Swing), 0.97), EN).sentences

    assert "more than luck explains well" in sentences[1]


def test_a_run_that_was_not_counted_says_so() -> None:
    assert "Trials were not counted" in luck_of(run(Swing), EN).sentences[0]


def test_the_only_trial_is_not_set_against_the_best_of_many() -> None:
    first = luck_of(tried(run(Swing), 0.5, count=1), EN).sentences[0]

    assert first == "Trials of this strategy on these instruments so far: 1."


def test_curves_begin_with_the_capital_and_their_line_is_what_happened() -> None:
    result = run(Swing)

    found = luck_of(result, EN)

    assert found.days is not None
    assert found.trades is not None
    for curves in (found.days, found.trades):
        low, lower, middle, upper, high = np.array(curves["bands"])
        starts = [curves["measured"][0], low[0], lower[0], middle[0], upper[0], high[0]]
        assert starts == [float(result.spec.cash)] * 6
        assert (low <= lower).all()
        assert (lower <= middle).all()
        assert (upper <= high).all()
    assert found.days["measured"][-1] == pytest.approx(float(result.final_equity), abs=0.01)
    pnl = result.round_trips.floats("pnl").sum()
    assert found.trades["measured"][-1] == pytest.approx(float(result.spec.cash) + pnl, abs=0.01)


def test_the_table_has_the_measured_figure_and_five_levels() -> None:
    rows = luck_of(run(Swing), EN).sheet.rows

    assert [len(row) for row in rows] == [7] * 6
    assert rows[0][0].text == "Annual return \N{MIDDLE DOT} days drawn anew"


@pytest.mark.parametrize("strategy", [Idle, Hold])
def test_too_little_to_draw_from_draws_nothing(strategy: type[Idle]) -> None:
    found = luck_of(run(strategy), EN)

    assert len(run(strategy).round_trips) < FEWEST_TRADES
    assert found.trades is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_both_figures_and_the_words(language: str) -> None:
    page = Page(render_report(tried(run(Flip), 0.2), language=language))

    drawn = [attrs.get("id") for _, attrs in page.opened]
    assert ("luck-days-chart" in drawn) == (page.data["luck"]["days"] is not None)
    assert Words(language)("luck") in page.texts["h2"]


def test_the_same_result_draws_the_same_bands(tmp_path: Path) -> None:
    result = run(Swing)
    result.save(tmp_path / "kept")

    assert luck_of(result, EN) == luck_of(run(Swing), EN)
