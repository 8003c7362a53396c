"""`quantloom backtest run --band`."""

from pathlib import Path

from tests.library.cli.conftest import Cli


def test_the_pessimistic_figure_stands_beside_the_headline(cli: Cli, bars_file: Path) -> None:
    shown = cli("backtest", "run", "sma-cross", "--data", bars_file, "--band").out

    assert "Pessimistic" in shown
    assert "participation" in shown
    assert shown.index("Fill assumptions") < shown.index("Backtests")


def test_json_has_the_base_and_its_band(cli: Cli, bars_file: Path) -> None:
    run = ("backtest", "run", "sma-cross", "--data", bars_file, "--slippage", "2", "--json")

    plain, told = cli(*run).json, cli(*run, "--band").json

    band = told.pop("band")
    assert told == plain
    headline = band["headline"]
    assert headline["base"]["total_return"] == plain["metrics"]["total_return"]
    assert headline["pessimistic"].keys() == headline["optimistic"].keys()
    assert band["differences"]["slippage.ticks"] == {
        "base": "2",
        "pessimistic": "4",
        "optimistic": "0",
    }
