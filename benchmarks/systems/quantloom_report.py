"""Quantloom's report of a run that is finished before the clock starts."""

from collections.abc import Callable

from benchmarks.systems.job import Job, Outcome, answer
from benchmarks.systems.quantloom import Cross, run_one
from quantloom.report import render_report

MB = 1_000_000


def prepare(job: Job) -> Callable[[], Outcome]:
    result = run_one(Cross, job)

    def run() -> Outcome:
        page = render_report(result)
        return Outcome(
            trades=len(result.round_trips),
            open_trades=len(result.positions),
            final_equity=float(result.final_equity),
            page_mb=len(page.encode()) / MB,
        )

    return run


if __name__ == "__main__":
    answer({"cross": prepare})
