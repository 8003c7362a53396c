"""Ticks from Parquet files: what the columns are called tells what they hold."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Ticks, resolve

_SIDES = {"buy": 1, "sell": -1}
Columns = Mapping[str, NDArray[Any]]


class UnknownTicks(Invalid):
    """A file whose columns are those of no ticks that are known."""

    code = "data.unknown_ticks"

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.problem}; name the columns as docs/how-to/ticks.md does, or make "
            "Ticks.of_quotes, of_trades or of_snapshots of them"
        )


def read_ticks(path: Path | str, *, symbol: str) -> Ticks:
    """Read a Parquet file of quotes, trades or snapshots.

    Args:
        symbol: what they are ticks of.
    Returns:
        Snapshots of `last_price`, `volume` of the day and `bid_price1`, `bid_volume1`, `ask_price1`
        and so on, of as many levels as there are; quotes of `bid`, `ask` and, where there are any,
        `bid_qty` and `ask_qty`; or trades of `price`, `qty` and, where there is one, `side`. All
        have `ts`, the exchange's time, and may have `local_ns`, when they were received: a clock
        that was slow is set right by the least that puts every row after its exchange time.
    Raises:
        UnknownTicks: the file cannot be read, or its columns are others.
        BadTicks: rows that cannot be true.
    """
    place = Path(path)
    try:
        table = pq.read_table(place)
    except (OSError, pa.ArrowException) as error:
        raise UnknownTicks(place, str(error).partition("\n")[0]) from error
    columns = {name: table[name].to_numpy() for name in table.column_names}
    name = resolve(symbol).symbol
    if "ts" not in columns:
        raise UnknownTicks(place, "has no column ts")
    ts = columns["ts"].astype("datetime64[ns]").astype(np.int64)
    received = _received(columns, ts)
    if {"last_price", "bid_price1", "ask_price1"} <= columns.keys():
        return _snapshots(place, name, ts, columns)
    if {"bid", "ask"} <= columns.keys():
        return Ticks.of_quotes(
            name,
            ts=ts,
            bid=columns["bid"],
            ask=columns["ask"],
            bid_size=columns.get("bid_qty"),
            ask_size=columns.get("ask_qty"),
            received=received,
        )
    if {"price", "qty"} <= columns.keys():
        sides = columns.get("side")
        return Ticks.of_trades(
            name,
            ts=ts,
            price=columns["price"],
            size=columns["qty"],
            side=None if sides is None else [_SIDES.get(str(side), 0) for side in sides],
            received=received,
        )
    raise UnknownTicks(place, f"has the columns {', '.join(columns)}")


def _received(columns: Columns, ts: IntArray) -> IntArray | None:
    """Times of receipt, none before its row happened and none before the one before it."""
    if "local_ns" not in columns:
        return None
    noted = columns["local_ns"].astype(np.int64)
    slow = max(0, int((ts - noted).max()))
    received: IntArray = np.maximum.accumulate(noted + slow)
    return received


def _snapshots(place: Path, symbol: str, ts: IntArray, columns: Columns) -> Ticks:
    if "volume" not in columns:
        raise UnknownTicks(place, "has snapshots without the volume of the day")
    levels = 1
    while f"bid_price{levels + 1}" in columns:
        levels += 1
    sizes = {side: _levels(columns, f"{side}_volume", levels) for side in ("bid", "ask")}
    prices = {side: _levels(columns, f"{side}_price", levels) for side in ("bid", "ask")}
    for side, found in prices.items():
        found[(found <= 0) | (sizes[side] <= 0)] = np.nan  # an empty level is written as zero
    return Ticks.of_snapshots(
        symbol,
        ts=ts,
        last=columns["last_price"],
        volume=columns["volume"],
        bid=prices["bid"],
        ask=prices["ask"],
        bid_size=sizes["bid"],
        ask_size=sizes["ask"],
    )


def _levels(columns: Columns, name: str, levels: int) -> FloatArray:
    found = [columns[f"{name}{level}"].astype(np.float64) for level in range(1, levels + 1)]
    return np.column_stack(found)
