"""docs/reference/cli.md names what the command line has."""

from pathlib import Path

from quantloom.cli import entry
from quantloom.cli.failure import EXIT_CODES, UNEXPECTED
from tests.library.cli.conftest import Cli

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def test_the_page_names_every_built_in_command() -> None:
    assert all(f"`quantloom {command}" in PAGE for command in entry._BUILT_IN)


def test_the_page_names_every_exit_code() -> None:
    assert all(f"| {code} |" in PAGE for code in (*EXIT_CODES.values(), UNEXPECTED, 130))


def test_the_page_names_every_key_of_the_json(cli: Cli, bars_file: Path) -> None:
    found = cli("backtest", "run", "sma-cross", "--data", bars_file, "--json").json

    assert all(f"`{key}`" in PAGE for key in [*found, *found["hashes"]])
