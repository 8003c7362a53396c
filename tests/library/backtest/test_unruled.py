"""A run that leaves the rule book closed says so, where the book would have had a word."""

from quantloom.backtest import backtest
from quantloom.data import random_walk
from quantloom.report.notes import findings
from quantloom.report.texts import Words

WALK = random_walk(50, 1, timeframe="1d")


def run(symbol: str, **settings: object) -> list[tuple[str, str]]:
    frame = WALK.to_frame()
    result = backtest("sma-cross", frame, symbol=symbol, **settings)  # type: ignore[arg-type]
    return [(one.severity, one.text) for one in findings(result, Words("en"))]


def told(found: list[tuple[str, str]]) -> list[str]:
    return [severity for severity, text in found if "followed no market rules" in text]


def test_a_run_without_costs_is_warned_of_rules_that_the_book_knows() -> None:
    assert told(run("600000.SSE")) == ["warning"]


def test_a_run_with_costs_of_its_own_is_told_in_passing() -> None:
    assert told(run("600000.SSE", commission=0.001)) == ["note"]


def test_nothing_is_said_where_the_book_is_followed_or_knows_nothing() -> None:
    assert told(run("600000.SSE", rules=True)) == []
    assert told(run("WALK.LOCAL")) == []
