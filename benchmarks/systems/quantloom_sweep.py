"""Quantloom, by the fused kernels of its sweeps."""

import multiprocessing
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.systems.job import Columns, Job, Outcome, answer, peak_rss_mb
from quantloom.backtest.optimise import optimise
from quantloom.backtest.sweeps import Sweep, split_space, sweep
from quantloom.market import Bars, Instrument, Kind
from quantloom.strategy.presets import SmaCross

SYMBOL = "WALK.LOCAL"
_PAGE = 10_000
# Of the bars that warm up there are too few days to judge anything by.
_DAYS_ENOUGH = 50_000


def prepare(job: Job) -> Callable[[], Outcome]:
    """One run, with its equity curve and its measures."""
    bars = bars_of(job.columns)

    def run() -> Outcome:
        found = swept(job, bars, [job.parameters])
        equity = found.equity(0)
        return Outcome(
            trades=int(found["round_trip_count"][0]),
            open_trades=int(found.held[0] != 0),
            final_equity=float(equity[-1]),
        )

    return run


def prepare_sweep(job: Job) -> Callable[[], Outcome]:
    """All sets, by threads of this process."""
    bars = bars_of(job.columns)
    workers = job.parameters.get("threads")

    def run() -> Outcome:
        return outcome(swept(job, bars, space_of(job), workers=workers), job)

    return run


def prepare_search(job: Job) -> Callable[[], Outcome]:
    """All sets as a search, with how likely the best of them is luck, told in a report."""
    bars = bars_of(job.columns)

    def run() -> Outcome:
        found = optimise(
            SmaCross,
            bars,
            space_of(job),
            instrument=instrument_of(job),
            cash=job.cash,
            commission=job.commission,
            size=1,
            participation=None,
            counted=False,
        )
        with tempfile.TemporaryDirectory() as folder:
            report = found.to_html(Path(folder) / "search.html").read_text()
        is_judged = found.overfitting is not None and found.deflated_sharpe is not None
        if len(report) < _PAGE or (len(bars) > _DAYS_ENOUGH and not is_judged):
            raise AssertionError("the report does not judge the search")
        chosen = [found.trials[row] for row in sample_of(job)]
        # Trials do not tell what is still open.
        held = swept(job, bars, [one.parameters for one in chosen]).held
        return Outcome(
            trades=sum(int(one.metrics["round_trip_count"] or 0) for one in chosen),
            open_trades=int((held != 0).sum()),
            final_equity=sum(float(one.metrics["final_equity"] or 0.0) for one in chosen),
        )

    return run


def prepare_processes(job: Job) -> Callable[[], Outcome]:
    """All sets, a group of them in each of some processes of one thread."""
    count = int(job.parameters["processes"])
    pool = ProcessPoolExecutor(
        count,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_take,
        initargs=(vars(job) | {"columns": vars(job.columns)},),
    )
    list(pool.map(_group, [[{}]] * count))

    def run() -> Outcome:
        groups = split_space(SmaCross, space_of(job), count)
        found, others = zip(*pool.map(_group, groups), strict=True)
        rows = sample_of(job)
        totals = np.concatenate(found)
        return Outcome(
            trades=int(totals[rows, 0].sum()),
            open_trades=int(totals[rows, 1].sum()),
            final_equity=float(totals[rows, 2].sum()),
            others_mb=float(sum(others)),
        )

    return run


_TAKEN: list[tuple[Job, Bars]] = []


def _take(given: dict[str, Any]) -> None:
    """Keep the job of a process that has just begun."""
    job = Job(**(given | {"columns": Columns(**given["columns"])}))
    _TAKEN.append((job, bars_of(job.columns)))


def _group(sets: Sequence[Mapping[str, int]]) -> tuple[Any, float]:
    job, bars = _TAKEN[0]
    found = swept(job, bars, sets, workers=1)
    rows = [found["round_trip_count"], found.held != 0, found["final_equity"]]
    return np.column_stack(rows), peak_rss_mb()


def swept(job: Job, bars: Bars, space: Any, workers: int | None = None) -> Sweep:
    return sweep(
        SmaCross,
        bars,
        space,
        workers=workers,
        instrument=instrument_of(job),
        cash=job.cash,
        commission=job.commission,
        size=1,
        participation=None,
        trials=False,
    )


def instrument_of(job: Job) -> Instrument:
    return Instrument(symbol=SYMBOL, kind=Kind.STOCK, tick_size=Decimal(job.tick))


def space_of(job: Job) -> dict[str, list[int]]:
    return {"fast": job.parameters["fasts"], "slow": job.parameters["slows"]}


def sample_of(job: Job) -> list[int]:
    """The rows of the sets whose outcome is known."""
    fasts, slows = job.parameters["fasts"], job.parameters["slows"]
    pairs = job.parameters["sample"]
    return [fasts.index(fast) * len(slows) + slows.index(slow) for fast, slow in pairs]


def outcome(found: Sweep, job: Job) -> Outcome:
    rows = sample_of(job)
    return Outcome(
        trades=int(found["round_trip_count"][rows].sum()),
        open_trades=int((found.held[rows] != 0).sum()),
        final_equity=float(found["final_equity"][rows].sum()),
    )


def bars_of(columns: Columns) -> Bars:
    for column in vars(columns).values():
        column.flags.writeable = False  # bars share what nobody can change, and copy the rest
    return Bars.of(SYMBOL, "1m", **vars(columns))


if __name__ == "__main__":
    answer(
        {
            "cross": prepare,
            "crosses": prepare_sweep,
            "crosses by processes": prepare_processes,
            "search": prepare_search,
        }
    )
