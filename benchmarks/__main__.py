"""Measures the rows asked for, prints a table and writes `results.json`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from benchmarks.environments import ROOT
from benchmarks.measure import measure_row
from benchmarks.rows import ROWS, Case
from benchmarks.table import render

RESULTS = ROOT / "benchmarks" / "results.json"
QUICK = 20
GOALS = ("goal_times", "goal_share", "goal_s", "goal_mb", "goal_page_mb")


def main(arguments: Sequence[str] | None = None) -> int:
    """Give 0 if every system that could be had ran and agreed."""
    options = parse(arguments)
    entries: list[dict[str, Any]] = []
    problems: list[str] = []
    for name in options.rows:
        cases = choose(ROWS[name](QUICK if options.quick else 1), options)
        measured, missing = measure_row(cases)
        entries += measured
        problems += missing if cases else [f"{name}, whose bars are not beside the checkout"]
    RESULTS.write_text(json.dumps(entries, indent=2) + "\n")
    print(render(entries))
    for problem in problems:
        print(f"left out: {problem}", file=sys.stderr)
    return 1 if problems else 0


def choose(cases: list[Case], options: argparse.Namespace) -> list[Case]:
    """Leave peers out and cut runs down as the command line says."""
    kept = [case for case in cases if case.is_ours or not options.own]
    if not options.quick:
        return kept
    nothing: dict[str, Any] = dict.fromkeys(GOALS)
    return [replace(case, runs=1, **nothing) for case in kept]


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line: rows, quick, own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rows",
        type=_rows,
        default=list(ROWS),
        help=f"comma-separated, of {', '.join(ROWS)}; all of them where not given",
    )
    parser.add_argument("--quick", action="store_true", help="few bars and one run, to try it out")
    parser.add_argument("--own", action="store_true", help="Quantloom alone, no peers installed")
    return parser.parse_args(arguments)


def _rows(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        known = ", ".join(ROWS)
        raise argparse.ArgumentTypeError(f"no row {', '.join(unknown)}; there are {known}")
    return names or list(ROWS)


if __name__ == "__main__":
    sys.exit(main())
