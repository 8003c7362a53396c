"""Bars, instruments and files with defaults, for the tests of this folder."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from quantloom.data import Catalog, DatasetInfo, random_walk
from quantloom.market import Bars, Instrument, Kind, Ticks

HEADER = "date,open,high,low,close,volume"
GOOD_ROWS = tuple(f"2024-01-0{day},10,12,9,11,100" for day in (2, 3, 4, 5))


def make_bars(
    n: int = 5, *, symbol: str = "DEMO.LOCAL", timeframe: str = "1d", seed: int = 1
) -> Bars:
    return random_walk(n, seed, symbol=symbol, timeframe=timeframe)


def make_instrument(symbol: str = "DEMO.LOCAL", tick_size: str = "0.01") -> Instrument:
    return Instrument(symbol=symbol, kind=Kind.STOCK, tick_size=Decimal(tick_size))


def make_ticks(n: int = 10, *, symbol: str = "DEMO.LOCAL") -> Ticks:
    """Trades a second apart."""
    ts = np.arange(1, n + 1) * 1_000_000_000
    return Ticks.of_trades(symbol, ts=ts, price=np.arange(n) + 10.0, size=np.ones(n))


def store(catalog: Catalog, *held: tuple[str, str], n: int = 5) -> None:
    for symbol, timeframe in held:
        bars = make_bars(n, symbol=symbol, timeframe=timeframe)
        catalog.write(bars, make_instrument(symbol), source="a test")


def pieces_of(info: DatasetInfo) -> list[Path]:
    return sorted(Path(info.location).glob("*.parquet"))


def write_text(
    folder: Path, text: str, *, name: str = "sample.csv", encoding: str = "utf-8"
) -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def csv_of(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


def write_parquet(path: Path, times: Any, **extras: Any) -> Path:
    n = len(times)
    prices = {name: pa.array(np.full(n, 10.0)) for name in ("open", "high", "low", "close")}
    pq.write_table(pa.table({"ts": times, **prices, **extras}), path)
    return path
