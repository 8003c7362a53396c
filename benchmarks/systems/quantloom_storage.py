"""Quantloom's catalog: the bars of many symbols written, and read again.

Writing goes by threads, as an import of many files does: encoding and waiting for the disk leave
the interpreter to others. Every dataset is on the disk when its write is over.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.systems.job import Job, Outcome, answer
from quantloom.data import Catalog
from quantloom.market import Bars, Instrument, default_instrument

MB = 1_000_000
_THREADS = 8
_LAST = 1_000
_READS = 200


def prepare_write(job: Job) -> Callable[[], Outcome]:
    """Every symbol's bars, replacing what the run before has left."""
    catalog, sets = _catalog(), _sets(job)

    def run() -> Outcome:
        with ThreadPoolExecutor(_THREADS) as threads:
            infos = list(threads.map(lambda one: catalog.write(*one, source="made up"), sets))
        return Outcome(
            trades=sum(info.rows for info in infos),
            open_trades=0,
            final_equity=float(sets[-1][0].close[-1]),
            page_mb=sum(info.bytes for info in infos) / MB,
        )

    return run


def prepare_whole(job: Job) -> Callable[[], Outcome]:
    """All bars of one symbol of many, two hundred times."""
    return _reading(job, last=None)


def prepare_last(job: Job) -> Callable[[], Outcome]:
    """The last thousand bars of one symbol of many, two hundred times."""
    return _reading(job, last=_LAST)


def _reading(job: Job, last: int | None) -> Callable[[], Outcome]:
    catalog, sets = _catalog(), _sets(job)
    for bars, instrument in sets[:3]:
        catalog.write(bars, instrument, source="made up")
    symbols = [bars.symbol for bars, _ in sets[:3]]

    def run() -> Outcome:
        rows, close = 0, 0.0
        for number in range(_READS):
            bars = catalog.read(symbols[number % len(symbols)], "1m", last=last)
            rows, close = rows + len(bars), float(bars.close[-1])
        return Outcome(trades=rows, open_trades=0, final_equity=close)

    return run


def _catalog() -> Catalog:
    folder = tempfile.mkdtemp(prefix="storage-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Catalog(Path(folder))


def _sets(job: Job) -> list[tuple[Bars, Instrument]]:
    columns = job.columns
    bars = Bars.of(
        "S000.LOCAL",
        "1m",
        ts=columns.ts,
        open=columns.open,
        high=columns.high,
        low=columns.low,
        close=columns.close,
        volume=columns.volume,
    )
    symbols = [f"S{number:03d}.LOCAL" for number in range(int(job.parameters["symbols"]))]
    return [(replace(bars, symbol=symbol), default_instrument(symbol)) for symbol in symbols]


if __name__ == "__main__":
    answer({"write": prepare_write, "whole": prepare_whole, "last": prepare_last})
