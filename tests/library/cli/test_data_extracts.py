"""`quantloom data sql|export|delete|compact|list`, as a user types it."""

import csv
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import feather

from quantloom.data import Catalog, read_bars
from tests.library.cli.conftest import Cli
from tests.library.data.builders import make_bars, make_instrument, make_ticks, store


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path / "catalog")
    store(catalog, ("MINE.LOCAL", "1h"), ("MINE.LOCAL", "1d"), ("OTHER.LOCAL", "1d"), n=40)
    return catalog


COUNT = "select symbol, count(*) as n from bars where symbol like '%.LOCAL' group by 1 order by 1"


def test_sql_answers_as_table_json_and_csv(cli: Cli, catalog: Catalog) -> None:
    answer = cli("data", "sql", COUNT, "--json").json

    assert answer["rows"] == [{"symbol": "MINE.LOCAL", "n": 80}, {"symbol": "OTHER.LOCAL", "n": 40}]
    assert answer["more"] is False
    lines = cli("data", "sql", COUNT, "--csv").out.splitlines()
    assert lines == ["symbol,n", "MINE.LOCAL,80", "OTHER.LOCAL,40"]
    assert "OTHER.LOCAL" in cli("data", "sql", COUNT).out


def test_sql_shows_a_limit_and_writes_everything(
    cli: Cli, catalog: Catalog, tmp_path: Path
) -> None:
    query = "select ts, close from bars where symbol = 'MINE.LOCAL' and timeframe = '1h' order by 1"

    shown = cli("data", "sql", query, "--limit", "3", "--json")
    written = cli("data", "sql", query, "--output", tmp_path / "rows.parquet")

    assert len(shown.json["rows"]) == 3
    assert shown.json["rows"][0]["ts"] == "2020-01-01 00:00:00"
    assert shown.json["more"] is True
    assert "only the first 3 rows" in cli("data", "sql", query, "--limit", "3").err
    assert "wrote 40 row(s)" in written.out
    assert pq.read_table(tmp_path / "rows.parquet").num_rows == 40


def test_sql_that_is_wrong_is_told(cli: Cli, catalog: Catalog) -> None:
    outcome = cli("data", "sql", "selec 1")

    assert outcome.code == 2
    assert "LINE 1: selec 1" in outcome.err


@pytest.mark.parametrize("suffix", ["csv", "parquet", "feather", "json", "xlsx"])
def test_bars_are_exported(suffix: str, cli: Cli, catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / f"mine.{suffix}"

    told = cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1h", "--json").json

    assert told["rows"] == 40
    assert told["columns"] == ["time", "open", "high", "low", "close", "volume"]
    assert path.stat().st_size > 500
    assert cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1h").code == 2
    assert cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1h", "--force").code == 0


def test_an_export_comes_back_by_import(cli: Cli, catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1h")

    read = read_bars(path, symbol="MINE.LOCAL", timeframe="1h")

    assert read.bars.digest() == catalog.read("MINE.LOCAL", "1h").digest()


def test_columns_zone_and_label_are_as_asked(cli: Cli, catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    asked = ("--columns", "close,volume", "--zone", "Asia/Shanghai", "--label", "close")

    cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1h", *asked)

    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert list(rows[0]) == ["time", "close", "volume"]
    assert rows[0]["time"] == "2020-01-01 09:00:00+0800"


def test_days_carry_their_date_in_any_zone(cli: Cli, catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"

    cli("data", "export", "MINE.LOCAL", path, "--timeframe", "1d", "--zone", "America/New_York")

    assert json.loads(path.read_text(encoding="utf-8"))[0]["time"] == "2020-01-01"
    cli("data", "export", "MINE.LOCAL", tmp_path / "mine.feather", "--timeframe", "1d")
    assert str(feather.read_table(tmp_path / "mine.feather").schema.field("time").type) == (
        "date32[day]"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        ("mine.txt",),
        ("mine.csv", "--columns", "nope"),
        ("mine.csv", "--zone", "Mars/Olympus"),
        ("mine.csv", "--label", "middle"),
    ],
)
def test_an_export_that_cannot_be_is_told(
    wrong: tuple[str, ...], cli: Cli, catalog: Catalog, tmp_path: Path
) -> None:
    name, *options = wrong

    outcome = cli("data", "export", "MINE.LOCAL", tmp_path / name, "--timeframe", "1h", *options)

    assert outcome.code == 2
    assert not (tmp_path / name).exists()


def test_deleting_asks_first(cli: Cli, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert cli("data", "delete", "MINE.LOCAL", "--timeframe", "1h").code == 1
    assert len(catalog.timeframes("MINE.LOCAL")) == 2

    gone = cli("data", "delete", "MINE.LOCAL", "--timeframe", "1h", "--yes", "--json")

    assert gone.json == {"symbol": "MINE.LOCAL", "deleted": ["1h"]}
    assert [str(one) for one in catalog.timeframes("MINE.LOCAL")] == ["1d"]
    assert cli("data", "delete", "NOSUCH.LOCAL", "--yes").code == 3


def test_compacting_joins_pieces(cli: Cli, catalog: Catalog) -> None:
    bars = make_bars(3_000, timeframe="1h", symbol="GROWN.LOCAL")
    catalog.write(bars[:2_900], make_instrument("GROWN.LOCAL"), source="x")
    catalog.append(bars[2_900:])
    assert catalog.info("GROWN.LOCAL").pieces == 2

    told = cli("data", "compact", "GROWN.LOCAL", "--json").json["datasets"]

    assert [(one["pieces_before"], one["pieces"]) for one in told] == [(2, 1)]
    assert catalog.read("GROWN.LOCAL").digest() == bars.digest()


def test_compacting_joins_pieces_of_ticks_too(cli: Cli, catalog: Catalog) -> None:
    ticks = make_ticks(5_000, symbol="GROWN.LOCAL")
    catalog.write_ticks(ticks[:4_900], make_instrument("GROWN.LOCAL"), source="x")
    assert catalog.append_ticks(ticks[4_900:]).pieces == 2

    assert cli("data", "compact", "GROWN.LOCAL", "--ticks", "quotes").code == 3
    told = cli("data", "compact", "--ticks", "trades", "--json").json

    assert told["datasets"] == []
    assert [(one["pieces_before"], one["pieces"]) for one in told["ticks"]] == [(2, 1)]
    assert catalog.read_ticks("GROWN.LOCAL").digest() == ticks.digest()
    assert "compacted 4 dataset(s)" in cli("data", "compact", "--match", "LOCAL").out


def test_lists_come_in_pages(cli: Cli, catalog: Catalog) -> None:
    first = cli("data", "list", "local", "--limit", "2", "--json").json
    second = cli("data", "list", "local", "--limit", "2", "--page", "2", "--json").json

    assert first["total"] == second["total"] == 3
    names = [(one["symbol"], one["timeframe"]) for one in first["datasets"] + second["datasets"]]
    assert names == [("MINE.LOCAL", "1h"), ("MINE.LOCAL", "1d"), ("OTHER.LOCAL", "1d")]
    assert "--page 2 shows more" in cli("data", "list", "local", "--limit", "2").out
    assert len(cli("data", "list", "--timeframe", "1h", "M*.LOCAL", "--json").json["datasets"]) == 1
    assert cli("data", "list", "--ticks", "--json").json == {"ticks": [], "total": 0}
