"""Several results side by side: measures, curves, how alike they move, what differs."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from quantloom.backtest import export
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.showing import shown_by
from quantloom.backtest.tables import Table
from quantloom.errors import Invalid
from quantloom.kit import FloatArray
from quantloom.performance import METRICS, correlation

FEWEST = 2
BASE = 100.0
_DIGITS = 8
_HEADS = ("metric", "day", "name")


class NothingToCompare(Invalid):
    """Fewer results than a comparison takes."""

    code = "backtest.nothing_to_compare"

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count

    def __str__(self) -> str:
        return f"a comparison takes two results or more, not {self.count}"


class BadNames(Invalid):
    """Names that do not tell the results of a comparison apart."""

    code = "backtest.bad_names"

    def __init__(self, names: tuple[str, ...], results: int) -> None:
        super().__init__(names, results)
        self.names, self.results = names, results

    def __str__(self) -> str:
        return (
            f"{', '.join(self.names)} cannot name {self.results} results; "
            "give each result a name of its own, other than metric, day and name"
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """Results side by side.

    Attributes:
        names: of the results, in the order they were given; the columns of the tables.
        metrics: a row for each measure: metric, then its value in each result, NaN for none.
        best: for each measure that tells better from worse, the names that have the best value.
        curves: day, then the equity of each result, 100 being its initial capital; NaN on days
            that are none of its own.
        correlation: name, then the correlation of daily returns with each result over the days
            that both have; NaN with fewer than two of them.
        differences: for each setting in which the results differ, what each has.
    """

    names: tuple[str, ...]
    metrics: Table
    best: Mapping[str, tuple[str, ...]]
    curves: Table
    correlation: Table
    differences: Mapping[str, tuple[str, ...]]

    def to_html(self, path: str | os.PathLike[str], *, language: str = "en") -> Path:
        """Write the comparison as one page that needs nothing else.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            OSError: the file cannot be written.
        """
        page: str = shown_by("comparison_html")(self, language=language)
        return export.write_bytes(page.encode(), Path(path))

    def plot(self, *, language: str = "en") -> Any:
        """Draw the curves, as a figure of plotly's.

        Raises:
            UnknownLanguage: another language than `en` and `zh`.
            ReportExtraMissing: plotly is not installed.
        """
        return shown_by("plot_comparison")(self, language=language)

    def _repr_html_(self) -> str:
        text: str = shown_by("compared_html")(self)
        return text

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.names)}>"


def compare(results: Sequence[BacktestResult], names: Sequence[str] | None = None) -> Comparison:
    """Put results side by side.

    Args:
        results: two or more, of any strategies, instruments and spans.
        names: one for each result; its strategy where none are given, with the parameters that
            tell two of one strategy apart.
    Returns:
        Their measures, curves, correlation and the settings in which they differ.
    Raises:
        NothingToCompare: fewer than two results.
        BadNames: as many names as results are needed, each once.
    """
    if len(results) < FEWEST:
        raise NothingToCompare(len(results))
    called = tuple(_usual_names(results) if names is None else names)
    if len(called) != len(results) or len({*called, *_HEADS}) != len(called) + len(_HEADS):
        raise BadNames(called, len(results))
    metrics = _metrics(results, called)
    return Comparison(
        names=called,
        metrics=metrics,
        best=_best(metrics, called),
        curves=_curves(results, called),
        correlation=_correlation(results, called),
        differences=_differences(results),
    )


def _usual_names(results: Sequence[BacktestResult]) -> list[str]:
    told = [_usual_name(result, results) for result in results]
    if len(set(told)) < len(told):
        told = [f"{name} #{place}" for place, name in enumerate(told, start=1)]
    return told


def _usual_name(result: BacktestResult, results: Sequence[BacktestResult]) -> str:
    """The strategy, with the parameters in which it differs from others of its own."""
    own = [
        other.spec.parameters for other in results if other.spec.strategy == result.spec.strategy
    ]
    shown = ", ".join(
        f"{name}={value}"
        for name, value in result.spec.parameters.items()
        if any(other.get(name) != value for other in own)
    )
    return f"{result.spec.strategy} ({shown})" if shown else result.spec.strategy


def _metrics(results: Sequence[BacktestResult], names: Sequence[str]) -> Table:
    columns: dict[str, NDArray[Any]] = {"metric": _texts(tuple(METRICS))}
    for name, result in zip(names, results, strict=True):
        values = result.metrics.as_dict()
        columns[name] = np.array(
            [np.nan if values[metric] is None else values[metric] for metric in METRICS],
            dtype=np.float64,
        )
    return Table(columns)


def _best(metrics: Table, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found = {}
    for row, metric in enumerate(METRICS.values()):
        values = np.array([metrics[name][row] for name in names])
        known = values[np.isfinite(values)]
        # Where all are equal, none is better.
        if metric.higher_is_better is None or len(set(known.tolist())) < FEWEST:
            continue
        top = known.max() if metric.higher_is_better else known.min()
        found[metric.name] = tuple(
            name for name, value in zip(names, values, strict=True) if value == top
        )
    return found


def _curves(results: Sequence[BacktestResult], names: Sequence[str]) -> Table:
    days = np.unique(np.concatenate([result.daily["day"] for result in results]))
    columns: dict[str, NDArray[Any]] = {"day": days}
    for name, result in zip(names, results, strict=True):
        values = np.full(len(days), np.nan)
        rows = np.searchsorted(days, result.daily["day"])
        values[rows] = result.daily["equity"] / float(result.spec.cash) * BASE
        columns[name] = values
    return Table(columns)


def _correlation(results: Sequence[BacktestResult], names: Sequence[str]) -> Table:
    columns: dict[str, NDArray[Any]] = {"name": _texts(names)}
    for name, result in zip(names, results, strict=True):
        columns[name] = np.array([_between(result, other) for other in results])
    return Table(columns)


def _between(one: BacktestResult, other: BacktestResult) -> float:
    mine, theirs = one.daily, other.daily
    _, left, right = np.intersect1d(mine["day"], theirs["day"], return_indices=True)
    first: FloatArray = mine["return"][left]
    second: FloatArray = theirs["return"][right]
    known = np.isfinite(first) & np.isfinite(second)
    return correlation(first[known], second[known])


def _differences(results: Sequence[BacktestResult]) -> dict[str, tuple[str, ...]]:
    flat = [_settings(result) for result in results]
    names = dict.fromkeys(name for one in flat for name in one)
    told = {name: tuple(one.get(name, "") for one in flat) for name in names}
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def _settings(result: BacktestResult) -> dict[str, str]:
    """Every setting by its name, those inside others with a dot between."""
    plain = msgspec.to_builtins(result.spec, builtin_types=(Decimal,))
    own = {name: plain.pop(name) for name in ("instruments", "state")}
    return {
        **dict(_flat(plain)),
        "instruments": ", ".join(one["symbol"] for one in own["instruments"]),
        "code": result.hashes.code[:_DIGITS],
        "data": result.hashes.data[:_DIGITS],
    }


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            # Equal numbers may be spelled apart: 0, 0.00 and 0E+2.
            is_exact = isinstance(value, Decimal)
            yield before + name, f"{value.normalize():f}" if is_exact else str(value)


def _texts(values: Sequence[str]) -> NDArray[Any]:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
