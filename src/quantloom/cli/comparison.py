"""Results side by side, as tables for people and as one object for programs."""

import math
from collections.abc import Iterable
from typing import Any

from quantloom.backtest import Comparison, Table
from quantloom.cli.output import print_table, say
from quantloom.cli.summary import MEASURES, show_measure
from quantloom.performance import METRICS

_BEST = " *"


def print_comparison(comparison: Comparison, *, explain: bool) -> None:
    """Print the measures with a column for each result, what differs, and the correlation.

    Args:
        explain: every measure, and not only those that a run is judged by first.
    """
    right = "l" + "r" * len(comparison.names)
    print_table(
        "Measures",
        ("Measure", *comparison.names),
        _measures(comparison, explain=explain),
        right=right,
    )
    say("* the best of its line")
    if comparison.differences:
        rows = [(setting, *values) for setting, values in comparison.differences.items()]
        print_table("What differs", ("Setting", *comparison.names), rows)
    else:
        say("The settings are alike.")
    rows = [(name, *map(_correlated, row)) for name, row in _by_row(comparison.correlation)]
    print_table("Correlation of daily returns", ("", *comparison.names), rows, right=right)
    say(f"{comparison.shared_trades:,} entries are in all results")
    for name, (count, gained) in _alone(comparison).items():
        say(f"{name}: {count:,} round trips that no other has, {gained:,.2f} in all")


def plain_comparison(comparison: Comparison) -> dict[str, Any]:
    """What `--json` prints: by result, then by measure or by the other result."""
    names = comparison.names
    return {
        "names": names,
        "metrics": {name: _column(comparison.metrics, "metric", name) for name in names},
        "best": dict(comparison.best),
        "correlation": {name: _column(comparison.correlation, "name", name) for name in names},
        "differences": {
            setting: dict(zip(names, values, strict=True))
            for setting, values in comparison.differences.items()
        },
        "trades": [*comparison.trades.rows()],
        "shared_trades": comparison.shared_trades,
    }


def _alone(comparison: Comparison) -> dict[str, tuple[int, float]]:
    """For each result how many round trips it alone has, and what they gained."""
    found = {}
    for name in comparison.names:
        own = comparison.trades["name"] == name
        gained = float(comparison.trades.floats("pnl")[own].sum())
        found[name] = int(own.sum()), gained
    return found


def _measures(comparison: Comparison, *, explain: bool) -> Iterable[tuple[str, ...]]:
    first = [name for names in MEASURES.values() for name in names]
    for metric, values in _by_row(comparison.metrics):
        if explain or (metric in first and not all(map(math.isnan, values))):
            best = comparison.best.get(metric, ())
            cells = [
                show_measure(METRICS[metric], value) + (_BEST if name in best else "")
                for name, value in zip(comparison.names, values, strict=True)
            ]
            yield METRICS[metric].label_en, *cells


def _by_row(table: Table) -> Iterable[tuple[str, list[float]]]:
    for row in table.rows():
        label, *values = row.values()
        yield label, values


def _correlated(value: float) -> str:
    return "\N{EN DASH}" if math.isnan(value) else f"{value:.2f}"


def _column(table: Table, labels: str, name: str) -> dict[str, float | None]:
    pairs = zip(table[labels].tolist(), table[name].tolist(), strict=True)
    return {label: None if math.isnan(value) else value for label, value in pairs}
