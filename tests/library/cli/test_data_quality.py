"""`quantloom data check` and `repair`, and the gate of a run, as a user types them."""

from dataclasses import replace
from pathlib import Path

import pytest

from quantloom.data import Catalog, random_walk
from quantloom.market import Bars, assume_instrument
from tests.library.cli.conftest import Cli

PAGE = (Path(__file__).parents[3] / "docs/reference/cli.md").read_text(encoding="utf-8")
SYMBOL = "BTC-USDT.BINANCE"


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """A file with a hole and the same row twice."""
    bars = random_walk(400, 3, symbol=SYMBOL, timeframe="1h")
    columns = zip(bars.ts.tolist(), bars.open, bars.high, bars.low, bars.close, strict=True)
    rows = [f"{ts // 10**9},{o},{h},{low},{c},100" for ts, o, h, low, c in columns]
    rows = [*rows[:100], rows[99], *rows[104:]]
    path = tmp_path / "files" / "BTC-USDT.csv"
    path.parent.mkdir()
    path.write_text("\n".join(["time,open,high,low,close,volume", *rows]) + "\n")
    return path


def stored(folder: Path, factor: float = 3.0) -> Bars:
    """A dataset with a wrong price."""
    bars = random_walk(400, 3, symbol=SYMBOL, timeframe="1h")
    high, close = bars.high.copy(), bars.close.copy()
    high[200], close[200] = high[200] * factor, close[200] * factor
    made = replace(bars, high=high, close=close)
    Catalog(folder).write(made, assume_instrument(made), source="a test")
    return made


def test_a_file_is_checked_with_the_rows_that_reading_left_out(cli: Cli, holed: Path) -> None:
    told = cli("data", "check", holed, "--symbol", SYMBOL, "--json").json

    [report] = told["reports"]
    found = {one["check"]: one for one in report["findings"]}
    assert (told["grade"], report["symbol"]) == ("B", SYMBOL)
    assert found["gaps"]["count"] == 4
    assert found["duplicates"]["count"] == 1
    assert found["gaps"]["text_zh"].startswith("交易时段内应有 400 根K线，缺 4 根")
    assert "conflicts" in report["clean"]


def test_people_see_a_table_and_a_page(cli: Cli, holed: Path, tmp_path: Path) -> None:
    page = tmp_path / "quality.html"

    outcome = cli("data", "check", holed, "--symbol", SYMBOL, "--html", page, "--lang", "zh")

    assert "grade B" in outcome.out
    assert "交易时段内应有" in outcome.out
    assert "数据质量" in page.read_text(encoding="utf-8")


def test_a_folder_is_checked_file_by_file_and_what_cannot_be_read_is_told(
    cli: Cli, holed: Path
) -> None:
    (holed.parent / "broken.csv").write_text("no table\n")

    outcome = cli("data", "check", holed.parent, "--json")

    assert [Path(one["path"]).name for one in outcome.json["failed"]] == ["broken.csv"]
    assert len(outcome.json["reports"]) == 1
    assert outcome.json["grade"] == "F"


def test_the_exit_code_tells_a_grade_below_what_was_asked(cli: Cli, holed: Path) -> None:
    assert cli("data", "check", holed, "--symbol", SYMBOL, "--min-grade", "b").code == 0
    assert cli("data", "check", holed, "--symbol", SYMBOL, "--min-grade", "A").code == 8
    assert cli("data", "check", holed, "--symbol", SYMBOL, "--min-grade", "Z").code == 2


