"""How well the rules of a run are known, as a letter that goes with its result."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from quantloom.backtest import BacktestResult, RuleUse, load_result
from quantloom.market.rulebook import rule_book
from quantloom.report import render_report
from tests.scenarios.market import Rows, bars_at, buy, trade

SHARE, REBAR, INDEX = "600519.SSE", "rb2410.SHFE", "IF2403.CFFEX"
FEE = """
venues = ["SSE"]
currency = "CNY"
[sources.broker]
title = "Agreement"
publisher = "My broker"
as_of = 2026-06-30
[[fee]]
of = ["SSE"]
from = 2020-01-01
source = "broker"
open = { money = 0.0001 }
close = { money = 0.0001 }
"""


def run(symbol: str, *days: str, **terms: Any) -> BacktestResult:
    bars = bars_at(symbol, dict.fromkeys(days, 100.0), timeframe="1d", settlement=[100] * len(days))
    return trade(bars, {}, **terms)


def use_of(symbol: str, *days: str, **terms: Any) -> RuleUse:
    found = run(symbol, *days, **terms).rules
    assert found is not None
    return found


def test_rules_from_sources_that_hold_are_graded_a() -> None:
    # The brokers' fee alone is customary; here the user names his own.
    use = use_of(SHARE, "2024-03-04", "2024-03-05", commission=0.0003)

    assert (use.grade, use.assumed, use.carried, use.uncovered) == ("A", (), (), ())


def test_a_rule_of_ones_own_lowers_no_grade() -> None:
    use = use_of(SHARE, "2024-03-04", rules=rule_book().overlay("mine.toml", FEE))

    assert (use.grade, use.overlays) == ("A", ("mine.toml",))


def test_rules_carried_past_their_source_are_graded_b() -> None:
    use = use_of(REBAR, "2024-03-04", "2024-03-05")

    assert use.grade == "B"
    assert f"fee of {REBAR}" in use.carried


def test_an_assumed_rule_is_graded_c() -> None:
    use = use_of(SHARE, "2024-03-04")

    assert (use.grade, use.assumed) == ("C", (f"fee of {SHARE}",))


def test_a_day_beyond_the_usual_limit_is_graded_c() -> None:
    bars = bars_at(SHARE, {"2024-03-04": 10.0, "2024-03-05": 12.0}, timeframe="1d")

    use = trade(bars, {0: buy(SHARE, 100)}, commission=0.0003).rules

    assert use is not None
    assert (use.grade, use.unlimited) == ("C", {SHARE: 1})


@pytest.mark.parametrize(
    ("symbol", "day", "what"),
    [
        # Index futures began in 2010; nobody has a calendar of what is to come.
        (INDEX, "2009-03-05", f"fee of {INDEX}"),
        ("WALK.LOCAL", "2024-03-05", "every rule of WALK.LOCAL"),
        ("AAPL.NASDAQ", "2026-03-05", "trading days of AAPL.NASDAQ"),
    ],
)
def test_days_that_the_book_does_not_cover_are_graded_d(symbol: str, day: str, what: str) -> None:
    use = use_of(symbol, day)

    assert use.grade == "D"
    assert what in use.uncovered


def test_the_grade_goes_with_the_result_wherever_it_is_told(tmp_path: Path) -> None:
    result = run(SHARE, "2024-03-04", "2024-03-05")

    told = json.loads(result.to_bytes())["rules"]
    loaded = load_result(result.save(tmp_path / "run"))

    assert (told["grade"], told["assumed"]) == ("C", [f"fee of {SHARE}"])
    assert loaded.rules == result.rules
    assert "grade C, some assumed" in render_report(result)
    assert "等级 C，部分规则为假设" in render_report(result, language="zh")


def test_what_is_not_covered_is_warned_of_in_the_report() -> None:
    page = render_report(run("WALK.LOCAL", "2024-03-04", "2024-03-05"))

    assert "says nothing of these on some days of this run" in page
    assert "every rule of WALK.LOCAL" in page


def test_a_run_without_rules_has_no_grade() -> None:
    result = run(SHARE, "2024-03-04", rules=False)

    assert result.rules is None
    assert "rules" not in result.summary()
    # That of the data is told in another way.
    assert re.search("grade [ABC]", render_report(result)) is None


SHORT_DAY = """
venues = ["SHFE"]
currency = "CNY"
[[hours]]
of = ["rb"]
from = 2024-01-01
source = "default"
day = ["09:00-11:30", "13:30-14:30"]
"""


def test_hours_of_an_overlay_are_those_of_the_run() -> None:
    # On the close: that of 15:00, or of 14:30 where the day is over then.
    rows: Rows = {"2024-03-04 10:30": 100.0, "2024-03-04 13:30": 101.0, "2024-03-04 14:30": 102.0}
    bars = bars_at(REBAR, rows)
    book = rule_book().overlay("short.toml", SHORT_DAY)

    usual, other = (
        trade(bars, {0: buy(REBAR, 1, tif="CLOSE")}, rules=rules) for rules in (True, book)
    )

    assert [result.fills["price"].tolist() for result in (usual, other)] == [[102], [101]]
