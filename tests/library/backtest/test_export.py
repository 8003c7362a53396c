"""Results as files, and back."""

import csv
import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import (
    BacktestResult,
    CorruptResult,
    NoResult,
    ResultThere,
    Table,
    TooManyRows,
    XlsxExtraMissing,
    export,
    load_result,
)
from quantloom.simulation import SquareRootImpact
from quantloom.strategy import RiskPerTrade
from tests.library.backtest.builders import buy, run
from tests.library.backtest.runs import rove

BESIDE = ("rebalances", "rebalance_moments")
"""What files for other programs hold of a portfolio beside its tables."""


def cells(result: BacktestResult) -> dict[str, list[str]]:
    """Every cell as Python spells it: 1.0 is not 1.00 here."""
    return {
        f"{name}.{key}": [repr(one) for one in column.tolist()]
        for name, table in result.tables().items()
        for key, column in table.items()
    }


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 60))
def test_a_saved_result_comes_back_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    result = rove(seed=seed, count=count)

    loaded = load_result(result.save(tmp_path_factory.mktemp("kept") / "run"))

    assert cells(loaded) == cells(result)
    assert loaded.hashes == result.hashes
    assert loaded.spec == result.spec
    assert loaded.metrics == result.metrics
    assert loaded.to_bytes() == result.to_bytes()
    assert (loaded.state, loaded.log) == (result.state, result.log)
    assert loaded.days.tolist() == result.days.tolist()


def test_what_is_worked_out_late_is_equal_in_a_loaded_result(tmp_path: Path) -> None:
    result = rove()

    loaded = load_result(result.save(tmp_path))

    assert loaded.diagnostics == result.diagnostics
    assert np.array_equal(loaded.excursions.adverse, result.excursions.adverse)
    assert np.array_equal(loaded.rolling(20)["beta"], result.rolling(20)["beta"], equal_nan=True)


def test_settings_of_every_kind_come_back(tmp_path: Path) -> None:
    result = run(
        {0: buy(1)},
        [10, 11, 12],
        slippage=SquareRootImpact(),
        sizing=RiskPerTrade.of("0.01"),
        participation="0.25",
        latency=1,
    )

    assert load_result(result.save(tmp_path)).spec == result.spec


def test_a_folder_keeps_its_result_unless_told_otherwise(tmp_path: Path) -> None:
    first, second = rove(seed=1, count=20), rove(seed=2, count=20)
    first.save(tmp_path)
    first.save(tmp_path)

    with pytest.raises(ResultThere, match="replace=True"):
        second.save(tmp_path)

    assert load_result(tmp_path).hashes == first.hashes
    assert load_result(second.save(tmp_path, replace=True)).hashes == second.hashes


def test_a_folder_without_a_result_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NoResult, match="holds no result"):
        load_result(tmp_path)


@pytest.mark.parametrize("name", ["fills.parquet", "bars-0.parquet", "result.json"])
def test_a_damaged_file_is_never_taken_for_the_result(tmp_path: Path, name: str) -> None:
    rove(count=30).save(tmp_path)
    (tmp_path / name).write_bytes(b"PAR1 nothing of the kind")

    with pytest.raises(CorruptResult, match="run and save it again"):
        load_result(tmp_path)


def test_a_table_of_another_run_is_noticed(tmp_path: Path) -> None:
    rove(seed=1).save(tmp_path / "one")
    rove(seed=2).save(tmp_path / "two")
    (tmp_path / "one/fills.parquet").write_bytes((tmp_path / "two/fills.parquet").read_bytes())

    with pytest.raises(CorruptResult, match="tables"):
        load_result(tmp_path / "one")


def test_parquet_for_other_programs_has_decimals_and_times(tmp_path: Path) -> None:
    result = rove()

    result.to_parquet(tmp_path)

    table = pq.read_table(tmp_path / "fills.parquet")
    assert str(table.schema.field("price").type).startswith("decimal128")
    assert str(table.schema.field("ts_ns").type) == "timestamp[ns, tz=UTC]"
    assert table.column("price").to_pylist() == result.fills["price"].tolist()
    assert table.column("ts_ns").cast(pa.int64()).to_pylist() == result.fills["ts_ns"].tolist()


