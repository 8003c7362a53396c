"""The rebalances of a portfolio in its report."""

from typing import Any

import pytest

from quantloom.report import LANGUAGES, render_report
from quantloom.report.formats import LocalClock
from quantloom.report.rebalances import last_rebalance_sheet, rebalances_note, rebalances_sheet
from quantloom.report.texts import Words
from tests.library.backtest.portfolio.test_weight_runs import run

CLOSES = {"A.LOCAL": [10.0] * 5, "B.LOCAL": [10.0] * 5}
DAILY = LocalClock(None, has_seconds=False)


def test_the_newest_rebalance_stands_first_with_its_day_costs_and_holdings() -> None:
    result = run([[0.5, 0.25], [0.5, 0.0]], CLOSES, commission=0.01)

    sheet = rebalances_sheet(result, Words("en"), DAILY)

    told = [dict(zip(sheet.heads, (cell.text for cell in row), strict=True)) for row in sheet.rows]
    assert [row["Decided"] for row in told] == ["1970-01-02", "1970-01-01"]
    assert told[1]["Turnover"] == "75.00%"
    assert told[1]["All costs"] == told[1]["Commission"] == "7.50"
    assert [row["Holdings"] for row in told] == ["1", "2"]
    assert "2 rebalances" in rebalances_note(result, Words("en"))


def test_the_last_rebalance_is_told_by_instrument() -> None:
    result = run([[0.5, 0.25], [0.25, 0.0]], CLOSES)

    rows = last_rebalance_sheet(result, Words("en")).rows

    assert [cell.text for cell in rows[0][:4]] == ["A.LOCAL", "50.00%", "25.00%", "25.00%"]
    assert [cell.text for cell in rows[1][:4]] == ["B.LOCAL", "25.00%", "0.00%", "0.00%"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_the_page_of_a_portfolio_has_them(language: Any) -> None:
    title = f"<h2>{Words(language)('rebalances')} "
    several = run([[0.5, 0.25]], CLOSES)
    alone = run([[0.5]], {"A.LOCAL": [10.0] * 5})
    idle = run([[0.0, 0.0]], CLOSES)

    assert title in render_report(several, language=language)
    assert title not in render_report(alone, language=language)
    assert title not in render_report(idle, language=language)
