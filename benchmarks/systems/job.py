"""What every measured process shares: its job, its clock and its answer.

Runs inside the peers' environments, so it needs NumPy and the standard library alone.
"""

import contextlib
import gc
import io
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

WARM_UP_BARS = 2_000
WARM_UP_TICKS = 20_000
CHECKED = 200
"""Values of an indicator that are compared."""


@dataclass(frozen=True)
class Columns:
    """The bars of a job as arrays of equal length; `ts` is int64 UTC nanoseconds.

    Of several instruments the others have a second axis, one place for each.
    """

    ts: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    @classmethod
    def load(cls, path: Path) -> "Columns":
        with np.load(path) as stored:
            return cls(**{name: stored[name] for name in cls.__dataclass_fields__})

    def first(self, count: int) -> "Columns":
        return Columns(**{name: column[:count] for name, column in vars(self).items()})


@dataclass(frozen=True)
class TickColumns:
    """The ticks of a job, a quote of one side or a trade in each row.

    Attributes:
        kind: 1 quote, 2 trade. bid, ask and their sizes stand as after the row.
        price, size, side: of a trade; side is 1 where the buyer took, -1 where the seller did.
    """

    ts: NDArray[np.int64]
    kind: NDArray[np.int8]
    bid: NDArray[np.float64]
    bid_size: NDArray[np.float64]
    ask: NDArray[np.float64]
    ask_size: NDArray[np.float64]
    price: NDArray[np.float64]
    size: NDArray[np.float64]
    side: NDArray[np.int8]

    @classmethod
    def load(cls, path: Path) -> "TickColumns":
        with np.load(path) as stored:
            return cls(**{name: stored[name] for name in cls.__dataclass_fields__})

    def first(self, count: int) -> "TickColumns":
        return TickColumns(**{name: column[:count] for name, column in vars(self).items()})


@dataclass(frozen=True)
class TickJob:
    """A strategy on ticks, quantity 1 a trade, no commission."""

    work: str
    columns: TickColumns
    cash: float
    tick: str
    parameters: Mapping[str, float]


@dataclass(frozen=True)
class Job:
    """What to run: quantity 1 a trade, fills at the next bar's open, no slippage.

    Attributes:
        tick: decimal text of the price step.
    """

    work: str
    columns: Columns
    cash: float
    commission: float
    tick: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a run must agree on with every other system.

    Attributes:
        trades: closed round trips; of several instruments every fill.
        open_trades: positions still open at the end.
        final_equity: cash and the open position at the last close.
        timings: seconds of parts of the run, by name.
        page_mb: how large a report is, in millions of bytes.
        others_mb: the most memory that the processes beside the first one have held, together.
    """

    trades: int
    open_trades: int
    final_equity: float
    timings: Mapping[str, float] = field(default_factory=dict)
    page_mb: float | None = None
    others_mb: float | None = None


@dataclass(frozen=True)
class Tails:
    """The last values of each output of an indicator, which must agree too."""

    tails: list[list[float]]

    @classmethod
    def of(cls, outputs: Iterable[Sequence[float] | NDArray[np.float64]]) -> "Tails":
        return cls([np.asarray(output[-CHECKED:], dtype=float).tolist() for output in outputs])


Prepare = Callable[[Job], Callable[[], Outcome | Tails]]
"""Brings a job's data into the system's own form and gives the run to be timed."""


def answer_on_ticks(
    prepare: Mapping[str, Callable[[TickJob], Callable[[], Outcome]]],
) -> None:
    """The same as `answer` for a job on ticks."""
    given = json.load(sys.stdin)
    columns, chosen = TickColumns.load(Path(given.pop("path"))), prepare[given["work"]]
    with contextlib.redirect_stdout(io.StringIO()):
        chosen(TickJob(columns=columns.first(WARM_UP_TICKS), **given))()
        seconds, cpu_seconds, outcome = _clock(chosen(TickJob(columns=columns, **given)))
    spent = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_rss_mb": peak_rss_mb()}
    print(json.dumps(spent | asdict(outcome)))


def answer(prepare: Mapping[str, Prepare]) -> None:
    """Read a job from standard input, run it and print seconds, outcome and peak memory.

    The same run over the first bars comes before, untimed, so that neither late imports nor
    compilation count. A job with `repeats` runs as often, and its median counts.
    """
    given = json.load(sys.stdin)
    columns = Columns.load(Path(given.pop("path")))
    chosen, repeats = prepare[given["work"]], given.pop("repeats", 1)
    # Some peers report progress on standard output, which carries the answer.
    with contextlib.redirect_stdout(io.StringIO()):
        chosen(Job(columns=columns.first(min(WARM_UP_BARS, len(columns.ts) // 4)), **given))()
        run = chosen(Job(columns=columns, **given))
        clocked = [_clock(run) for _ in range(repeats)]
    seconds, cpu_seconds, outcome = sorted(clocked, key=itemgetter(0))[repeats // 2]
    spent = {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_rss_mb": peak_rss_mb()}
    print(json.dumps(spent | asdict(outcome)))


_Came = TypeVar("_Came", bound=Outcome | Tails)


def _clock(run: Callable[[], _Came]) -> tuple[float, float, _Came]:
    gc.collect()
    started, started_cpu = time.perf_counter(), time.process_time()
    outcome = run()
    return time.perf_counter() - started, time.process_time() - started_cpu, outcome


def peak_rss_mb() -> float:
    """The most memory this program has held, in MiB."""
    # getrusage would do elsewhere, but on Linux it keeps the peak of the parent across exec.
    status = Path("/proc/self/status").read_text()
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, "a Linux kernel tells VmHWM"
    return int(found[1]) / 1024