def test_nothing_to_check_is_no_clean_bill(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    outcome = cli("data", "check", tmp_path / "empty", "--min-grade", "A")

    assert outcome.code == 3
    assert "no bars to check" in outcome.err


def test_only_bars_of_a_length_are_checked(cli: Cli, holed: Path) -> None:
    assert len(cli("data", "check", holed, "--timeframe", "1h", "--json").json["reports"]) == 1
    assert cli("data", "check", holed, "--timeframe", "1d").code == 3


def test_a_language_or_calendar_that_nobody_knows_is_refused(cli: Cli, holed: Path) -> None:
    assert cli("data", "check", holed, "--lang", "fr").code == 2
    assert cli("data", "check", holed, "--calendar", "mars").code == 3


def test_the_whole_catalog_is_checked_where_nothing_is_named(cli: Cli) -> None:
    reports = cli("data", "check", "--json").json["reports"]

    symbols = {row["symbol"] for row in cli("data", "list", "--json").json["datasets"]}
    assert {one["symbol"] for one in reports} == symbols


def test_an_import_stores_the_grade_and_a_run_inherits_it(cli: Cli, holed: Path) -> None:
    command = ("data", "import", holed, "--symbol", SYMBOL, "--on-bad", "drop", "--json")
    [imported] = cli(*command).json["datasets"]

    run = cli("backtest", "run", "sma-cross", "--symbol", SYMBOL, "--timeframe", "1h", "--json")

    [data] = run.json["quality"]["data"]
    assert imported["grade"] == "B"
    assert (data["grade"], data["is_stored"]) == ("B", True)
    assert {one["check"] for one in data["findings"]} >= {"gaps", "duplicates"}


def test_a_gate_refuses_or_warns(cli: Cli, tmp_path: Path) -> None:
    stored(tmp_path / "catalog")
    run = ("backtest", "run", "sma-cross", "--symbol", SYMBOL, "--timeframe", "1h", "--no-trials")

    refused = cli(*run, "--min-grade", "A")
    warned = cli(*run, "--min-grade", "A", "--low-grade", "warn")

    assert refused.code == 2
    assert "have grade C, and A was demanded" in refused.err
    assert warned.code == 0
    assert "warning: the data of BTC-USDT.BINANCE have grade C, worse than A" in warned.err
    assert "data of BTC-USDT.BINANCE: grade C, dataset " in warned.out
    assert cli(*run, "--low-grade", "shout").code == 2


def test_a_repair_is_tried_then_made_recorded_and_graded(cli: Cli, tmp_path: Path) -> None:
    bars = stored(tmp_path / "catalog")
    command = ("data", "repair", SYMBOL, "--fix", "outliers=drop", "--json")

    tried = cli(*command, "--dry-run").json
    still = Catalog(tmp_path / "catalog").read(SYMBOL)
    made = cli(*command).json
    after = Catalog(tmp_path / "catalog").info(SYMBOL)

    assert (tried["is_stored"], made["is_stored"]) == (False, True)
    assert still.digest() == bars.digest()
    assert tried["changes"] == made["changes"]
    assert made["repairs"] == ["outliers: 1 row(s) left out"]
    assert (after.rows, after.grade) == (399, made["grade"])
    assert after.origin is not None
    assert after.origin.changes == ("outliers: 1 row(s) left out",)


def test_a_repair_that_finds_nothing_stores_nothing(cli: Cli, tmp_path: Path) -> None:
    bars = stored(tmp_path / "catalog", factor=1.0)

    outcome = cli("data", "repair", SYMBOL, "--fix", "outliers=drop")

    assert "nothing to mend" in outcome.out
    assert Catalog(tmp_path / "catalog").read(SYMBOL).digest() == bars.digest()


@pytest.mark.parametrize("fix", [(), ("--fix", "outliers"), ("--fix", "rolls=drop")])
def test_a_repair_has_to_be_asked_for_by_name(cli: Cli, tmp_path: Path, fix: tuple[str]) -> None:
    stored(tmp_path / "catalog")

    outcome = cli("data", "repair", SYMBOL, *fix)

    assert outcome.code == 2
    assert "outliers" in outcome.err


def test_repairs_are_told_by_later_checks(cli: Cli, tmp_path: Path) -> None:
    stored(tmp_path / "catalog")
    cli("data", "repair", SYMBOL, "--fix", "outliers=drop")

    assert "repaired before: outliers: 1 row(s) left out" in cli("data", "check", SYMBOL).out


def test_two_sources_are_compared(cli: Cli, holed: Path, tmp_path: Path) -> None:
    stored(tmp_path / "catalog")
    given = ("data", "compare", holed, SYMBOL, "--symbol", SYMBOL)

    told = cli(*given, "--json").json
    shown = cli(*given, "--strict")

    assert (told["agrees"], told["only_first"], told["only_second"]) == (False, 0, 4)
    close = {one["name"]: one for one in told["fields"]}["close"]
    assert (close["differing"], told["shift"], shown.code) == (1, None, 8)
    assert "4 bar(s) are only in the second" in shown.out
    part = PAGE.split("\n`quantloom data compare")[1].split("\n`quantloom data repair")[0]
    names = [*told, *told["fields"][0]]
    assert [name for name in names if f"`{name}`" not in part] == []


def test_sources_of_several_lengths_are_compared_in_the_one_they_share(
    cli: Cli, holed: Path, tmp_path: Path
) -> None:
    for symbol, timeframe in ((SYMBOL, "1h"), (SYMBOL, "1d"), ("ETH-USDT.BINANCE", "2h")):
        bars = random_walk(400, 3, symbol=symbol, timeframe=timeframe)
        Catalog(tmp_path / "catalog").write(bars, assume_instrument(bars), source="a test")

    told = cli("data", "compare", SYMBOL, holed, "--symbol", SYMBOL, "--json").json
    refused = cli("data", "compare", SYMBOL, "ETH-USDT.BINANCE")

    assert told["timeframe"] == "1h"
    assert "ETH-USDT.BINANCE 2h" in refused.err


def test_ticks_of_the_catalog_are_checked_like_bars(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "ticks.csv"
    quote = "2024-01-02T00:00:01Z,10,11,1,1\n"
    path.write_text("time,bid,ask,bid_size,ask_size\n" + quote + quote.replace("01Z", "02Z") * 2)
    place = ("--symbol", SYMBOL, "--data-dir", tmp_path / "store")
    cli("data", "import", path, *place, "--yes")

    whole = cli("data", "check", "--data-dir", tmp_path / "store", "--json").json
    told = cli("data", "check", SYMBOL, "--ticks", "quotes", *place[2:], "--json").json
    missing = cli("data", "check", SYMBOL, "--ticks", "trades", *place[2:])

    assert [one for one in whole["reports"] if one["symbol"] == SYMBOL] == told["reports"]
    [report] = told["reports"]
    found = {one["check"]: one["count"] for one in report["findings"]}
    assert (report["timeframe"], report["rows"], found) == ("ticks", 3, {"repeated_ticks": 1})
    assert missing.code != 0
    assert "there are quotes" in missing.err


def files_of_bars(folder: Path, *spans: tuple[int, int]) -> list[Path]:
    bars = random_walk(400, 3, symbol=SYMBOL, timeframe="1h")
    columns = zip(bars.ts.tolist(), bars.open, bars.high, bars.low, bars.close, strict=True)
    rows = [f"{ts // 10**9},{o},{h},{low},{c},100" for ts, o, h, low, c in columns]
    paths = [folder / f"part{place}.csv" for place in range(len(spans))]
    for path, (first, stop) in zip(paths, spans, strict=True):
        path.write_text("\n".join(["time,open,high,low,close,volume", *rows[first:stop]]) + "\n")
    return paths


@pytest.mark.parametrize("is_one_call", [True, False])
def test_rows_that_join_others_are_graded_with_them(
    cli: Cli,
    tmp_path: Path,
    is_one_call: bool,
) -> None:
    first, second = files_of_bars(tmp_path, (0, 100), (110, 400))
    given = ("--symbol", SYMBOL, "--data-dir", tmp_path / "store", "--yes", "--json")
    if is_one_call:
        told = cli("data", "import", first, second, *given).json
    else:
        cli("data", "import", first, *given)
        told = cli("data", "import", second, "--add", *given).json

    info = Catalog(tmp_path / "store").info(SYMBOL, "1h")

    assert info.rows == 390
    assert info.quality is not None
    [gap] = [one for one in info.quality["findings"] if one["check"] == "gaps"]
    assert "10" in gap["text"]
    assert told["datasets"][-1]["grade"] == info.grade
