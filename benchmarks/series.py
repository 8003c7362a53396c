"""The bars that the systems are measured on, kept as files so that all read the very same ones."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.environments import WORKSHOP
from benchmarks.systems.job import Columns, TickColumns
from quantloom.data.synthetic import random_walk
from quantloom.kit import to_ns
from quantloom.market import get_calendar

SEED = 7
MINUTE_NS = 60_000_000_000
CSV_ROWS = 1_000_000
FOLDER = WORKSHOP / "data"


def walk(count: int, tick: str) -> Path:
    """Store a geometric random walk of 1-minute bars and give its file."""
    path = FOLDER / f"walk-{count}-{tick}.npz"
    if not path.exists():
        bars = random_walk(count, SEED, tick=Decimal(tick))
        names = Columns.__dataclass_fields__
        return store(Columns(**{name: getattr(bars, name) for name in names}), path)
    return path


def exchange_walk(count: int, tick: str) -> Path:
    """Store the same walk as the minutes that rebar trades in, from 2021 on, nights included."""
    path = FOLDER / f"exchange-walk-{count}-{tick}.npz"
    if not path.exists():
        columns, minutes = Columns.load(walk(count, tick)), _session_minutes(count)
        return store(replace(columns, ts=minutes), path)
    return path


def _session_minutes(count: int) -> NDArray[np.int64]:
    calendar = get_calendar("SHFE.rb")
    minutes = [
        np.arange(to_ns(session.open), to_ns(session.close), MINUTE_NS)
        for day in calendar.trading_days(date(2021, 1, 4), date(2024, 12, 31))
        for session in calendar.sessions(day)
    ]
    return np.concatenate(minutes)[:count]


def market(symbols: int, days: int, tick: str) -> Path:
    """Store walks of daily bars, each column of shape (days, symbols)."""
    path = FOLDER / f"market-{symbols}-{days}-{tick}.npz"
    if not path.exists():
        walks = [
            random_walk(days, SEED + place, timeframe="1d", volatility=0.02, tick=Decimal(tick))
            for place in range(symbols)
        ]
        prices = ("open", "high", "low", "close", "volume")
        columns = (np.column_stack([getattr(walk, name) for walk in walks]) for name in prices)
        return store(Columns(walks[0].ts, *columns), path)
    return path


def walk_csv(count: int, tick: str) -> Path:
    """Store the same walk as CSV."""
    path = FOLDER / f"walk-{count}-{tick}.csv"
    if not path.exists():
        columns = Columns.load(walk(count, tick))
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["time", "open", "high", "low", "close", "volume"])
            for start in range(0, count, CSV_ROWS):
                writer.writerows(_rows(columns, slice(start, start + CSV_ROWS)))
    return path


def _rows(columns: Columns, part: slice) -> Iterator[tuple[object, ...]]:
    times = columns.ts[part].view("datetime64[ns]").astype("datetime64[s]").tolist()
    values = list(vars(columns).values())[1:]
    return zip(times, *(column[part].tolist() for column in values), strict=True)


def from_csv(source: Path) -> Path:
    """Store a file that `read_csv` reads."""
    return store(read_csv(source), FOLDER / f"{source.stem}.npz")


def read_csv(source: Path) -> Columns:
    """Read a file of backtesting.py's: unnamed time, Open, High, Low, Close, Volume."""
    with source.open(newline="") as file:
        _, *rows = csv.reader(file)
    times, *values = zip(*rows, strict=True)
    moments = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in times]
    ts = np.array([int(moment.timestamp()) * 1_000_000_000 for moment in moments])
    return Columns(ts, *(np.array(column, dtype=np.float64) for column in values))


def store(columns: Columns | TickColumns, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **vars(columns))
    return path


def ticks(count: int) -> Path:
    """Store a walk of best prices and trades, four rows a millisecond, prices in whole ticks of 1.

    Each row changes one side or is a trade. Sizes change far more often than prices. A row that
    takes a level away has an odd time, since systems that keep all levels are told of it in two
    events; all others are even.
    """
    path = FOLDER / f"ticks-{count}.npz"
    if path.exists():
        return path
    rng = np.random.default_rng(SEED)
    kind = np.where(rng.random(count) < 0.25, 2, 1).astype(np.int8)
    moves = rng.random(count) < 0.05
    is_bid = rng.random(count) < 0.5
    drawn = rng.integers(5, 60, count)
    bids, asks = np.empty(count), np.empty(count)
    sizes = np.empty((2, count))
    bid, ask, bid_size, ask_size, removes = 20_000, 20_001, 20, 20, np.zeros(count, np.bool_)
    for row in range(count):
        if kind[row] == 1:
            size = int(drawn[row])
            if moves[row] and is_bid[row]:
                # Up into a wide spread, down out of a narrow one.
                removes[row] = ask - bid == 1
                bid += -1 if removes[row] else 1
            elif moves[row]:
                removes[row] = ask - bid == 1
                ask += 1 if removes[row] else -1
            if is_bid[row]:
                bid_size = size
            else:
                ask_size = size
        bids[row], asks[row], sizes[0, row], sizes[1, row] = bid, ask, bid_size, ask_size
    is_trade = kind == 2
    side = np.where(is_trade, np.where(is_bid, -1, 1), 0).astype(np.int8)
    ts = 1_704_186_000_000_000_000 + np.arange(count, dtype=np.int64) * 250_000 + removes
    return store(
        TickColumns(
            ts=ts,
            kind=kind,
            bid=bids,
            bid_size=sizes[0],
            ask=asks,
            ask_size=sizes[1],
            price=np.where(is_trade, np.where(is_bid, bids, asks), np.nan),
            size=np.where(is_trade, rng.integers(1, 12, count), 0).astype(np.float64),
            side=side,
        ),
        path,
    )
