"""docs/reference/cli.md names what the command line has."""

import re
from pathlib import Path

from quantloom.cli import entry, terms
from quantloom.cli.failure import EXIT_CODES, UNEXPECTED
from tests.library.cli.conftest import Cli

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def test_the_page_names_every_built_in_command() -> None:
    assert all(f"`quantloom {command}" in PAGE for command in entry._BUILT_IN)


def test_the_page_names_every_exit_code() -> None:
    assert all(f"| {code} |" in PAGE for code in (*EXIT_CODES.values(), UNEXPECTED, 130))


def test_the_page_names_every_key_of_the_json(cli: Cli, bars_file: Path) -> None:
    found = cli("backtest", "run", "sma-cross", "--data", bars_file, "--json").json

    (line,) = found["instruments"]
    keys = [*found, *found["hashes"], *found["order_outcomes"], *line]
    assert [key for key in keys if f"`{key}`" not in PAGE] == []


def test_the_page_names_every_key_and_option_of_a_comparison(cli: Cli, bars_file: Path) -> None:
    cli("backtest", "run", "sma-cross", "--data", bars_file, "--save", "kept")

    found = cli("backtest", "compare", "kept", "kept", "--html", "x.html", "--json").json

    part = PAGE.split("## Comparing results")[1].split("## Errors")[0]
    options = set(re.findall(r"--[a-z]+", cli("backtest", "compare", "--help").out))
    assert [key for key in found if f"`{key}`" not in part] == []
    assert sorted(option for option in options - {"--help", "--symbol"} if option not in part) == []


def test_the_page_names_every_option_of_a_backtest(cli: Cli) -> None:
    shown = cli("backtest", "run", "--help").out

    options = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--no-short", "--help"}
    assert len(options) > 25
    assert sorted(option for option in options if option not in PAGE) == []


def test_the_page_writes_every_model_as_the_command_line_reads_it() -> None:
    sizings = re.findall(r"`--sizing ([a-z-]+:\S+?)`", PAGE)
    slippages = re.findall(r"`--slippage ([a-z-]+:\S+?)`", PAGE)

    assert {text.partition(":")[0] for text in sizings} == set(terms._SIZINGS)
    assert {text.partition(":")[0] for text in slippages} == set(terms._SLIPPAGES) - {"ratio"}
    assert all(terms.read_sizing(text) for text in sizings)
    assert all(terms.read_slippage(text) for text in slippages)
