"""Several results side by side: measures, curves, how alike they move, what differs."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from quantloom.kit import FloatArray, objects
from quantloom.performance import METRICS, correlation

FEWEST = 2
BASE = 100.0
_DIGITS = 8
_HEADS = ("metric", "day", "name")
_OF_TRIP = ("symbol", "side", "quantity", "entry_ns", "exit_ns", "pnl")

_Entry = tuple[str, int]
"""An instrument and the time at which it was entered."""


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
        best: for each measure that tells better from worse, the names that have the best value;
            of money only where all results count it in one currency.
        curves: day, then the equity of each result, 100 being its initial capital; NaN on days
            that are none of its own.
        drawdowns: day, then how far the equity of each result lies below its highest so far, a
            ratio at or above zero; NaN on days that are none of its own.
        correlation: name, then the correlation of daily returns with each result over the days
            that both have; NaN with fewer than two of them.
        differences: for each setting in which the results differ, what each has.
        trades: name, symbol, side, quantity, entry_ns, exit_ns and pnl of round trips that one
            result alone has; the same trips have an instrument and a time of entry in common.
        shared_trades: how many entries all results have.
    """

    names: tuple[str, ...]
    metrics: Table
    best: Mapping[str, tuple[str, ...]]
    curves: Table
    drawdowns: Table
    correlation: Table
    differences: Mapping[str, tuple[str, ...]]
    trades: Table
    shared_trades: int

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
    is_one_currency = len({result.spec.currency for result in results}) == 1
    entries = [_entries(result) for result in results]
    return Comparison(
        names=called,
        metrics=metrics,
        best=_best(metrics, called, ranks_money=is_one_currency),
        curves=_by_day(results, called, _from_base),
        drawdowns=_by_day(results, called, lambda one: one.daily["drawdown"]),
        correlation=_correlation(results, called),
        differences=_differences(results),
        trades=_alone(results, called, entries),
        shared_trades=len(set[_Entry].intersection(*map(set, entries))),
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
    columns: dict[str, NDArray[Any]] = {"metric": objects(tuple(METRICS))}
    for name, result in zip(names, results, strict=True):
        values = result.metrics.as_dict()
        columns[name] = np.array(
            [np.nan if values[metric] is None else values[metric] for metric in METRICS],
            dtype=np.float64,
        )
    return Table(columns)


def _best(metrics: Table, names: Sequence[str], *, ranks_money: bool) -> dict[str, tuple[str, ...]]:
    found = {}
    for row, metric in enumerate(METRICS.values()):
        # 100 dollars and 700 yuan stand side by side, but neither is more.
        if metric.unit == "money" and not ranks_money:
            continue
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


def _by_day(
    results: Sequence[BacktestResult],
    names: Sequence[str],
    column: Callable[[BacktestResult], FloatArray],
) -> Table:
    """A column of each result over all days that any of them has."""
    days = np.unique(np.concatenate([result.daily["day"] for result in results]))
    columns: dict[str, NDArray[Any]] = {"day": days}
    for name, result in zip(names, results, strict=True):
        values = np.full(len(days), np.nan)
        rows = np.searchsorted(days, result.daily["day"])
        values[rows] = column(result)
        columns[name] = values
    return Table(columns)


def _from_base(result: BacktestResult) -> FloatArray:
    equity: FloatArray = result.daily["equity"] / float(result.spec.cash) * BASE
    return equity


def _entries(result: BacktestResult) -> list[_Entry]:
    trips = result.round_trips
    return [*zip(trips["symbol"].tolist(), trips["entry_ns"].tolist(), strict=True)]


def _alone(
    results: Sequence[BacktestResult], names: Sequence[str], entries: Sequence[list[_Entry]]
) -> Table:
    """The round trips that one result alone has, result by result."""
    times_seen = Counter(entry for one in entries for entry in set(one))
    pieces: dict[str, list[Any]] = {name: [] for name in ("name", *_OF_TRIP)}
    for name, result, own in zip(names, results, entries, strict=True):
        rows = [row for row, entry in enumerate(own) if times_seen[entry] == 1]
        pieces["name"] += [name] * len(rows)
        for column in _OF_TRIP:
            pieces[column] += result.round_trips[column][rows].tolist()
    times = {"entry_ns", "exit_ns"}
    return Table(
        {
            name: np.array(values, dtype=np.int64) if name in times else objects(values)
            for name, values in pieces.items()
        }
    )


def _correlation(results: Sequence[BacktestResult], names: Sequence[str]) -> Table:
    columns: dict[str, NDArray[Any]] = {"name": objects(names)}
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
