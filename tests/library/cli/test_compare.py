"""`quantloom backtest run --save` and `quantloom backtest compare` over what it kept."""

import json
from pathlib import Path

import pytest

from quantloom.backtest import load_result
from quantloom.performance import METRICS
from tests.library.cli.conftest import Cli

pytestmark = pytest.mark.usefixtures("unaudited")


@pytest.fixture
def saved(cli: Cli, bars_file: Path) -> tuple[str, str]:
    """Two runs over one file of bars, in the folders `quick` and `slow`."""
    for folder, fast in (("quick", 5), ("slow", 20)):
        run = ("backtest", "run", "sma-cross", "--data", bars_file, "--param", f"fast={fast}")
        assert cli(*run, "--param", "slow=40", "--save", folder).code == 0
    return "quick", "slow"


def test_a_saved_run_is_the_run_that_was_printed(cli: Cli, bars_file: Path) -> None:
    run = ("backtest", "run", "bollinger", "--data", bars_file, "--save", "kept", "--json")

    told = cli(*run).json

    assert told["saved"] == "kept"
    assert load_result("kept").hashes.result == told["hashes"]["result"]


def test_another_result_is_replaced_only_when_told(cli: Cli, bars_file: Path) -> None:
    run = ("backtest", "run", "sma-cross", "--data", bars_file, "--save", "kept")
    cli(*run)

    refused = cli(*run, "--cash", "50000")
    replaced = cli(*run, "--cash", "50000", "--force")

    assert refused.code == 5
    assert "--force" in refused.err
    assert replaced.code == 0
    assert load_result("kept").spec.cash == 50_000


def test_measures_of_saved_results_stand_side_by_side(cli: Cli, saved: tuple[str, str]) -> None:
    shown = cli("backtest", "compare", *saved).out

    assert "sma-cross (fast=5)" in shown
    assert "sma-cross (fast=20)" in shown
    assert METRICS["net_profit"].label_en in shown
    assert METRICS["skewness"].label_en not in shown
    assert "parameters.fast" in shown
    assert "cash" not in shown


def test_every_measure_is_shown_on_request(cli: Cli, saved: tuple[str, str]) -> None:
    shown = cli("backtest", "compare", *saved, "--explain").out

    assert [metric.label_en for metric in METRICS.values() if metric.label_en not in shown] == []


def test_a_comparison_for_programs_is_one_object(cli: Cli, saved: tuple[str, str]) -> None:
    names = ("--name", "a", "--name", "b")

    told = cli("backtest", "compare", *saved, *names, "--json").json

    first = load_result("quick").metrics
    assert told["names"] == ["a", "b"]
    assert told["metrics"]["a"]["total_return"] == pytest.approx(first.total_return)
    assert told["metrics"]["a"]["benchmark_return"] is None
    assert told["correlation"]["a"]["b"] == told["correlation"]["b"]["a"]
    assert told["differences"]["parameters.fast"] == {"a": "5", "b": "20"}
    assert set(told["best"]) <= set(METRICS)


def test_a_comparison_is_written_as_a_page(cli: Cli, saved: tuple[str, str]) -> None:
    told = cli("backtest", "compare", *saved, "--html", "both.html", "--lang", "zh", "--json").json

    assert told["html"] == "both.html"
    page = Path("both.html").read_text(encoding="utf-8")
    assert METRICS["sharpe_ratio"].label_zh in page
    assert "参数 fast" in page
    assert "parameters.fast" not in page


def test_equal_results_say_that_they_are_alike(cli: Cli, saved: tuple[str, str]) -> None:
    assert "The settings are alike." in cli("backtest", "compare", "quick", "quick").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("quick",), 2, "two results or more"),
        (("quick", "nowhere"), 3, "nowhere holds no result"),
        (("quick", "slow", "--name", "one"), 2, "a name of its own"),
        (("quick", "slow", "--html", "x.html", "--lang", "fr"), 2, "ask for en or zh"),
    ],
)
def test_what_cannot_be_compared_says_why(
    cli: Cli, saved: tuple[str, str], arguments: tuple[str, ...], code: int, said: str
) -> None:
    outcome = cli("backtest", "compare", *arguments, "--json")

    assert outcome.code == code
    assert said in json.loads(outcome.err)["error"]["message"]
