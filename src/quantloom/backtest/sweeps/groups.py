"""Sets in groups that share lines, and groups over threads: each takes its sets through all bars.

A group computes its own lines, so groups wait for nobody, and what comes out does not depend on how
many threads there are.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from threading import Event, Lock

import numpy as np

from quantloom.backtest.event import Progress
from quantloom.backtest.sweeps.ground import Ground
from quantloom.backtest.sweeps.kernels import lines, plain
from quantloom.backtest.sweeps.kernels.running import advance_group, paint
from quantloom.backtest.sweeps.kernels.tables import Lines, Room, Sets
from quantloom.backtest.sweeps.plans import LineKey, Plan, row_count
from quantloom.backtest.sweeps.spaces import Values
from quantloom.kit import FloatArray
from quantloom.performance import BLOCKS

# A block of a line is 32 KB, of which a group has 8 MB at most: so much stays in the cache.
BLOCK, _MOST_ROWS = 4096, 256
# Groups are shared out among threads as these get done with them; more of them draw lines twice.
_GROUPS_A_WORKER = 2
# Bars times sets between two looks at whether to go on: some hundredths of a second.
_STRETCH = 20_000_000
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Accounts:
    """What became of sets.

    Attributes:
        kept: (n, FIELDS) as `kernels.plain` numbers them. sums: (n, blocks, 3) of daily returns.
        log: (f, 3) what followed each fill, where one set alone is run; f is 0 otherwise.
    """

    kept: FloatArray
    sums: FloatArray
    log: FloatArray

    @classmethod
    def of(cls, count: int, cash: float, fills: int = 0) -> "Accounts":
        """Accounts with cash alone, and room for the log of so many fills."""
        kept = np.zeros((count, plain.FIELDS))
        kept[:, [plain.CASH, plain.BEFORE, plain.PEAK, plain.LOWEST]] = cash
        kept[:, plain.BEST], kept[:, plain.WORST], kept[:, plain.RUIN] = -np.inf, np.inf, -1.0
        return cls(kept, np.zeros((count, BLOCKS, 3)), np.zeros((fills, 3)))


@dataclass(slots=True)
class Course:
    """How far a sweep has come; what `progress` raises stops all its threads."""

    total: int
    progress: Progress | None = None
    done: int = 0
    is_stopped: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def add(self, steps: int) -> None:
        """Count steps that are done, in any thread."""
        with self.lock:
            self.done += steps

    def tell(self) -> None:
        """Say how far it has come, in the thread that waits."""
        if self.progress is not None:
            self.progress(self.done, self.total)


@dataclass(frozen=True, slots=True)
class Group:
    """Sets from first to before stop, and the lines that they read with the first row of each."""

    first: int
    stop: int
    rows: dict[LineKey, int]


def run_planned(
    ground: Ground, plan: Plan, sets: Sequence[Values], *, workers: int, progress: Progress | None
) -> Accounts:
    """Take sets of a planned class through the bars."""
    # Zeros that nobody writes to take no memory: the log of one set is as short as it has fills.
    accounts = Accounts.of(len(sets), ground.cash, 2 * ground.count if len(sets) == 1 else 0)
    course = Course(len(sets) * ground.count, progress)
    most = -(-len(sets) // (workers * _GROUPS_A_WORKER)) if workers > 1 else len(sets)
    tasks = []
    accounts.kept[:, plain.AWAY] = [plan.stop(one) / 100.0 for one in sets]
    for group in grouped([plan.lines(one) for one in sets], most):
        part, own = sets[group.first : group.stop], _part(accounts, group)
        tasks.append(
            partial(_run_group, ground, plan, part, group.rows, accounts=own, course=course)
        )
    _run_all(tasks, workers, course)
    return accounts


def planned_curve(ground: Ground, plan: Plan, values: Values, fills: int) -> FloatArray:
    """Equity at every bar of one set that is known to have so many fills."""
    accounts = Accounts.of(1, ground.cash, fills)
    accounts.kept[0, plain.AWAY] = plan.stop(values) / 100.0
    (group,) = grouped([plan.lines(values)], 1)
    _run_group(ground, plan, [values], group.rows, accounts=accounts, course=Course(0))
    return painted(ground, accounts.log)


def painted(ground: Ground, log: FloatArray) -> FloatArray:
    """Equity at every bar of the run from the log of its fills."""
    equity = np.empty(ground.count)
    paint(log, ground.columns.close, ground.terms.unit, ground.cash, equity)
    return equity[ground.market.first :]


def grouped(keys: Sequence[tuple[LineKey, ...]], most: int) -> Iterator[Group]:
    """Cut sets, in their order, into groups of so many at most, whose lines fit into the cache."""
    rows: dict[LineKey, int] = {}
    first, count = 0, 0
    for place, wanted in enumerate(keys):
        new = sum(row_count(key) for key in wanted if key not in rows)
        if place - first == most or (count + new > _MOST_ROWS and place > first):
            yield Group(first, place, rows)
            first, count, rows = place, 0, {}
        for key in wanted:
            if key not in rows:
                rows[key] = count
                count += row_count(key)
    yield Group(first, len(keys), rows)


def _part(accounts: Accounts, group: Group) -> Accounts:
    rows = slice(group.first, group.stop)
    return Accounts(accounts.kept[rows], accounts.sums[rows], accounts.log)


def _run_all(tasks: Sequence[Callable[[], None]], workers: int, course: Course) -> None:
    with ThreadPoolExecutor(workers, thread_name_prefix="sweep") as pool:
        waiting = {pool.submit(task) for task in tasks}
        try:
            while waiting:
                ended, waiting = wait(waiting, timeout=_LOOK_S, return_when=FIRST_EXCEPTION)
                for one in ended:
                    one.result()
                course.tell()
        finally:
            course.is_stopped.set()


def _run_group(
    ground: Ground,
    plan: Plan,
    sets: Sequence[Values],
    rows: dict[LineKey, int],
    *,
    accounts: Accounts,
    course: Course,
) -> None:
    table, records = _lines(rows), _records(plan, sets, rows, accounts)
    room = _room(BLOCK, accounts.log)
    terms = ground.terms._replace(turns=int(plan.turns))
    stretch = max(_STRETCH // (len(sets) * BLOCK), 1) * BLOCK
    for start in range(0, ground.count, stretch):
        if course.is_stopped.is_set():
            return
        stop = min(start + stretch, ground.count)
        advance_group(ground.columns, ground.market, terms, table, records, room, start, stop)
        course.add((stop - start) * len(sets))


def _lines(rows: dict[LineKey, int]) -> Lines:
    count = sum(map(row_count, rows))
    periods = np.zeros((len(rows), 3))
    for place, (_, *parameters) in enumerate(rows):
        periods[place, : len(parameters)] = parameters
    return Lines(
        kinds=np.array([int(key[0]) for key in rows]),
        periods=periods,
        rows=np.array([*rows.values()]),
        kept=np.zeros((len(rows), lines.STATE)),
        values=np.full((count, BLOCK + 1), np.nan),
        last=np.zeros(1, dtype=np.int64),
    )


def _records(
    plan: Plan, sets: Sequence[Values], rows: dict[LineKey, int], accounts: Accounts
) -> Sets:
    return Sets(
        rule=plan.rule,
        rows=np.array([_rows_of(plan.lines(one), rows) for one in sets]),
        numbers=np.array([plan.numbers(one) for one in sets]),
        accounts=accounts.kept,
        sums=accounts.sums,
    )


def _rows_of(keys: Sequence[LineKey], rows: dict[LineKey, int]) -> tuple[int, int]:
    """The rows of a set's two lines; of one line with two outputs, or of one alone."""
    first, last = rows[keys[0]], rows[keys[-1]]
    return first, last + row_count(keys[-1]) - 1


def _room(block: int, log: FloatArray) -> Room:
    codes = np.zeros(block, dtype=np.uint8)
    return Room(codes, codes.view(np.int64), np.empty(block + 1), log)
