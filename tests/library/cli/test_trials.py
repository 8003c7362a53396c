"""`quantloom trials`, as a user types it."""

from pathlib import Path

import pytest

from quantloom.data import random_walk
from tests.library.cli.conftest import Cli

pytestmark = pytest.mark.usefixtures("unaudited")


def run(cli: Cli, bars_file: Path, fast: int, *further: str) -> dict[str, object]:
    told: dict[str, object] = cli(
        *("backtest", "run", "sma-cross", "--data", bars_file, "--param", f"fast={fast}"),
        *("--json", *further),
    ).json
    return told


def test_each_run_is_counted_and_shown_with_its_result(cli: Cli, bars_file: Path) -> None:
    told = [run(cli, bars_file, fast)["trials"] for fast in (5, 8, 8)]

    assert [one["count"] for one in told if isinstance(one, dict)] == [1, 2, 2]
    shown = cli("backtest", "run", "sma-cross", "--data", bars_file, "--param", "fast=9").out
    assert "Trials 3" in shown


def test_a_run_may_be_left_uncounted(cli: Cli, bars_file: Path) -> None:
    assert "trials" not in run(cli, bars_file, 5, "--no-trials")
    assert cli("trials", "list", "--json").json == {"lineages": []}


def test_list_and_show_tell_what_was_tried(cli: Cli, bars_file: Path) -> None:
    for fast in (5, 8):
        run(cli, bars_file, fast)

    (listed,) = cli("trials", "list", "--json").json["lineages"]

    assert (listed["lineage"], listed["trials"]) == ("SmaCross", 2)
    assert "SmaCross" in cli("trials", "list").out
    assert "2 trial(s)" in cli("trials", "show", "SmaCross").out
    assert cli("trials", "show", "SmaCross", "--json").json["lineages"] == [listed]
    assert cli("trials", "show", "sma-cross", "--json").json["lineages"] == [listed]


def test_show_tells_of_trials_over_as_many_days_as_the_longest(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "daily.csv"
    random_walk(150, seed=5, timeframe="1d").to_frame().to_csv(path)
    for fast in (5, 8):
        run(cli, path, fast)

    (told,) = cli("trials", "show", "SmaCross", "--json").json["lineages"]

    assert told["days"] == 150
    assert None not in (told["sharpe_spread"], told["luck_sharpe"])
    shown = cli("trials", "show", "SmaCross").out
    assert "over 150 days, as long as the longest trial: spread" in " ".join(shown.split())


def test_forget_asks_unless_told_not_to(
    cli: Cli, bars_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(cli, bars_file, 5)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "n")

    assert cli("trials", "forget", "SmaCross").code != 0
    assert len(cli("trials", "list", "--json").json["lineages"]) == 1
    assert "forgotten" in cli("trials", "forget", "SmaCross", "--yes").out
    assert cli("trials", "list", "--json").json == {"lineages": []}


def test_what_was_never_tried_is_not_found(cli: Cli) -> None:
    outcome = cli("trials", "show", "Nothing", "--symbol", "SPY.ARCA")

    assert outcome.code != 0
    assert "no trial of Nothing on SPY.ARCA was counted" in outcome.err
