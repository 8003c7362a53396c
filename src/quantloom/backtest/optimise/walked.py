"""What walking forward leaves behind: windows, what was chosen in each, and how it did."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from quantloom.backtest import export
from quantloom.backtest.optimise.curves import Curve, curve_of, plain_curve
from quantloom.backtest.optimise.result import OptimisationResult
from quantloom.backtest.optimise.spaces import Axis
from quantloom.backtest.optimise.spec import StudySpec
from quantloom.backtest.optimise.trial import Trial
from quantloom.backtest.optimise.windows import Window
from quantloom.backtest.showing import shown_by
from quantloom.backtest.tables import Table
from quantloom.kit import objects


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowOutcome:
    """What came of one window.

    Attributes:
        found: the search in sample.
        chosen: the trial that was best there; None where none had a value.
        outcome: the same parameters out of sample, with daily returns; None where none was chosen.
    """

    window: Window
    found: OptimisationResult
    chosen: Trial | None
    outcome: Trial | None


# Not slotted: what is worked out late is kept in the instance.
@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class WalkForward:
    """Parameters chosen window by window, and how they did after each.

    Attributes:
        spec: what was searched in each window.
        windows: what came of each, in order.
        periods_per_year: trading days that make a year.
        executor: what ran the searches.
    """

    spec: StudySpec
    windows: tuple[WindowOutcome, ...]
    periods_per_year: int
    executor: str = ""

    @cached_property
    def curve(self) -> Curve:
        """Daily returns out of sample, one window after the other, as one run.

        Each window starts flat and without profit of the one before: returns are chained. A
        position that is open at a window's end is valued at its last close; leaving it costs
        nothing here. Windows in which nothing was chosen are left out.
        """
        known = [one.outcome for one in self.windows if one.outcome is not None]
        return curve_of(
            [one.daily for one in known if one.daily is not None], self.periods_per_year
        )

    @cached_property
    def efficiency(self) -> float | None:
        """Yearly return out of sample over that in sample (Pardo's walk-forward efficiency).

        None where parameters lost in sample on average, or nothing was run out of sample.
        """
        inside = [
            one.chosen.metrics.get("annual_return")
            for one in self.windows
            if one.chosen is not None and one.outcome is not None
        ]
        known = [value for value in inside if value is not None]
        outside = self.curve.annual_return
        if not known or outside is None or not np.mean(known) > 0:
            return None
        return float(outside / np.mean(known))

    @cached_property
    def table(self) -> Table:
        """A row for each window: its bounds, what was chosen, and the measure in and out of it."""
        metric = self.spec.objectives[0].partition(":")[2]
        rows = [_row(one, metric, self.spec.axes) for one in self.windows]
        return Table({name: objects([row[name] for row in rows]) for name in rows[0]})

    @cached_property
    def drift(self) -> Table:
        """How restless each parameter is: changes between windows, values, and the mean step.

        The mean step is a share of the parameter's range, NaN where its values have no order.
        """
        rows = [_drifted(axis, self._chosen(axis.name)) for axis in self.spec.axes]
        return Table({name: objects([row[name] for row in rows]) for name in rows[0]})

    def _chosen(self, name: str) -> list[Any]:
        return [one.chosen.parameters[name] for one in self.windows if one.chosen is not None]

    def summary(self) -> dict[str, Any]:
        """The outcome in plain values: what `--json` prints."""
        return {
            "strategy": self.spec.strategy,
            "symbols": list(self.spec.symbols),
            "timeframe": self.spec.timeframe,
            "method": self.spec.method,
            "objectives": list(self.spec.objectives),
            "seed": self.spec.seed,
            "executor": self.executor,
            "efficiency": self.efficiency,
            "out_of_sample": plain_curve(self.curve),
            "windows": [*self.table.rows()],
            "drift": [*self.drift.rows()],
        }

    def to_html(self, path: str | os.PathLike[str], *, language: str = "en") -> Path:
        """Write the report: one page that needs nothing else.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            OSError: the file cannot be written.
        """
        page: str = shown_by("walk_forward_html")(self, language=language)
        return export.write_bytes(page.encode(), Path(path))

    def __repr__(self) -> str:
        told = "" if self.efficiency is None else f", efficiency {self.efficiency:.2f}"
        return (
            f"<WalkForward {self.spec.strategy}: {len(self.windows)} windows, "
            f"out of sample {self.curve.total_return:+.2%}{told}>"
        )


def _row(one: WindowOutcome, metric: str, axes: Sequence[Axis]) -> dict[str, Any]:
    window = one.window
    row: dict[str, Any] = {
        "number": window.number,
        "train_start": window.train_start.isoformat(),
        "train_end": window.train_end.isoformat(),
        "test_start": window.test_start.isoformat(),
        "test_end": window.test_end.isoformat(),
        "trials": len(one.found.trials),
    }
    for axis in axes:
        row[axis.name] = None if one.chosen is None else one.chosen.parameters[axis.name]
    for name, trial in (("in_sample", one.chosen), ("out_of_sample", one.outcome)):
        row[f"{name}_{metric}"] = None if trial is None else trial.metrics.get(metric)
        row[f"{name}_return"] = None if trial is None else trial.metrics.get("total_return")
    row["problem"] = "" if one.outcome is None else one.outcome.problem
    return row


def _drifted(axis: Axis, values: Sequence[Any]) -> dict[str, Any]:
    pairs = [*pairwise(values)]
    span = axis.high - axis.low
    if axis.values is not None and axis.is_ordered:
        span = float(axis.values[-1]) - float(axis.values[0])
    steps = [abs(after - before) / span for before, after in pairs] if span > 0 else []
    return {
        "parameter": axis.name,
        "changes": sum(before != after for before, after in pairs),
        "values": len(set(values)),
        "mean_step": float(np.mean(steps)) if steps and axis.is_ordered else None,
    }