def test_csv_holds_every_digit(tmp_path: Path) -> None:
    result = rove()

    files = result.to_csv(tmp_path)

    assert [file.stem for file in files] == ["metrics", *result.tables(), *BESIDE]
    with (tmp_path / "fills.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [Decimal(row["price"]) for row in rows] == result.fills["price"].tolist()
    with (tmp_path / "equity.csv").open(newline="") as file:
        points = list(csv.DictReader(file))
    assert [float(row["equity"]) for row in points] == result.equity["equity"].tolist()
    assert points[0]["time"] == "2020-01-01T00:00:00.000000Z"


def test_json_is_the_summary_with_its_tables(tmp_path: Path) -> None:
    result = rove()

    told = json.loads(result.to_json(tmp_path / "run.json").read_text())

    assert told["hashes"]["result"] == result.hashes.result
    assert told["tables"]["fills"]["price"] == [str(one) for one in result.fills["price"]]


def test_a_workbook_has_a_sheet_for_each_table_and_no_formula_of_a_strategy(
    tmp_path: Path,
) -> None:
    path = rove().to_xlsx(tmp_path / "run.xlsx")

    with zipfile.ZipFile(path) as book:
        names = book.read("xl/workbook.xml").decode()
        sheets = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert names.count("<sheet ") == 9
    assert "<f>" not in "".join(sheets)
    assert "=turn" in "".join(sheets)


def test_a_workbook_opens_with_numbers_as_numbers_and_times_as_times(tmp_path: Path) -> None:
    result = rove()

    book = openpyxl.load_workbook(result.to_xlsx(tmp_path / "run.xlsx"))

    assert book.sheetnames == ["metrics", *result.tables(), *BESIDE]
    head, *lines = book["fills"].values
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    assert [row["price"] for row in rows] == result.fills.floats("price").tolist()
    assert [row["time"] for row in rows] == result.fills.to_frame()["ts_ns"].dt.tz_localize(
        None
    ).tolist()
    measures = {line[0]: line[1] for line in book["metrics"].values}
    assert measures["total_return"] == pytest.approx(result.metrics.total_return, rel=1e-15)
    assert {row["tag"] for row in rows} >= {"=turn"}


def test_a_workbook_leaves_what_has_no_value_empty(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(run({}, [10, 11]).to_xlsx(tmp_path / "idle.xlsx"))

    told = {line[0]: line for line in book["metrics"].values}
    assert told["win_rate"][1] is None
    assert told["win_rate"][4] == "there are no round trips"
    assert list(book["round_trips"].values)[1:] == []


def test_the_same_result_gives_the_same_workbook(tmp_path: Path) -> None:
    first, second = (rove().to_xlsx(tmp_path / f"{name}.xlsx") for name in "ab")

    assert first.read_bytes() == second.read_bytes()


def test_a_table_too_long_for_a_sheet_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_SHEET_ROWS", 299)

    with pytest.raises(TooManyRows, match="equity has 300 rows"):
        rove().to_xlsx(tmp_path / "run.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_a_workbook_needs_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)

    with pytest.raises(XlsxExtraMissing, match=r"quantloom\[xlsx\]"):
        rove(count=5).to_xlsx(tmp_path / "run.xlsx")


def test_a_run_without_trades_can_be_written_every_way(tmp_path: Path) -> None:
    idle = run({}, [10, 11])

    idle.to_csv(tmp_path)
    idle.to_parquet(tmp_path)
    idle.to_xlsx(tmp_path / "idle.xlsx")

    assert (tmp_path / "fills.csv").read_text().startswith("id,order_id,time,symbol")
    assert isinstance(load_result(idle.save(tmp_path / "kept")).fills, Table)
