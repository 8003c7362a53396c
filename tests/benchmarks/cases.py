"""Builders for the harness's own tests."""

from typing import Any

from benchmarks.measure import Sample
from benchmarks.rows import Case
from benchmarks.systems.job import Outcome

OUTCOME = Outcome(trades=3, open_trades=1, final_equity=100_000.0)


def make_case(system: str = "quantloom", **fields: Any) -> Case:
    given: dict[str, Any] = {
        "work": "W0",
        "module": system,
        "peer": None if system == "quantloom" else system,
        "job": {},
        "runs": 1,
        "expected": OUTCOME,
    }
    return Case(system=system, **(given | fields))


def make_sample(seconds: float = 1.0, **fields: Any) -> Sample:
    given: dict[str, Any] = {"peak_rss_mb": 50.0, "cpu_seconds": seconds, "outcome": OUTCOME}
    return Sample(seconds=seconds, **(given | fields))
