"""SQL sees every row of the catalog, to the bit, and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from quantloom.data import Catalog, open_catalog
from quantloom.data.extracts import BadQuery, QueryFailed, ask
from quantloom.market import Bars, Ticks
from tests.library.data.builders import make_bars, make_instrument, pieces_of, store


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    catalog = Catalog(tmp_path)
    store(catalog, ("a.LOCAL", "1d"), ("a.LOCAL", "5m"), ("b.LOCAL", "1d"), n=50)
    return catalog


def test_every_row_is_there_with_its_symbol_and_timeframe(catalog: Catalog) -> None:
    found = ask(catalog, "select symbol, timeframe, count(*) n from bars group by all order by all")

    assert [tuple(row.values()) for row in found.to_pylist()] == [
        ("a.LOCAL", "1d", 50),
        ("a.LOCAL", "5m", 50),
        ("b.LOCAL", "1d", 50),
    ]


def test_numbers_are_those_of_the_bars_to_the_bit(tmp_path: Path) -> None:
    catalog, bars = Catalog(tmp_path), make_bars(2_000, timeframe="1h")
    odd = np.random.default_rng(1).random(2_000)
    for symbol, scale in (("a.LOCAL", 1.0), ("b.LOCAL", 3.0), ("c.LOCAL", 1e-4)):
        prices = {name: getattr(bars, name) * scale for name in ("open", "high", "low", "close")}
        given = Bars.of(symbol, "1h", ts=bars.ts, **prices, extras={"odd": odd})
        catalog.write(given, make_instrument(symbol), source="x")

    for symbol in ("a.LOCAL", "b.LOCAL", "c.LOCAL"):
        table = ask(catalog, f"select * from bars where symbol = '{symbol}' order by ts")
        held = catalog.read(symbol)
        for name in ("open", "high", "low", "close", "odd"):
            values = held.extras[name] if name == "odd" else getattr(held, name)
            assert table[name].to_numpy().tobytes() == values.tobytes()
        assert table["ts"].to_numpy().astype(np.int64).tolist() == held.ts.tolist()
        assert table["volume"].null_count == 2_000


def test_only_the_files_a_query_needs_are_opened(catalog: Catalog) -> None:
    (piece,) = pieces_of(catalog.info("b.LOCAL"))
    piece.write_bytes(b"junk")

    found = ask(catalog, "select count(*) n from bars where symbol = 'a.LOCAL'")

    assert found["n"].to_pylist() == [100]
    with pytest.raises(QueryFailed):
        ask(catalog, "select count(close) n from bars")


def test_ticks_and_datasets_can_be_asked(catalog: Catalog) -> None:
    ticks = Ticks.of_trades("a.LOCAL", ts=[1, 2, 3], price=[1.0, 2.0, 3.0], size=[1, 1, 2])
    catalog.write_ticks(ticks, make_instrument("a.LOCAL"), source="x")

    found = ask(catalog, "select stream, sum(price * size) turnover, max(ts) from ticks group by 1")

    assert found["turnover"].to_pylist() == [9.0]
    listed = ask(catalog, "select symbol, kind, part from datasets order by all")
    assert listed.num_rows == 4
    assert ask(catalog, "select bid1 from ticks")["bid1"].null_count == 3


def test_a_dataset_of_yours_hides_the_packaged_one(tmp_path: Path) -> None:
    catalog = open_catalog(tmp_path)
    store(catalog.layers[0], ("SPY.ARCA", "1d"))

    found = ask(catalog, "select count(*) n from bars where symbol='SPY.ARCA' and timeframe='1d'")

    assert found["n"].to_pylist() == [5]


def test_an_empty_catalog_has_the_columns_and_no_rows(tmp_path: Path) -> None:
    found = ask(Catalog(tmp_path), "select symbol, timeframe, ts, close from bars")

    assert (found.num_rows, len(found.schema.names)) == (0, 4)


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from read_text('/etc/passwd')",
        "select * from read_parquet('https://example.com/x.parquet')",
        "select * from glob('/*')",
        "copy bars to 'stolen.csv'",
        "attach 'other.db'",
        "install httpfs",
        "set enable_external_access = true",
        "create table x as select 1",
        "select 1; select 2",
        "drop view bars",
        "pragma database_list",
        "",
        "selec 1",
        "select nope from bars",
        "select catalog from catalog",
        "select 'x'::integer",
    ],
)
def test_anything_but_a_question_to_the_catalog_is_refused(
    sql: str, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(BadQuery, match="select from bars, ticks, datasets"):
        ask(catalog, sql)

    assert not (tmp_path / "stolen.csv").exists()


def test_an_error_shows_where_it_is(catalog: Catalog) -> None:
    with pytest.raises(BadQuery) as caught:
        ask(catalog, "select symbol,\n  nope from bars")

    line, caret = str(caught.value).splitlines()[-3:-1]
    assert line.startswith("LINE 2:")
    assert caret.index("^") == line.index("nope")


def test_rows_are_cut_where_asked(catalog: Catalog) -> None:
    assert ask(catalog, "select * from bars", limit=7).num_rows == 7
