"""`quantloom optimize`: searches that are run, shown, listed and gone on with."""

import json
import re
from pathlib import Path

import pytest

from quantloom.backtest import TrialLedger
from quantloom.data import random_walk
from tests.library.cli.conftest import Cli

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
PART = PAGE.split("## Searching for parameters")[1].split("\n## ")[0]
SPACE = ("--space", "fast=3:9:3", "--space", "slow=10,20", "--workers", "1")


@pytest.fixture
def daily_file(tmp_path: Path) -> Path:
    path = tmp_path / "daily.csv"
    random_walk(150, seed=5, timeframe="1d").to_frame().to_csv(path)
    return path


def test_a_search_prints_the_best_sets_and_what_speaks_against_them(
    cli: Cli, daily_file: Path
) -> None:
    shown = cli("optimize", "run", "sma-cross", "--data", daily_file, *SPACE).out

    assert "Best sets" in shown
    assert "6 sets (grid): 6 done, by compiled kernels" in shown
    assert "probability of backtest overfitting" in shown
    assert "deflated Sharpe ratio" in shown


def test_a_search_for_programs_is_one_object_that_the_page_describes(
    cli: Cli, daily_file: Path
) -> None:
    told = cli("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, "--json").json

    assert told["trials"]["done"] == 6
    assert told["best"]["parameters"].keys() == {"fast", "slow"}
    assert [key for key in told if f"`{key}`" not in PART] == []


@pytest.mark.parametrize("kind", [("--train", "60d", "--test", "30d"), ("--folds", "4:1")])
def test_a_validation_is_kept_and_shown_again(
    cli: Cli, daily_file: Path, kind: tuple[str, ...]
) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, *kind, "--purge", "2")

    told = cli(*run, "--save", "kept", "--json").json
    again = cli("optimize", "show", "kept", "--json").json

    assert [key for key in told if f"`{key}`" not in PART] == []
    assert again == told | {"executor": ""}
    shown = cli("optimize", "show", "kept").out
    assert ("Windows" if "--train" in kind else "Paths out of sample") in shown


def test_a_search_goes_on_where_it_was_ended(
    cli: Cli, daily_file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file.name, *SPACE, "--save", "kept")
    whole = cli(*run, "--json").json
    lines = Path("kept/trials.jsonl").read_bytes()
    Path("kept/trials.jsonl").write_bytes(b"".join(lines.splitlines(keepends=True)[:2]))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    again = cli("optimize", "resume", "../kept", "--json").json

    assert again["best"] == whole["best"]
    assert (tmp_path / "kept" / "trials.jsonl").read_bytes() == lines
    assert Path.cwd() == tmp_path / "elsewhere"


def test_searches_are_listed(cli: Cli, daily_file: Path) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE)
    cli(*run, "--save", "a/one", "--trials", "2")
    cli(*run, "--save", "a/two", "--train", "60d", "--test", "60d")

    (one, two) = cli("optimize", "list", "a", "--json").json["studies"]

    assert (one["folder"], one["kind"], one["trials"]) == ("a/one", "search", 2)
    assert (two["folder"], two["kind"], two["trials"]) == ("a/two", "walk-forward", 12)
    assert "a/one" in cli("optimize", "list", "a").out


def test_sets_are_counted_once_as_trials_of_the_strategy(cli: Cli, daily_file: Path) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, "--json")

    counts = [cli(*run).json["tried"], cli(*run).json["tried"]]
    cli(*run, "--no-count", "--cash", "5000")

    assert counts == [6, 6]
    (lineage,) = TrialLedger("catalog").list()
    assert lineage.sums.count == 6


def test_a_search_that_is_shown_is_judged_by_the_ledger_and_not_counted(
    cli: Cli, daily_file: Path, tmp_path: Path
) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE)
    first = cli(*run, "--save", "kept", "--json").json
    assert cli("optimize", "show", "kept", "--json").json == first | {"executor": ""}

    cli("optimize", "run", "sma-cross", "--data", daily_file, "--space", "fast=3:9", "--json")
    later = cli("optimize", "show", "kept", "--json").json

    (lineage,) = TrialLedger("catalog").list()
    assert later["tried"] == lineage.sums.count > first["tried"]
    assert later["deflated_sharpe"] != first["deflated_sharpe"]
    assert "trials:" in cli("optimize", "show", "kept").out
    TrialLedger("catalog").forget(lineage.lineage)
    assert "sets of this search alone" in cli("optimize", "show", "kept").out
    uncounted = cli(*run, "--save", "other", "--no-count", "--json").json
    assert uncounted["tried"] == 6
    assert cli("optimize", "show", "other", "--json").json == uncounted | {"executor": ""}


