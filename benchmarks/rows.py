"""What is measured: each row is one piece of work, done by every system that can do it."""

import sys
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks import indicators, reference, series
from benchmarks.environments import ROOT
from benchmarks.systems.job import Columns, Outcome, Tails, TickColumns

CASH, COMMISSION = 100_000.0, 0.001
CENT, SIXTY_FOURTH = "0.01", "0.015625"
GOLDEN_DATA = ROOT.parent / "shared" / "data" / "raw" / "backtestingpy"
REBAR_TONS, REBAR_FEE = 10, 0.0001
TICK_CASH = 1_000_000.0
STORAGE_READS = 200
"""How often the rows of storage read; a thousand bars in a millisecond, a symbol in three."""

CROSS = {"fast": 10, "slow": 30}
GOLDEN = {
    "GOOG": (CENT, Outcome(32, 1, 100_743.00841)),
    "EURUSD": ("0.00001", Outcome(83, 0, 99_999.87684878)),
}
"""Tick and outcome by file; vectorbt, backtesting.py, backtrader and vn.py agree on them."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One system doing one piece of work.

    Attributes:
        module: of `benchmarks.systems`, run by the interpreter of `peer`, or ours for None.
        job: what the module reads from standard input.
        bars: how many it goes through, where it does.
        expected: what it must come to.
        goal_times: Quantloom must be at least so many times faster than this system.
        goal_share: it may take at most so many times the processor's time of ours.
        goal_s: it must take less than this. goal_mb: and hold less memory than this.
        goal_page_mb: and make a smaller page than this.
        differs: why its outcome is its own and shown only, not held to `expected`.
    """

    work: str
    system: str
    module: str
    job: Mapping[str, Any]
    runs: int
    peer: str | None = None
    bars: int | None = None
    expected: Outcome | Tails | None = None
    goal_times: float | None = None
    goal_share: float | None = None
    goal_s: float | None = None
    goal_mb: float | None = None
    goal_page_mb: float | None = None
    differs: str = ""

    @property
    def system_at_work(self) -> str:
        return f"{self.system} at {self.work}"

    @property
    def is_ours(self) -> bool:
        return self.peer is None


@dataclass(frozen=True, kw_only=True)
class _Task:
    """A backtest before it is given to systems."""

    work: str
    name: str
    path: Path
    tick: str
    parameters: Mapping[str, Any]
    columns: Columns = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", Columns.load(self.path))

    def expect(self, wanted: Iterable[int], *, at_close: bool = False) -> Outcome:
        return reference.settle(
            self.columns, wanted, cash=CASH, commission=COMMISSION, fills_at_close=at_close
        )

    def ours(self, expected: Outcome, **options: Any) -> Case:
        return replace(self.peer("quantloom", expected), peer=None, **options)

    def peer(self, name: str, expected: Outcome, **options: Any) -> Case:
        """Give the task to a peer whose module has its name; options are fields of the case."""
        job = {
            "work": self.name,
            "path": str(self.path),
            "cash": CASH,
            "commission": COMMISSION,
            "tick": self.tick,
            "parameters": self.parameters,
        }
        case = Case(
            work=self.work,
            system=name,
            module=name,
            peer=name,
            job=job,
            runs=3,
            bars=len(self.columns.ts),
            expected=expected,
        )
        return replace(case, **options)


