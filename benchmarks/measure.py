"""Runs cases in turn, each in a fresh process, and holds them to what they must come to."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.environments import ROOT, WORKSHOP, PeerNotInstalled, interpreter
from benchmarks.rows import Case
from benchmarks.systems.job import Outcome, Tails

LIMIT_S = 300
CLOSE = 1e-9


class MeasurementFailed(Exception):
    """A measured process ended badly or did not end."""

    def __init__(self, case: Case, problem: str) -> None:
        super().__init__(case, problem)
        self.case, self.problem = case, problem

    def __str__(self) -> str:
        return f"{self.case.system_at_work} failed: {self.problem}"


class Disagreement(Exception):
    """A system came to other trades or another final equity than the reference."""

    def __init__(self, case: Case, came_to: Outcome | Tails) -> None:
        super().__init__(case, came_to)
        self.case, self.came_to = case, came_to

    def __str__(self) -> str:
        return (
            f"{self.case.system_at_work} came to {_words(self.came_to)}, "
            f"not to {_words(self.case.expected)}; its time means nothing"
        )


@dataclass(frozen=True)
class Sample:
    """One run."""

    seconds: float
    peak_rss_mb: float
    cpu_seconds: float
    outcome: Outcome | Tails | None = None


def measure_row(cases: Sequence[Case]) -> tuple[list[dict[str, Any]], list[str]]:
    """Measure cases in turn.

    Returns:
        Entries of `results.json`, and what kept the other systems out.
    """
    samples: dict[str, list[Sample]] = {case.system_at_work: [] for case in cases}
    problems: dict[str, str] = {}
    for case in in_turn(cases):
        name = case.system_at_work
        if name in problems:
            continue
        try:
            sample = measure(case, interpreter(case.peer))
        except (PeerNotInstalled, MeasurementFailed, Disagreement) as problem:
            problems[name] = str(problem)
            continue
        print(f"  {name}: {sample.seconds:.4f} s", file=sys.stderr, flush=True)
        samples[name].append(sample)
    measured = [case for case in cases if case.system_at_work not in problems]
    entries = [summarise(case, samples[case.system_at_work]) for case in measured]
    return entries, list(problems.values())


def in_turn(cases: Sequence[Case]) -> Iterator[Case]:
    """Give every case as often as it is to run, one after another: A B C, A B C, A C.

    Whatever slows the machine for a while then slows every system alike.
    """
    for turn in range(max((case.runs for case in cases), default=0)):
        yield from (case for case in cases if turn < case.runs)


def measure(case: Case, python: Path) -> Sample:
    """Run a case once.

    Raises:
        MeasurementFailed: the process ended badly or did not end in time.
        Disagreement: it came to something else than it must.
    """
    command = [str(python), "-W", "ignore", "-m", f"benchmarks.systems.{case.module}"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(case.job),
            cwd=ROOT,
            env=_environment(case),
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired as late:
        raise MeasurementFailed(case, f"no end after {LIMIT_S} s") from late
    if done.returncode:
        raise MeasurementFailed(case, done.stderr.strip()[-2_000:])
    sample = _read(done.stdout)
    is_held = sample.outcome is not None and not case.differs
    if sample.outcome is not None and is_held and not agree(sample.outcome, case.expected):
        raise Disagreement(case, sample.outcome)
    return sample


def agree(came_to: Outcome | Tails, expected: Outcome | Tails | None) -> bool:
    """Whether trades are the same and final equity is within half a cent; or whether an
    indicator's last values are the same to nine digits."""
    if isinstance(came_to, Tails) and isinstance(expected, Tails):
        found, wanted = np.array(came_to.tails), np.array(expected.tails)
        return found.shape == wanted.shape and np.allclose(found, wanted, rtol=CLOSE, atol=CLOSE)
    if not (isinstance(came_to, Outcome) and isinstance(expected, Outcome)):
        return False
    return (came_to.trades, came_to.open_trades) == (expected.trades, expected.open_trades) and abs(
        came_to.final_equity - expected.final_equity
    ) < 0.005


def summarise(case: Case, samples: Sequence[Sample]) -> dict[str, Any]:
    """Make the entry of `results.json`: medians, the quickest run, the worst memory."""
    seconds = [sample.seconds for sample in samples]
    entry: dict[str, Any] = {
        "work": case.work,
        "system": case.system,
        "seconds": median(seconds),
        "min_seconds": min(seconds),
        "cpu_seconds": median(sample.cpu_seconds for sample in samples),
        "runs": len(samples),
        "peak_rss_mb": round(max(sample.peak_rss_mb for sample in samples), 1),
    }
    if case.bars is not None:
        entry["per_second"] = round(case.bars / entry["seconds"])
    outcome = samples[0].outcome
    if isinstance(outcome, Outcome):
        entry |= {
            "trades": outcome.trades,
            "open_trades": outcome.open_trades,
            "final_equity": round(outcome.final_equity, 8),
        }
        outcomes = [sample.outcome for sample in samples]
        parts = [one.timings for one in outcomes if isinstance(one, Outcome)]
        if outcome.page_mb is not None:
            entry["page_mb"] = round(outcome.page_mb, 2)
        if outcome.others_mb is not None:
            entry["others_mb"] = round(outcome.others_mb, 1)
        entry |= {f"{name}_seconds": median(part[name] for part in parts) for name in parts[0]}
    goals = {
        "goal_times": case.goal_times,
        "goal_share": case.goal_share,
        "goal_seconds": case.goal_s,
        "goal_mb": case.goal_mb,
        "goal_page_mb": case.goal_page_mb,
        "differs": case.differs or None,
    }
    return entry | {name: goal for name, goal in goals.items() if goal is not None}


def _read(answer: str) -> Sample:
    found = json.loads(answer)
    sample = Sample(*(found.pop(name) for name in ("seconds", "peak_rss_mb", "cpu_seconds")))
    if not found:
        return sample
    return replace(sample, outcome=Tails(**found) if "tails" in found else Outcome(**found))


def _environment(case: Case) -> dict[str, str]:
    # Compiled modules are kept, as after anybody's first run, whatever the shell says.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(WORKSHOP / "bytecode")
    if case.is_ours:
        return kept
    home = WORKSHOP / "home"  # vn.py writes its settings there
    (home / ".vntrader").mkdir(parents=True, exist_ok=True)
    return kept | {"HOME": str(home)}


def _words(outcome: Outcome | Tails | None) -> str:
    if outcome is None:
        return "anything known"
    if isinstance(outcome, Tails):
        return f"values that end with {[tail[-1] for tail in outcome.tails]}"
    return (
        f"{outcome.trades} closed and {outcome.open_trades} open trades "
        f"with {outcome.final_equity:.5f}"
    )