def test_constraints_objectives_and_stops_reach_the_search(cli: Cli, daily_file: Path) -> None:
    objectives = ("--objective", "total_return", "--objective", "min:max_drawdown_ratio")
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE)

    told = cli(*run, *objectives, "--where", "fast * 2 < slow", "--json").json
    stopped = cli(*run, "--stop-early", "0.5:0.5", "--json").json

    assert told["objectives"] == ["max:total_return", "min:max_drawdown_ratio"]
    assert told["trials"]["done"] == 4
    assert stopped["trials"]["stopped"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--space", "fast"), 2, "names no values"),
        (("--space", "fast=a:b"), 2, "names no values"),
        (("--space", "fast=1:2:3:4"), 2, "names no values"),
        (("--space", "speed=1:9"), 2, "does not exist"),
        (("--where", "fast <"), 2, "cannot be read"),
        (("--objective", "luck"), 2, "is no measure"),
        (("--method", "magic"), 2, "there is no method"),
        (("--stop-early", "soon"), 2, "first quarter"),
        (("--folds", "six"), 2, "--folds 6:2"),
        (("--folds", "6:2", "--train", "1y"), 2, "cross-validate by --folds"),
        (("--train", "9y", "--test", "1y"), 2, "leave nothing"),
        (("--train", "9y"), 2, "by --train and --test"),
        (("--where", "fast > 500"), 2, "no set of"),
        (("--space", "fast=50:52", "--space", "slow=5:9"), 3, "none of 15 sets"),
    ],
)
def test_a_search_that_cannot_be_run_says_why(
    cli: Cli, daily_file: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    outcome = cli("optimize", "run", "sma-cross", "--data", daily_file, *arguments, "--json")

    assert outcome.code == code
    assert said in json.loads(outcome.err.splitlines()[-1])["error"]["message"]


def test_the_first_set_that_is_refused_says_why(cli: Cli, daily_file: Path) -> None:
    space = ("--space", "fast=50:52", "--space", "slow=5:9")

    outcome = cli("optimize", "run", "sma-cross", "--data", daily_file, *space)

    assert outcome.code == 3
    assert "fast=50, slow=5 was refused: " in outcome.err
    assert "it must be below slow, 5" in outcome.err


@pytest.mark.parametrize("command", ["run", "resume"])
def test_ctrl_c_says_how_to_go_on(
    cli: Cli, daily_file: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, "--save", "kept")
    cli(*run, "--trials", "2")

    def interrupt(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("quantloom.cli.optimize.carry_out", interrupt)
    outcome = cli(*(run if command == "run" else ("optimize", "resume", "kept")))

    assert outcome.code == 130
    assert re.search(r"quantloom optimize resume \S*kept goes on", outcome.err)
    assert "nothing half-done" in outcome.err


def test_a_search_that_is_gone_on_with_may_be_reported_in_chinese(
    cli: Cli, daily_file: Path, tmp_path: Path
) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, "--save", "kept")
    cli(*run, "--trials", "2")

    outcome = cli("optimize", "resume", "kept", "--report", "kept.html", "--lang", "zh")

    assert outcome.code == 0
    assert "可信程度" in (tmp_path / "kept.html").read_text(encoding="utf-8")


def test_a_folder_of_another_search_is_a_conflict(cli: Cli, daily_file: Path) -> None:
    run = ("optimize", "run", "sma-cross", "--data", daily_file, *SPACE, "--save", "kept")
    cli(*run)

    outcome = cli(*run, "--cash", "5000")

    assert outcome.code == 5
    assert "differs in its settings" in outcome.err
    assert cli("optimize", "show", "nowhere").code == 3


def test_the_page_names_every_option(cli: Cli) -> None:
    own = cli("optimize", "run", "--help").out

    options = set(re.findall(r"--[a-z][a-z-]+", own)) - {"--help", "--no-short"}
    assert len(options) > 30
    assert sorted(option for option in options if option not in PAGE) == []