def w3a(shrink: int = 1) -> list[Case]:
    """A Python callback on each of 200,000 bars, and few trades."""
    task = _Task(
        work="W3a",
        name="breakout",
        path=series.walk(200_000 // shrink, CENT),
        tick=CENT,
        parameters={"threshold": 0.01},
    )
    wanted = list(reference.breakout(task.columns.close.tolist(), **task.parameters))
    at_open = task.expect(wanted)
    at_close = replace(
        task.peer("nautilus", task.expect(wanted, at_close=True)), system="nautilus-at-close"
    )
    return [
        task.ours(at_open, runs=5),
        task.peer("vnpy", at_open, runs=5, goal_times=1.5),
        task.peer("backtesting", at_open, runs=5, goal_times=8.0),
        task.peer("nautilus", at_open, goal_times=40.0),
        replace(at_close, job={**at_close.job, "work": "breakout at close"}),
        task.peer("backtrader", at_open),
    ]


def w3c(shrink: int = 1) -> list[Case]:
    """W3a with the callback compiled, in floats and with exact books, beside the quickest peer."""
    (ours, vnpy, *_) = (replace(case, work="W3c", runs=9) for case in w3a(shrink))
    in_floats = {**ours.job, "work": "breakout compiled"}
    booked = {**ours.job, "work": "breakout compiled booked"}
    return [
        replace(ours, job=in_floats),
        replace(ours, system="quantloom-booked", job=booked),
        replace(vnpy, goal_times=10.0),
    ]


def wake(shrink: int = 1) -> list[Case]:
    """A crossing of slow averages over 200,000 bars: called on each, and where they cross."""
    rule = {"fast": 200, "slow": 800} if shrink == 1 else CROSS
    path = series.walk(200_000 // shrink, SIXTY_FOURTH)
    task = _Task(work="wake", name="cross", path=path, tick=SIXTY_FOURTH, parameters=rule)
    expected = task.expect(list(reference.cross(task.columns.close.tolist(), **rule)))
    ours = task.ours(expected, runs=5)
    asleep = {**ours.job, "work": "cross asleep"}
    return [ours, replace(ours, system="quantloom-asleep", job=asleep)]


def w3b(shrink: int = 1) -> list[Case]:
    """The same with a stop and a target on each entry, which alone close it."""
    task = _Task(
        work="W3b",
        name="guarded",
        path=series.walk(200_000 // shrink, CENT),
        tick=CENT,
        parameters={"threshold": 0.01, "loss": 0.01, "gain": 0.02},
    )
    expected = reference.guarded(task.columns, **task.parameters, cash=CASH, commission=COMMISSION)
    gap = "fills a stop that the open has jumped over at the stop's own price, not at the open"
    return [
        task.ours(expected, runs=5),
        task.peer("vnpy", expected, runs=5, goal_times=1.5),
        task.peer("backtesting", expected, runs=5, goal_times=5.0),
        task.peer("nautilus", expected, differs=gap),
        task.peer("backtrader", expected),
    ]


def rules(shrink: int = 1) -> list[Case]:
    """W3a and W3b on a future, at plain costs and by the market rule book.

    On the bars of W3, which never pause, and on as many minutes of the exchange's own hours,
    which are four times as many trading days, each with its limits and its settlement.
    """
    count = 200_000 // shrink
    bars = {"rules": series.walk(count, CENT), "rules-hours": series.exchange_walk(count, CENT)}
    return [
        case
        for suffix, path in bars.items()
        for case in _by_rules(suffix, path, goal_share=1.15 if suffix == "rules" else None)
    ]


def _by_rules(suffix: str, path: Path, *, goal_share: float | None) -> Iterator[Case]:
    """Quantloom at plain costs, and under the rule book as a system of its own, in turn."""
    # Ten tons a lot: ten times the profit and the costs of one piece.
    terms: dict[str, Any] = {"cash": CASH / REBAR_TONS, "commission": REBAR_FEE}
    ways_out = {"threshold": 0.01, "loss": 0.01, "gain": 0.02}
    task = _Task(
        work=f"W3a-{suffix}", name="breakout", path=path, tick=CENT, parameters={"threshold": 0.01}
    )
    wanted = reference.breakout(task.columns.close.tolist(), **task.parameters)
    guarded = replace(task, work=f"W3b-{suffix}", name="guarded", parameters=ways_out)
    outcomes = (
        (task, reference.settle(task.columns, wanted, **terms)),
        (guarded, reference.guarded(task.columns, **ways_out, **terms)),
    )
    for one, outcome in outcomes:
        expected = replace(outcome, final_equity=outcome.final_equity * REBAR_TONS)
        ours = one.ours(expected, runs=9)
        job = {**ours.job, "commission": REBAR_FEE}
        yield replace(ours, job={**job, "work": f"{one.name} on rebar"})
        by_rules = {**job, "work": f"{one.name} by rules"}
        yield replace(ours, system="quantloom-rules", job=by_rules, goal_share=goal_share)


def w1(shrink: int = 1) -> list[Case]:
    """One moving-average crossover over 1,000,000 bars, with equity curve and statistics."""
    task, expected = _w1(shrink)
    ours = task.ours(expected, module="quantloom_sweep", runs=5)
    others = [task.peer(peer, expected) for peer in ("vnpy", "backtesting")]
    return [ours, *others, task.peer("vectorbt", expected, goal_times=20.0)]


def w1e(shrink: int = 1) -> list[Case]:
    """The same by Quantloom's events: every order, fill and figure in exact numbers."""
    task, expected = _w1(shrink)
    return [replace(task.ours(expected), work="W1e")]


def _w1(shrink: int) -> tuple[_Task, Outcome]:
    # Prices in 64ths are exact in binary, so every way to average them meets ties alike.
    task = _crossover("W1", series.walk(1_000_000 // shrink, SIXTY_FOURTH), SIXTY_FOURTH)
    return task, task.expect(reference.cross(task.columns.close.tolist(), **CROSS))


def w2a(shrink: int = 1) -> list[Case]:
    """100 combinations of two averages over 1,000,000 bars."""
    task, expected = _crosses("W2a", 1_000_000 // shrink, fasts=(5, 15, 1), slows=(20, 120, 10))
    ours = task.ours(expected, module="quantloom_sweep", runs=5, goal_mb=420.0)
    return [ours, _in_parts(task, expected, at_once=10, goal_times=100.0)]


def w2b(shrink: int = 1) -> list[Case]:
    """1,000 combinations over 100,000 bars."""
    task, expected = _crosses("W2b", 100_000 // shrink, fasts=(5, 45, 2), slows=(50, 250, 4))
    ours = task.ours(expected, module="quantloom_sweep", runs=5, goal_mb=290.0)
    return [ours, _in_parts(task, expected, at_once=100, goal_times=150.0)]


def w2c(shrink: int = 1) -> list[Case]:
    """10,000 combinations over 100,000 bars, Quantloom alone."""
    task, expected = _crosses("W2c", 100_000 // shrink, fasts=(5, 105, 1), slows=(106, 306, 2))
    return [task.ours(expected, module="quantloom_sweep", goal_s=5.0, goal_mb=400.0)]


def w2d(shrink: int = 1) -> list[Case]:
    """W2c as a search with PBO, deflated Sharpe ratio and HTML report, Quantloom alone."""
    (case,) = w2c(shrink)
    job = {**case.job, "work": "search"}
    return [replace(case, work="W2d", job=job)]


def scale(shrink: int = 1) -> list[Case]:
    """W2c by one and two threads, and by one and two processes of a thread each."""
    task, expected = _crosses("scale", 100_000 // shrink, fasts=(5, 105, 1), slows=(106, 306, 2))
    ours = task.ours(expected, module="quantloom_sweep")
    return [_by(ours, way, count) for way in ("threads", "processes") for count in (1, 2)]


def _by(case: Case, way: str, count: int) -> Case:
    job = {**case.job, "parameters": {**case.job["parameters"], way: count}}
    if way == "processes":
        job["work"] = "crosses by processes"
    return replace(case, system=f"quantloom, {count} {way}", job=job)


def _crosses(
    work: str, count: int, *, fasts: tuple[int, int, int], slows: tuple[int, int, int]
) -> tuple[_Task, Outcome]:
    """A sweep, and what the first, the middle and the last of its sets come to together."""
    quick, slow = [*range(*fasts)], [*range(*slows)]
    pairs = [(one, other) for one in quick for other in slow]
    sample = [pairs[0], pairs[len(pairs) // 2 + len(slow) // 2], pairs[-1]]
    task = _Task(
        work=work,
        name="crosses",
        path=series.walk(count, SIXTY_FOURTH),
        tick=SIXTY_FOURTH,
        parameters={"fasts": quick, "slows": slow, "sample": sample},
    )
    close = task.columns.close.tolist()
    found = [task.expect(reference.cross(close, *periods)) for periods in sample]
    return task, Outcome(
        sum(one.trades for one in found),
        sum(one.open_trades for one in found),
        sum(one.final_equity for one in found),
    )


def _in_parts(task: _Task, expected: Outcome, *, at_once: int, goal_times: float) -> Case:
    """vectorbt, some sets at a time: all of them need 15 to 21 GB."""
    case = task.peer("vectorbt", expected, runs=1, goal_times=goal_times)
    parameters = {**task.parameters, "at_once": at_once}
    return replace(case, job={**case.job, "parameters": parameters})


def w4e(shrink: int = 1) -> list[Case]:
    """500 instruments of 2,520 days, the 50 that rose most held, chosen anew each month."""
    symbols = max(500 // shrink, 10)
    rules = {"count": symbols // 10, "lookback": 126, "stake": 100_000}
    path = series.market(symbols, 2_520 // min(shrink, 4), CENT)
    task = _Task(work="W4e", name="rotation", path=path, tick=CENT, parameters=rules)
    cash = 10_000_000.0
    expected = reference.rotate(task.columns, **rules, cash=cash, commission=COMMISSION)
    cases = [task.ours(expected), *(task.peer(peer, expected) for peer in ("vectorbt", "bt"))]
    return [
        replace(case, job={**case.job, "cash": cash}, bars=task.columns.close.size)
        for case in cases
    ]


def w4(shrink: int = 1) -> list[Case]:
    """The same as W4e, said as weights: in floats, and with exact books as a system of its own."""
    cases = w4e(shrink)
    (events, vectorbt, bt) = (replace(case, work="W4", runs=5) for case in cases)
    in_floats = {**events.job, "work": "rotation by weights"}
    booked = {**events.job, "work": "rotation by weights booked"}
    return [
        replace(events, job=in_floats),
        replace(events, system="quantloom-booked", job=booked),
        replace(vectorbt, goal_times=20.0),
        bt,
    ]


def m1(shrink: int = 1) -> list[Case]:
    """The memory of Quantloom in W1."""
    (ours,) = w1e(shrink)
    return [replace(ours, work="M1", goal_mb=350.0)]


def audit(shrink: int = 1) -> list[Case]:
    """What an audit for look-ahead adds to a run by callbacks, by signals and on a command line."""
    (called, *_) = w3a(shrink)
    (signalled, *_) = w1e(shrink)
    runs = [
        replace(
            case,
            work=f"audit-{name}",
            system=system,
            module="quantloom_audit",
            job={**case.job, "work": work},
            runs=5,
        )
        for case, name, of in ((called, "W3a", "breakout"), (signalled, "W1", "signals"))
        for system, work in (("quantloom", of), ("quantloom-audited", f"{of} audited"))
    ]
    run, *_ = cold(shrink)
    off = {**run.job, "command": [*run.job["command"], "--audit", "off"]}
    colds = [
        replace(run, work="audit-cold", system="quantloom", job=off, goal_s=None),
        replace(run, work="audit-cold", system="quantloom-audited", goal_s=None),
    ]
    return [*runs, *colds]


def report(shrink: int = 1) -> list[Case]:
    """The report of W1, made of the finished run."""
    (ours,) = w1e(shrink)
    return [replace(ours, work="report", module="quantloom_report", goal_s=5.0, goal_page_mb=6.0)]


def import_csv(shrink: int = 1) -> list[Case]:
    """Minute bars from CSV into a catalog, at 1.5 million rows a second in 500 MB."""
    count = 10_000_000 // shrink
    bars = Columns.load(series.walk(count, CENT))
    case = Case(
        work="import-csv",
        system="quantloom",
        module="quantloom_import",
        job={"path": str(series.walk_csv(count, CENT))},
        runs=3,
        bars=count,
        expected=Tails.of(list(vars(bars).values())),
        goal_s=count / 1_500_000,
        goal_mb=500_000_000 / 2**20,
    )
    return [case]


def storage(shrink: int = 1) -> list[Case]:
    """10,000,000 minute bars of 100 symbols into a catalog, and one symbol out of it 200 times.

    A bar may take seven bytes on the disk.
    """
    symbols, count = max(100 // shrink, 3), 100_000
    path = series.walk(count, CENT)
    last = float(Columns.load(path).close[-1])
    job = {
        "work": "write",
        "path": str(path),
        "cash": CASH,
        "commission": 0.0,
        "tick": CENT,
        "parameters": {"symbols": symbols},
    }
    write = Case(
        work="storage-write",
        system="quantloom",
        module="quantloom_storage",
        job=job,
        runs=5,
        bars=symbols * count,
        expected=Outcome(symbols * count, 0, last),
        goal_s=1.0,
        goal_page_mb=7.0 * symbols * count / 1_000_000,
    )
    reads = [
        replace(
            write,
            work=f"storage-{name}",
            job={**job, "work": name},
            bars=STORAGE_READS * rows,
            expected=Outcome(STORAGE_READS * rows, 0, last),
            goal_s=STORAGE_READS * goal_s,
            goal_page_mb=None,
        )
        for name, rows, goal_s in (("last", 1_000, 0.001), ("whole", count, 0.003))
    ]
    return [write, *reads]


def i1(shrink: int = 1) -> list[Case]:
    """Each of twelve indicators over 1,000,000 bars, and bar by bar over 50,000."""
    counts = 1_000_000 // shrink, max(50_000 // shrink, indicators.LEAD)
    many, few = (series.walk(count, CENT) for count in counts)
    cases = []
    for name in indicators.DEFINITIONS:
        cases += _indicator(f"I1-{name}", name, many, BATCH)
        cases += _indicator(f"I1-{name}-streaming", f"{name} streaming", few, STREAM)
    return cases


def w5(shrink: int = 1) -> list[Case]:
    """Quotes and trades through matching: a Python callback on each, and a compiled program."""
    return [*_turner(400_000 // shrink), *_maker(4_000_000 // shrink)]


def _turner(count: int) -> list[Case]:
    path = series.ticks(count)
    expected = reference.turn(TickColumns.load(path), every=1_000, cash=TICK_CASH)
    job = {
        "work": "turner",
        "path": str(path),
        "cash": TICK_CASH,
        "tick": "1",
        "parameters": {"every": 1_000},
    }
    ours = Case(
        work="W5-python",
        system="quantloom",
        module="quantloom_ticks",
        job=job,
        runs=5,
        bars=count,
        expected=expected,
    )
    peer = replace(ours, system="nautilus", module="nautilus_ticks", peer="nautilus")
    return [ours, replace(peer, runs=3, goal_times=2.0)]


def _maker(count: int) -> list[Case]:
    terms = {"wait_ns": 5e8, "away": 2.5, "latency_ms": 1.000002}
    path = series.ticks(count)
    job = {
        "work": "maker",
        "path": str(path),
        "cash": TICK_CASH,
        "tick": "1",
        "parameters": terms,
    }
    ours = Case(
        work="W5-compiled",
        system="quantloom",
        module="quantloom_ticks",
        job=job,
        runs=5,
        bars=count,
        expected=reference.make(TickColumns.load(path), **terms, cash=TICK_CASH),
    )
    peer = replace(ours, system="hftbacktest", module="hftbacktest", peer="hftbacktest")
    return [ours, replace(peer, goal_times=1.0)]


def golden(_shrink: int = 1) -> list[Case]:
    """The same crossover on real bars, against outcomes found independently."""
    if not GOLDEN_DATA.is_dir():
        return []
    cases = []
    for name, (tick, expected) in GOLDEN.items():
        task = _crossover(f"golden-{name}", series.from_csv(GOLDEN_DATA / f"{name}.csv"), tick)
        peers = ("vnpy", "backtesting", "backtrader", "vectorbt")
        cases += [
            task.ours(expected, runs=1),
            *(task.peer(peer, expected, runs=1) for peer in peers),
        ]
    return cases


def cold(shrink: int = 1) -> list[Case]:
    """Commands from a standing start: interpreter, imports, work and all."""
    command = str(Path(sys.executable).with_name("quantloom"))
    data = str(series.walk_csv(100_000 // shrink, CENT))
    run = [command, "backtest", "run", "sma-cross", "--data", data]
    options = ["--size", "1", "--commission", "0.001", "--json"]
    case = Case(work="", system="quantloom", module="process", job={}, runs=5)
    return [
        replace(case, work=work, job={"command": line}, goal_s=goal_s)
        for work, line, goal_s in (
            ("cold-run", [*run, *options], 2.0),
            ("cold-help", [command, "--help"], None),
            ("cold-import", [sys.executable, "-c", "import quantloom"], None),
            ("cold-python", [sys.executable, "-c", ""], None),
        )
    ]


def start(shrink: int = 1) -> list[Case]:  # noqa: ARG001  as every row
    """The whole service on one machine: from nothing, again, its end, and its memory at rest."""
    case = Case(work="", system="quantloom", module="quantloom_start", job={}, runs=3)
    return [
        replace(case, work=f"start-{phase}", job={"phase": phase}, goal_s=goal_s, goal_mb=goal_mb)
        for phase, goal_s, goal_mb in (
            ("first", None, None),
            ("second", 5.0, None),
            ("stop", 10.0, None),
            ("rest", None, 900.0),
        )
    ]


@dataclass(frozen=True, kw_only=True)
class _Library:
    """What computes indicators.

    Attributes:
        repeats: how often each process computes; its median counts.
        lacks: those that it does not have. differs: those it defines otherwise, and how.
    """

    system: str
    module: str
    peer: str | None = None
    repeats: int = 5
    lacks: Container[str] = ()
    differs: Mapping[str, str] = field(default_factory=dict)


BATCH = (
    _Library(system="quantloom", module="quantloom_indicators"),
    _Library(system="talib", module="talib_indicators", lacks=("ICHIMOKU",)),
    _Library(
        system="pandas-ta",
        module="pandas_ta",
        peer="pandas-ta",
        repeats=1,
        differs={
            "SUPERTREND": "draws only the band in use along, so the other one starts elsewhere",
            "KC": "averages the close, not the typical price",
        },
    ),
    _Library(
        system="ta",
        module="ta",
        peer="ta",
        repeats=1,
        lacks=("SUPERTREND", "VWMA"),
        differs={"KC": "averages the close, not the typical price"},
    ),
)
STREAM = (
    _Library(system="quantloom", module="quantloom_indicators"),
    _Library(
        system="talipp",
        module="talipp",
        peer="talipp",
        lacks=("STOCH", "SUPERTREND", "KC", "ICHIMOKU"),
    ),
)


def _indicator(work: str, name: str, path: Path, libraries: Iterable[_Library]) -> list[Case]:
    columns, plain = Columns.load(path), name.split(maxsplit=1)[0]
    expected = indicators.define(plain, columns)
    job = {
        "work": name,
        "path": str(path),
        "cash": CASH,
        "commission": COMMISSION,
        "tick": CENT,
        "parameters": {},
    }
    return [
        Case(
            work=work,
            system=library.system,
            module=library.module,
            peer=library.peer,
            job={**job, "repeats": library.repeats},
            runs=3,
            bars=len(columns.ts),
            expected=expected,
            differs=library.differs.get(plain, ""),
        )
        for library in libraries
        if plain not in library.lacks
    ]


ROWS: Mapping[str, Callable[[int], list[Case]]] = {
    "W1": w1,
    "W1e": w1e,
    "W2a": w2a,
    "W2b": w2b,
    "W2c": w2c,
    "W2d": w2d,
    "scale": scale,
    "W3a": w3a,
    "W3b": w3b,
    "W3c": w3c,
    "wake": wake,
    "rules": rules,
    "W4": w4,
    "W4e": w4e,
    "W5": w5,
    "I1": i1,
    "M1": m1,
    "audit": audit,
    "report": report,
    "import-csv": import_csv,
    "storage": storage,
    "cold": cold,
    "start": start,
    "golden": golden,
}
"""The rows by name; each is given how many times fewer bars than the full measurement to use."""


def _crossover(work: str, path: Path, tick: str) -> _Task:
    return _Task(work=work, name="cross", path=path, tick=tick, parameters=CROSS)
