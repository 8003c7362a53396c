"""Tables of a result: columns of one length, read-only, rows and frames on demand."""

import sys
from decimal import Decimal

import numpy as np
import pytest

from quantloom.backtest import Table
from quantloom.market import FramesExtraMissing
from tests.library.backtest.builders import HOUR_NS, buy, run, sell


def make_table() -> Table:
    return run({0: buy(1, tag="in"), 1: sell(price=20)}, [10, 10.5, 11]).fills


def test_a_table_is_as_long_as_its_rows() -> None:
    table = make_table()

    assert (len(table), bool(table)) == (1, True)
    assert len(run({}, [10]).fills) == 0
    assert not run({}, [10]).fills
    assert list(table)[:4] == ["id", "order_id", "ts_ns", "symbol"]
    assert repr(table).startswith("<Table of 1 rows: id, order_id")


def test_columns_are_read_only() -> None:
    for table in run({0: buy(1)}, [10, 10]).tables().values():
        for name in table:
            with pytest.raises(ValueError, match="read-only"):
                table[name][:1] = 0


def test_rows_are_plain_values() -> None:
    (row,) = make_table().rows()

    assert row == {
        "id": 1,
        "order_id": 1,
        "ts_ns": HOUR_NS,
        "symbol": "TEST.LOCAL",
        "side": "buy",
        "quantity": Decimal(1),
        "price": Decimal("10.5"),
        "commission": Decimal(0),
        "slippage": Decimal(0),
        "cause": "market",
        "tag": "in",
    }
    assert type(row["side"]) is str


def test_exact_columns_come_as_floats_when_asked() -> None:
    floats = make_table().floats("price")

    assert floats.dtype == np.float64
    assert floats.tolist() == [10.5]


def test_a_frame_has_floats_and_utc_times() -> None:
    frame = make_table().to_frame()

    assert str(frame["ts_ns"].dtype) == "datetime64[ns, UTC]"
    assert frame["price"].dtype == np.float64
    assert frame["side"].tolist() == ["buy"]


def test_prices_that_only_some_orders_have_are_floats_in_a_frame() -> None:
    frame = run({0: buy(1), 1: buy(1, price=5)}, [10, 10, 10]).orders.to_frame()

    assert frame["price"].dtype == np.float64
    assert frame["price"].isna().tolist() == [True, False]


def test_a_notebook_shows_the_ends_of_a_long_table_and_no_markup_of_a_strategy() -> None:
    long = Table({"number": np.arange(1_000), "tag": np.array(["<b>"] * 1_000, dtype=object)})

    shown = long._repr_html_()

    assert shown.count("<tr>") == 12
    assert "<td>0</td>" in shown
    assert "<td>999</td>" in shown
    assert "<td>500</td>" not in shown
    assert "<b>" not in shown
    assert "1,000 rows" in shown


def test_a_notebook_shows_times_and_exact_numbers_in_full() -> None:
    shown = make_table()._repr_html_()

    assert "<td>1970-01-01 01:00:00</td>" in shown
    assert "<td>10.50</td>" in shown


def test_every_table_of_a_run_becomes_a_frame() -> None:
    result = run({0: buy(1), 1: buy(1, price=5)}, [10, 10, 10])

    for name, table in result.tables().items():
        assert len(table.to_frame()) == len(table), name


def test_a_table_without_rows_becomes_an_empty_frame() -> None:
    result = run({}, [10, 10])

    assert len(result.fills.to_frame()) == 0
    assert list(result.round_trips.to_frame().columns) == list(result.round_trips)


def test_a_frame_needs_pandas_and_a_table_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)

    table = make_table()

    assert len(list(table.rows())) == 1
    with pytest.raises(FramesExtraMissing, match=r"pip install 'quantloom\[frames\]'"):
        table.to_frame()


def test_a_table_prints_its_first_and_last_rows() -> None:
    table = Table({"id": np.arange(1, 13), "price": np.array([Decimal("9.50")] * 12, dtype=object)})

    lines = str(table).splitlines()

    assert lines[:2] == ["id  price", " 1   9.50"]
    assert lines[6].split() == ["\N{HORIZONTAL ELLIPSIS}"] * 2
    assert lines[-2:] == ["12   9.50", "12 rows"]
