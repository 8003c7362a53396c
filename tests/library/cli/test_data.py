"""`quantloom data`, as a user types it."""

from pathlib import Path

from quantloom.data import open_catalog
from tests.library.cli.conftest import Cli


def test_an_imported_file_can_be_listed_shown_and_backtested(cli: Cli, bars_file: Path) -> None:
    imported = cli("data", "import", bars_file, "--symbol", "MINE.LOCAL", "--json").json[
        "datasets"
    ][0]

    assert imported["symbol"] == "MINE.LOCAL"
    assert imported["rows"] == 400
    listed = cli("data", "list", "--json").json["datasets"]
    assert "MINE.LOCAL" in {row["symbol"] for row in listed}
    shown = cli("data", "show", "MINE.LOCAL", "--rows", "3", "--json").json
    assert len(shown["bars"]["close"]) == 3
    ran = cli("backtest", "run", "sma-cross", "--symbol", "MINE.LOCAL", "--size", "1", "--json")
    assert ran.json["bars"] == 400


def test_the_demonstration_set_is_there_from_the_start(cli: Cli) -> None:
    symbols = {row["symbol"] for row in cli("data", "list", "--json").json["datasets"]}

    assert {info.symbol for info in open_catalog().list()} == symbols
    assert len(symbols) >= 6


def test_people_see_tables_and_what_to_do_next(cli: Cli, bars_file: Path) -> None:
    imported = cli("data", "import", bars_file, "--symbol", "MINE.LOCAL")

    assert "stored 400 bars of MINE.LOCAL 1m" in imported.out
    assert "next: quantloom backtest run" in imported.out
    assert "MINE.LOCAL" in cli("data", "list").out
    assert "Last 10 bars" in cli("data", "show", "MINE.LOCAL").out


def test_an_unknown_symbol_is_told_with_what_there_is(cli: Cli) -> None:
    outcome = cli("data", "show", "NOSUCH.NASDAQ")

    assert outcome.code == 3
    assert outcome.err.startswith("error: ")


def test_bad_rows_stop_an_import_and_leave_no_file(
    cli: Cli, bars_file: Path, tmp_path: Path
) -> None:
    header, first, *rest = bars_file.read_text(encoding="utf-8").splitlines()
    bars_file.write_text("\n".join([header, first, first, *rest]), encoding="utf-8")

    outcome = cli("data", "import", bars_file, "--symbol", "MINE.LOCAL")

    assert outcome.code == 2
    assert [*tmp_path.glob("catalog/**/*.parquet")] == []
    again = cli("data", "import", bars_file, "--symbol", "MINE.LOCAL", "--on-bad", "drop")
    assert "left out 1 row(s)" in again.out


def test_a_damaged_dataset_is_told_and_hides_no_other(
    cli: Cli, bars_file: Path, tmp_path: Path
) -> None:
    cli("data", "import", bars_file, "--symbol", "MINE.LOCAL")
    cli("data", "import", bars_file, "--symbol", "TORN.LOCAL")
    (torn,) = tmp_path.glob("catalog/**/TORN/*/manifest.json")
    torn.write_bytes(torn.read_bytes()[:-100])

    listed = cli("data", "list", "--json")

    symbols = {row["symbol"] for row in listed.json["datasets"]}
    assert "MINE.LOCAL" in symbols
    assert "TORN.LOCAL" not in symbols
    assert "is damaged" in listed.json["damaged"][0]
    assert "is damaged" in listed.err
    assert cli("data", "show", "TORN.LOCAL").code == 6
    assert cli("doctor").code == 1
