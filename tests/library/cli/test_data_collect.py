"""`quantloom data collect`, from a plan to an exit code."""

import re
from pathlib import Path

from tests.library.cli.conftest import Cli
from tests.library.cli.test_reference_page import PAGE

SPAN = ("--start", "2023-01-03", "--end", "2023-06-01")
ASKED = ("data", "collect", "synthetic", "600519.SH", *SPAN)


def test_a_plan_is_shown_and_nothing_is_asked(cli: Cli, tmp_path: Path) -> None:
    (span,) = cli(*ASKED, "--dry-run", "--json").json["spans"]

    assert (span["symbol"], span["days"]) == ("600519.SSE", 98)
    assert not (tmp_path / "catalog").exists()


def test_collected_bars_run_in_a_backtest(cli: Cli) -> None:
    shown = cli(*ASKED)

    assert shown.code == 0
    assert "up to date" in shown.out
    assert "nothing is missing" in cli(*ASKED, "--dry-run").out
    assert cli("backtest", "run", "sma-cross", "--symbol", "600519", "--json").code == 0


def test_a_specification_file_is_taken_and_overridden(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "nightly.toml").write_text(
        'provider = "synthetic"\nsymbols = ["600519.SH"]\ntimeframe = "1d"\nstart = 2023-01-03\n',
        encoding="utf-8",
    )

    found = cli("data", "collect", "--spec", "nightly.toml", "--end", "2023-02-01", "--json").json

    (symbol,) = found["symbols"]
    assert (symbol["stored"], symbol["error"]) == (16, None)
    assert Path(found["ledger"]).is_file()


def test_a_symbol_that_fails_is_told_and_gives_its_exit_code(cli: Cli, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()

    failed = cli("data", "collect", "file", "AAPL", *SPAN, "--folder", files)

    assert failed.code == 6
    assert "file knows no AAPL.US" in failed.err


def test_what_cannot_be_asked_is_said_before_anything_is(cli: Cli) -> None:
    assert cli("data", "collect", "yahooo", "AAPL", *SPAN).code == 3
    assert cli("data", "collect", "tushare", "600519", *SPAN).code == 2
    assert "start is missing" in cli("data", "collect", "synthetic", "AAPL").err


def test_the_page_names_every_option_and_key(cli: Cli) -> None:
    part = PAGE.split("## Collecting data")[1].split("\n## ")[0]
    options = set(re.findall(r"--[a-z][a-z-]+", cli("data", "collect", "--help").out))

    found = cli(*ASKED, "--json").json

    keys = [*found, *found["symbols"][0]]
    known = {"--help", "--factors", "--data-dir"}
    assert sorted(one for one in options - known if one not in part) == []
    assert [key for key in keys if f"`{key}`" not in part] == []
