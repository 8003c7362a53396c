"""`quantloom data import` and `quantloom data map`, as a user types them."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from quantloom.cli.data import importing
from quantloom.data import Catalog, random_walk
from quantloom.data.readers import Hints, read_file
from quantloom.market import assume_instrument
from tests.library.cli.conftest import Cli
from tests.shared_data import SHARED, needs_shared

RAW = SHARED / "data" / "raw"
ROWS = "\n".join(f"2024-01-0{day},10,12,9,11,{day}00" for day in (2, 3, 4, 5))
TRADES = "time,symbol,price,size\n09:30:00,AAPL,10,5\n09:30:01,AAPL,10.5,7\n"


@pytest.fixture
def daily(tmp_path: Path) -> Path:
    path = tmp_path / "AAPL.csv"
    path.write_text(f"date,open,high,low,close,volume\n{ROWS}\n", encoding="utf-8")
    return path


def stored(tmp_path: Path) -> list[tuple[str, str]]:
    infos = Catalog(tmp_path / "catalog").list()
    return [(info.symbol, str(info.timeframe)) for info in infos]


def test_people_see_what_a_file_was_taken_for_before_it_is_stored(cli: Cli, daily: Path) -> None:
    outcome = cli("data", "import", daily)

    preview, _, result = outcome.out.partition("First rows")
    assert "it has open, high, low and close" in preview
    assert "2024-01-02" in result
    assert "stored 4 bars of AAPL.US 1d" in result
    assert "grade " in result


def test_a_dry_run_writes_nothing(cli: Cli, daily: Path, tmp_path: Path) -> None:
    planned = cli("data", "import", daily, "--dry-run", "--json").json

    assert planned["is_dry_run"] is True
    assert planned["datasets"][0]["mapping"]["symbol"]["value"] == "AAPL.US"
    assert not (tmp_path / "catalog").exists()


def test_flags_override_what_was_found(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [f"2024-01-02 09:3{step},1,1,1,1,3" for step in range(1, 6)]
    path.write_text("\n".join(["when,o,h,l,c,n", *rows]), encoding="utf-8")

    told = cli(
        *("data", "import", path, "--json", "--symbol", "600519", "--zone", "Asia/Shanghai"),
        *("--label", "close", "--volume-lot", "100", "--column", "n=volume"),
    ).json["datasets"][0]

    assert (told["symbol"], told["timeframe"]) == ("600519.SSE", "1m")
    bars = Catalog(tmp_path / "catalog").read("600519.SSE", "1m")
    assert (bars.start.hour, bars.start.minute, bars.volume[0]) == (1, 30, 300)
    origin = Catalog(tmp_path / "catalog").info("600519.SSE", "1m").origin
    assert origin is not None
    assert (origin.label, origin.zone, dict(origin.units)) == (
        "close",
        "Asia/Shanghai",
        {"volume_lot": 100.0},
    )


def test_what_was_said_of_columns_is_remembered_for_the_next_file(cli: Cli, tmp_path: Path) -> None:
    for name, zone in (("a", ["--zone", "Asia/Tokyo"]), ("b", [])):
        path = tmp_path / f"{name}.csv"
        rows = [f"2024-01-02 09:3{step},1,1,1,1,3" for step in range(6)]
        path.write_text("\n".join(["time,o,h,l,c,v", *rows]), encoding="utf-8")
        cli("data", "import", path, "--symbol", f"{name}.LOCAL", "--yes", *zone)

    assert Catalog(tmp_path / "catalog").read("b.LOCAL", "1m").start.hour == 0
    (kept,) = (tmp_path / "catalog" / "mappings").glob("*.toml")
    assert Hints.from_toml(kept.read_text(encoding="utf-8")) == Hints(zone="Asia/Tokyo")


def test_what_was_remembered_is_told_where_it_counts(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = [f"2024-01-02 09:3{step},1,1,1,1,3" for step in range(6)]
    path.write_text("\n".join(["time,o,h,l,c,v", *rows]), encoding="utf-8")
    cli("data", "import", path, "--symbol", "a.LOCAL", "--zone", "Asia/Tokyo", "--column", "v=size")

    before = cli("data", "map", path).out
    mapped = cli("data", "map", path, "--json").json["tables"][0]["mapping"]
    anew = cli("data", "map", path, "--zone", "Asia/Tokyo", "--column", "v=size").out

    assert "note: zone Asia/Tokyo, v size: as was said of such columns before" in before
    assert mapped["zone"]["reasons"] == ["as was said of such columns before"]
    assert mapped["columns"][-1]["reason"] == "as was said of such columns before"
    assert "said of such columns before" not in anew


@pytest.mark.parametrize(
    ("timeframe", "stamp", "says"),
    [
        ("1h", "2024-01-02 09:3{0}", "its rows are 1m apart"),
        ("1w", "2024-01-0{0}", "its rows are 1d apart"),
        ("5m", "2024-01-0{0}", "dates without a time of day"),
    ],
)
def test_a_timeframe_that_the_rows_contradict_is_refused(
    cli: Cli, tmp_path: Path, timeframe: str, stamp: str, says: str
) -> None:
    path = tmp_path / "AAPL.csv"
    rows = [f"{stamp.format(step)},1,1,1,1,3" for step in range(1, 7)]
    path.write_text("\n".join(["time,o,h,l,c,v", *rows]), encoding="utf-8")

    outcome = cli("data", "import", path, "--timeframe", timeframe)

    assert outcome.code == 2
    assert says in outcome.err
    assert not (tmp_path / "catalog").exists()


def test_many_instruments_of_a_file_are_told_in_a_table(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"S{name}.LOCAL,{row}" for name in range(6) for row in ROWS.split("\n")]
    path.write_text("\n".join(["symbol,date,open,high,low,close,volume", *rows]), encoding="utf-8")

    out = cli("data", "import", path).out

    assert [f"S{name}.LOCAL" in out for name in range(6)] == [True] * 6
    assert out.count("stored 4 bars") == 0
    assert out.count("next: ") == 1


def test_dates_that_have_not_come_yet_are_warned_of(cli: Cli, daily: Path) -> None:
    daily.write_text(daily.read_text().replace("2024-", "2199-"))

    assert "which has not come yet" in cli("data", "import", daily).out


def test_a_file_that_may_not_be_read_is_no_damaged_one(
    cli: Cli, daily: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "more").mkdir()
    locked = tmp_path / "more" / "locked.csv"
    locked.write_text("x")
    as_it_was = Path.open

    def guarded(path: Path, *args: Any, **options: Any) -> Any:
        if path == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return as_it_was(path, *args, **options)

    monkeypatch.setattr(Path, "open", guarded)
    outcome = cli("data", "import", daily, tmp_path / "more")

    assert outcome.code == 6
    assert "locked.csv: Permission denied; check the path, the rights to it" in outcome.err
    assert stored(tmp_path) == [("AAPL.US", "1d")]


def test_a_file_that_grows_while_it_is_read_is_refused(
    cli: Cli, daily: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_was = read_file

    def read_and_grow(path: Path, **options: Any) -> Any:
        found = as_it_was(path, **options)
        path.write_text(path.read_text() + "2024-01-08,10,12,9,11,800\n")
        return found

    monkeypatch.setattr(importing, "read_file", read_and_grow)
    outcome = cli("data", "import", daily)

    assert outcome.code == 5
    assert "was written to while it was read" in outcome.err
    assert stored(tmp_path) == []


def test_a_calendar_that_nobody_knows_is_refused(cli: Cli, daily: Path, tmp_path: Path) -> None:
    outcome = cli("data", "import", daily, "--calendar", "mars")

    assert outcome.code == 3
    assert "no calendar is named 'mars'" in outcome.err
    assert stored(tmp_path) == []


def test_of_many_columns_the_first_are_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    names = [f"feature_{place}" for place in range(100)]
    path.write_text(f"{','.join(['date', *names])}\n2024-01-02{',x' * 100}\n", encoding="utf-8")

    outcome = cli("data", "import", path)

    assert outcome.code == 2
    assert "'feature_10' and 89 more" in outcome.err


def test_a_saved_mapping_reads_the_file_in_the_same_way(
    cli: Cli, daily: Path, tmp_path: Path
) -> None:
    mapping = tmp_path / "vendor.toml"
    cli("data", "map", daily, "--save", mapping)
    text = mapping.read_text(encoding="utf-8").replace('"AAPL.US"', '"MSFT.US"')
    mapping.write_text(text, encoding="utf-8")

    cli("data", "import", daily, "--mapping", mapping)

    assert stored(tmp_path) == [("MSFT.US", "1d")]


def test_a_mapping_that_cannot_be_is_refused(cli: Cli, daily: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "bad.toml"
    mapping.write_text('label = "middle"\n', encoding="utf-8")

    outcome = cli("data", "import", daily, "--mapping", mapping)

    assert outcome.code == 2
    assert "not one of open, close, session" in outcome.err
    assert cli("data", "import", daily, "--column", "open").code == 2
    assert cli("data", "import", daily, "--column", "nowhere=open").code == 2


def test_a_day_that_nobody_knows_is_asked_for(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(TRADES, encoding="utf-8")

    refused = cli("data", "import", path)

    assert refused.code == 2
    assert "Say so by --day" in refused.err
    told = cli("data", "import", path, "--day", "2024-01-02", "--json").json["datasets"][0]
    assert (told["symbol"], told["timeframe"], told["rows"]) == ("AAPL.US", "ticks", 2)


def test_dates_that_read_both_ways_are_asked_for_once(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    rows = [f"03/04/2024 09:{minute},1,1,1,1,9" for minute in range(31, 36)]
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]), encoding="utf-8")
    sure = tmp_path / "MSFT.csv"
    sure.write_text(path.read_text("utf-8").replace("03/04/", "03/14/"), encoding="utf-8")

    refused = cli("data", "import", path, "--yes")

    assert refused.code == 2
    assert "2024-04-03 with the day first, 2024-03-04 with the month first" in refused.err
    assert "Say so by --dates" in refused.err
    cli("data", "import", path, "--dates", "day-first", "--json")
    again = cli("data", "import", path, "--json").json["datasets"][0]
    assert again["start"].startswith("2024-04-03")
    # Another vendor's file of the same columns tells the other order itself.
    other = cli("data", "import", sure, "--json").json["datasets"][0]
    assert other["start"].startswith("2024-03-14")


def test_a_name_that_no_symbol_spells_is_asked_for(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "我的数据.csv"
    rows = [f"2024-01-0{day},1,1,1,1,9" for day in (2, 3, 4)]
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]), encoding="utf-8")

    assert "Say so by --symbol" in cli("data", "import", path, "--yes").err
    assert cli("data", "import", path, "--symbol", "AAPL").code == 0


def test_names_of_a_column_are_not_said_to_be_those_of_the_file(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    rows = [f"2024-01-0{day},my_basket,1,1,1,1,9" for day in (2, 3, 4)]
    path.write_text("\n".join(["date,tic,open,high,low,close,volume", *rows]), encoding="utf-8")

    (told,) = cli("data", "import", path, "--json").json["datasets"]

    assert told["symbol"] == "my_basket.LOCAL"
    assert not any("after the file" in note for note in told["notes"])


def test_a_part_of_an_archive_without_rows_is_named(cli: Cli, tmp_path: Path) -> None:
    header = "date,open,high,low,close,volume\n"
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("AAPL.csv", header + "2024-01-02,1,1,1,1,9\n2024-01-03,1,1,1,1,9\n")
        archive.writestr("MSFT.csv", header + "2024-01-02,,,,,\n")

    skipped = cli("data", "import", "all.zip", "--on-bad", "drop", "--json").json["skipped"]

    assert [text.startswith("no row of all.zip (MSFT.csv)") for text in skipped] == [True]


@pytest.mark.parametrize("currency", ["usd", "US DOLLAR", "€", "TOOLONG"])
def test_a_currency_that_is_none_is_refused(cli: Cli, daily: Path, currency: str) -> None:
    outcome = cli("data", "import", daily, "--currency", currency)

    assert outcome.code == 2
    assert "is no currency" in outcome.err


@pytest.mark.parametrize("wrong", [("--nowhere",), ("--volume-lot", "many")])
def test_wrong_usage_is_json_where_json_is_wanted(
    cli: Cli, daily: Path, wrong: tuple[str, ...]
) -> None:
    outcome = cli("data", "import", daily, *wrong, "--json")

    assert (outcome.code, outcome.out) == (2, "")
    assert json.loads(outcome.err)["error"]["code"] == "cli.usage"


def test_a_long_file_becomes_one_dataset_for_each_instrument(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    rows = [f"2024-01-0{day},{tic},1,1,1,1,9" for day in (2, 3) for tic in ("AAPL", "MSFT")]
    path.write_text("\n".join(["date,tic,open,high,low,close,volume", *rows]), encoding="utf-8")

    cli("data", "import", path, "--json")

    assert stored(tmp_path) == [("AAPL.US", "1d"), ("MSFT.US", "1d")]


def write_many(path: Path) -> Path:
    """Minutes of twelve instruments side by side, with a torn price, a hole and a wrong print."""
    walks = [random_walk(400, symbol=f"X{at:02d}.LOCAL", seed=at) for at in range(12)]
    cells = [walk.to_frame().reset_index().to_csv(header=False, index=False) for walk in walks]
    lines = [text.splitlines() for text in cells]
    lines[3][200] = lines[3][200].replace(",", ",x", 1)
    lines[5][100:130] = []
    lines[7][50] = lines[7][49]
    header = ",".join(["symbol", *walks[0].to_frame().reset_index().columns])
    rows = [
        f"X{at:02d}.LOCAL,{lines[at][row]}"
        for row in range(400)
        for at in range(12)
        if row < len(lines[at])
    ]
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def test_many_instruments_streamed_are_stored_and_graded_as_those_that_are_held(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_many(tmp_path / "many.csv")
    monkeypatch.setattr("quantloom.data.importing.ROWS", 500)
    monkeypatch.setattr("quantloom.data.readers.blocks.BLOCK_BYTES", 16_384)
    at_once = ("data", "import", path, "--on-bad", "drop", "--json", "--data-dir")

    held = cli(*at_once, tmp_path / "held").json["datasets"]
    monkeypatch.setattr(importing, "_LARGE_BYTES", 0)
    monkeypatch.setattr(importing, "read_file", None)
    streamed = cli(*at_once, tmp_path / "streamed").json["datasets"]

    told = ("symbol", "rows", "read", "kept", "dropped", "grade", "start", "end")
    shown = [[{name: one[name] for name in told} for one in many] for many in (held, streamed)]
    assert shown[0] == shown[1]
    assert len(streamed) == 12
    assert sum(bool(one["dropped"]) for one in streamed) == 2
    for one in streamed:
        folders = (Catalog(tmp_path / name) for name in ("held", "streamed"))
        first, second = (catalog.read(one["symbol"], "1m").digest() for catalog in folders)
        assert first == second


def test_a_file_that_cannot_be_read_stops_no_other(cli: Cli, daily: Path, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    daily.rename(folder / "AAPL.csv")
    (folder / "notes.txt").write_text("nothing but words\n", encoding="utf-8")

    outcome = cli("data", "import", folder, "--json")

    assert outcome.code == 2
    assert [one["symbol"] for one in outcome.json["datasets"]] == ["AAPL.US"]
    assert "notes.txt" in outcome.json["failed"][0]["file"]


def test_files_of_one_symbol_are_joined_and_later_ones_only_when_asked(
    cli: Cli, tmp_path: Path
) -> None:
    header = "date,open,high,low,close,volume"
    for month in (1, 2, 3):
        folder = tmp_path / f"m{month}"
        folder.mkdir()
        text = f"{header}\n" + ROWS.replace("-01-", f"-0{month}-")
        (folder / "AAPL.csv").write_text(text, encoding="utf-8")

    cli("data", "import", tmp_path / "m1", tmp_path / "m2", "--json")
    assert Catalog(tmp_path / "catalog").info("AAPL.US", "1d").rows == 8
    cli("data", "import", tmp_path / "m3", "--json", "--add")
    assert Catalog(tmp_path / "catalog").info("AAPL.US", "1d").rows == 12
    cli("data", "import", tmp_path / "m3", "--json")
    assert Catalog(tmp_path / "catalog").info("AAPL.US", "1d").rows == 4


def test_an_empty_folder_and_an_absent_file_are_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()

    assert "has no files" in cli("data", "import", tmp_path / "none").err
    assert cli("data", "import", tmp_path / "nowhere.csv").code == 3


@pytest.mark.parametrize("percent", [3, 30, 97])
def test_an_import_that_is_refused_leaves_the_catalog_as_it_was(
    percent: int, cli: Cli, tmp_path: Path
) -> None:
    catalog = Catalog(tmp_path / "catalog")
    bars = random_walk(300, 4, symbol="MINE.LOCAL", timeframe="1m")
    before = catalog.write(bars, assume_instrument(bars), source="a test")
    whole = random_walk(300, 5, timeframe="1m").to_frame().to_csv()
    path = tmp_path / "MINE.csv"
    path.write_text(f"{whole[: len(whole) * percent // 100].rstrip()},x", encoding="utf-8")

    outcome = cli("data", "import", path, "--symbol", "MINE.LOCAL", "--yes")

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert catalog.info("MINE.LOCAL", "1m").digest == before.digest


@needs_shared
def test_bars_of_quotes_never_join_bars_of_trades(cli: Cli) -> None:
    outcome = cli("data", "import", RAW / "lean" / "equity-usa-minute-spy", "--json")

    assert outcome.code == 2
    assert {one["symbol"] for one in outcome.json["datasets"]} == {"SPY.US"}
    assert "would mix bars of quotes" in outcome.json["failed"][0]["message"]


@needs_shared
def test_a_map_tells_every_finding_with_its_confidence(cli: Cli) -> None:
    told = cli("data", "map", RAW / "tushare" / "600000.SH.csv", "--json").json

    mapping = told["tables"][0]["mapping"]
    assert mapping["volume_lot"]["value"] == 100
    assert mapping["adjustment"]["value"] == "suspected"
    assert all(0 <= one["confidence"] <= 1 for one in mapping["columns"])
    assert mapping["adjustment"]["reasons"]
