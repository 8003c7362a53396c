"""Results as a table: one row a run, the same columns everywhere."""

from collections.abc import Iterable

from quantloom.backtest import BacktestResult
from quantloom.cli.output import print_table, warn

_HEADINGS = (
    "Strategy",
    "Bars",
    "Span",
    "Total",
    "Annual",
    "Sharpe",
    "Max DD",
    "Trips",
    "Win",
    "Final equity",
)
# A terminal of 80 columns shows what is left without these.
_SPARE = ("Span", "Annual", "Win", "Trips")


def print_results(results: Iterable[BacktestResult]) -> None:
    """Print the headline figures of each run, and what was refused."""
    listed = list(results)
    print_table("Backtests", _HEADINGS, map(_row, listed), right="lllrrrrrrr", spare=_SPARE)
    for result in listed:
        for reason, count in _refusals(result).items():
            warn(f"note: {result.spec.instrument.symbol}: {count} order(s) rejected: {reason}")


def _row(result: BacktestResult) -> tuple[str, ...]:
    metrics = result.metrics
    return (
        result.spec.strategy,
        f"{result.spec.instrument.symbol} {result.spec.timeframe}",
        f"{result.bars.start:%Y-%m-%d} .. {result.bars.end:%Y-%m-%d}",
        _percent(metrics.total_return),
        _percent(metrics.annual_return),
        _number(metrics.sharpe_ratio),
        _percent(-metrics.max_drawdown_ratio),
        f"{len(result.round_trips):,}" + ("+" if result.positions else ""),
        _percent(metrics.win_rate),
        f"{result.final_equity:,.2f} {result.spec.instrument.currency}",
    )


def _refusals(result: BacktestResult) -> dict[str, int]:
    """How often each rule refused an order, under the reason it first gave."""
    counts: dict[str, int] = {}
    texts: dict[str, str] = {}
    for row in result.orders.rows():
        if row["status"] == "rejected":
            counts[row["rule"]] = counts.get(row["rule"], 0) + 1
            texts.setdefault(row["rule"], row["reason"])
    return {texts[rule]: count for rule, count in counts.items()}


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
