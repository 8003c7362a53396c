"""Results as tables: one row a run, one line an instrument, the measures by what they tell."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quantloom.backtest import Audit, BacktestResult, RuleUse, TickUse
from quantloom.backtest.analysis import held_after_end
from quantloom.cli.output import print_table, say, warn
from quantloom.cli.rebalances import print_rebalances
from quantloom.market import exactly
from quantloom.performance import METRICS, REASONS, Metric
from quantloom.trading import Commission, Role

_SHOWN_LEAKS = 3
_SHOWN_FAULTS = 3
_LIGHT = ("note", "minor")
_HASH = 24
_UNKNOWN = "\N{EN DASH}"
_GRADES = {
    "A": "all from sources that hold",
    "B": "some carried past their source, or estimated",
    "C": "some assumed",
    "D": "some not known",
}
# Of the roles of orders those that the market or a roll sends.
_FORCED = (Role.ROLL, Role.LIQUIDATION, Role.DELIVERY, Role.EXPIRY, Role.DELISTING)
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
MEASURES: Mapping[str, tuple[str, ...]] = {
    "Return": ("total_return", "annual_return", "net_profit", "best_day_ratio", "worst_day_ratio"),
    "Risk": (
        *("annual_volatility", "max_drawdown_ratio", "longest_drawdown_days"),
        *("value_at_risk_ratio", "exposure_ratio"),
    ),
    "Ratios": ("sharpe_ratio", "sortino_ratio", "calmar_ratio"),
    "Luck": (
        *("probabilistic_sharpe_ratio", "trial_count", "deflated_sharpe_ratio"),
        "minimum_track_record_days",
    ),
    "Round trips": (
        *("round_trip_count", "win_rate", "profit_factor", "payoff_ratio", "expectancy"),
        "average_holding_days",
    ),
    "Costs": ("commission", "slippage", "turnover_ratio"),
    "Benchmark": ("benchmark_return", "alpha", "beta", "correlation", "information_ratio"),
}
"""What a run is judged by first; `--explain` has all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentLine:
    """What one instrument did in a run.

    Attributes:
        profit: what it added to equity: closed and open, after commission. unrealised: the open
            part of it. quantity: still held, below zero if short.
    """

    symbol: str
    bars: int
    fills: int
    round_trips: int
    profit: Decimal
    unrealised: Decimal
    commission: Decimal
    slippage: Decimal
    quantity: Decimal


def print_results(results: Iterable[BacktestResult]) -> None:
    """Print the headline figures of each run, and what was refused."""
    listed = list(results)
    print_table("Backtests", _HEADINGS, map(_row, listed), right="lllrrrrrrr", spare=_SPARE)
    if any(result.positions for result in listed):
        warn("note: + after the trips: a position is open at the end.")
    for result in listed:
        for reason, count in _refusals(result).items():
            warn(f"note: {_named(result)}: {count} order(s) rejected: {reason}")


def print_data_grades(result: BacktestResult) -> None:
    """How good the data are, each with its hash; what weighs against them beside the result."""
    for symbol, one in result.quality.items():
        # Asked for by themselves: `result.hashes` would hash all that came out too.
        what = f"dataset {one.digest}" if one.digest else f"bars {result.data[symbol].digest()}"
        say(f"data of {symbol}: grade {one.grade}, {what[:_HASH]}")
        for found in one.findings[:_SHOWN_FAULTS]:
            if found.severity not in _LIGHT:
                warn(f"note: {symbol}: {found.text_en}")


def _print_made_by(result: BacktestResult) -> None:
    """What a run on ticks assumed, and whether a run looks ahead."""
    if result.ticks is not None:
        _print_ticks(result.ticks)
    if result.audit is not None:
        _print_audit(result.audit)


def _print_ticks(use: TickUse) -> None:
    say(f"{use.count:,} ticks, queue {use.queue}, latency: {use.latency}")
    for one in use.kinder:
        warn(f"note: in the strategy's favour: {one}")


def print_run(result: BacktestResult, *, explain: bool) -> None:
    """Print one run: its headline, its instruments, its measures and what became of its orders.

    Args:
        explain: every measure with what it tells, or why it has no value.
    """
    print_results([result])
    if len(result.data) > 1:
        _print_instruments(result)
        print_rebalances(result)
    if explain:
        _print_explained(result)
    else:
        _print_groups(result)
    outcomes = [f"{count:,} {name}" for name, count in order_outcomes(result).items() if count]
    if result.rules is not None:
        _print_rules(result.rules)
    elif result.unruled and result.spec.commission == Commission():
        warn(
            f"note: without costs; --rules takes the fees and rules of {', '.join(result.unruled)}"
        )
    if result.actions.adjusted:
        warn(
            f"note: prices of {', '.join(result.actions.adjusted)} look adjusted already; "
            "dividends and splits count twice"
        )
    if result.actions.missing:
        warn(f"note: no --actions of {', '.join(result.actions.missing)}: dividends are not in it")
    for symbol, day in held_after_end(result.data, result.positions).items():
        warn(f"note: {symbol} is still held, and its bars end on {day}: it could not be sold since")
    if result.stitched:
        warn(
            f"note: {', '.join(result.stitched)} has the jumps of its rolls in its prices; give "
            "its contracts and --roll"
        )
    _print_made_by(result)
    print_data_grades(result)
    said = f": {', '.join(outcomes)}" if outcomes else ""
    say(f"{len(result.orders):,} order(s){said}")
    forced = [f"{count:,} of {cause}" for cause, count in forced_counts(result).items()]
    if forced:
        say(f"fills that the strategy did not ask for: {', '.join(forced)}")


def _print_audit(audit: Audit) -> None:
    """Say whether it looks ahead, and by what that shows."""
    say(f"look-ahead audit: {audit.text_en}")
    for leak in audit.leaks[:_SHOWN_LEAKS]:
        warn(f"leak: {leak.text_en}")
    for note in audit.notes:
        warn(f"note: {note.text_en}")


def _print_rules(use: RuleUse) -> None:
    """Say which rules held, and what of them is not known for sure."""
    overlays = f", with {', '.join(use.overlays)}" if use.overlays else ""
    say(f"rule book {use.version}{overlays}: grade {use.grade}, {_GRADES[use.grade]}")
    unlimited = [f"{symbol} on {days} day(s)" for symbol, days in use.unlimited.items()]
    told = {
        "not covered by the book on some days": use.uncovered,
        "assumed, known from no source": use.assumed,
        "from a source older than the run": use.carried,
        "settled at an estimate, the data having no settlement prices": use.estimated,
        "delisted at the last close, no final price being known": use.delisted,
        "funding left out, its rate not being known; give --funding": [
            f"{symbol}, {count} payment(s)" for symbol, count in use.unfunded.items()
        ],
        "funding and liquidation by last prices, without --marks": use.unmarked,
        "traded beyond the usual price limit": unlimited,
    }
    for what, found in told.items():
        if found:
            warn(f"note: {what}: {', '.join(found)}")


def order_outcomes(result: BacktestResult) -> dict[str, int]:
    """How many orders filled whole, in part, or ended otherwise; each is counted once."""
    counts = dict.fromkeys(("filled", "partly filled", "cancelled", "expired", "rejected"), 0)
    for row in result.orders.rows():
        is_part = row["filled"] and row["status"] != "filled"
        name = "partly filled" if is_part else row["status"]
        counts[name] = counts.get(name, 0) + 1
    return counts


def payment_sums(result: BacktestResult) -> dict[str, Decimal]:
    """What was paid and received without a fill, by kind: dividends, funding, interest."""
    sums: dict[str, Decimal] = {}
    with exactly():
        for row in result.payments.rows():
            sums[row["kind"]] = sums.get(row["kind"], Decimal(0)) + row["amount"]
    return sums


def forced_counts(result: BacktestResult) -> dict[str, int]:
    """How many fills were not the strategy's own: rolls, expiries, liquidations and the like."""
    causes = Counter(result.fills["cause"].tolist())
    return {cause: causes[cause] for cause in _FORCED if causes[cause]}


def instrument_lines(result: BacktestResult) -> list[InstrumentLine]:
    """What each instrument did, in the order of the run."""
    with exactly():
        return [_line(result, symbol) for symbol in result.data]


def _line(result: BacktestResult, symbol: str) -> InstrumentLine:
    trips, fills, held = (
        [row for row in table.rows() if row["symbol"] == symbol]
        for table in (result.round_trips, result.fills, result.positions)
    )
    paid = [row for row in result.payments.rows() if row["symbol"] == symbol and _earns(row)]
    unrealised, commission = _sum(held, "unrealised"), _sum(fills, "commission")
    return InstrumentLine(
        symbol=symbol,
        bars=len(result.data[symbol]),
        fills=len(fills),
        round_trips=len(trips),
        profit=_sum(trips, "gross") + unrealised - commission + _sum(paid, "amount"),
        unrealised=unrealised,
        commission=commission,
        slippage=_sum(fills, "slippage"),
        quantity=_sum(held, "quantity"),
    )


def _earns(payment: Mapping[str, Any]) -> bool:
    """Whether a payment is profit or loss: shares that rights bought are worth their price."""
    return bool(payment["kind"] != "rights" or payment["amount"] > 0)


def _sum(rows: Iterable[Mapping[str, Any]], column: str) -> Decimal:
    return sum((row[column] for row in rows), Decimal(0))


def _row(result: BacktestResult) -> tuple[str, ...]:
    metrics = result.metrics
    return (
        result.spec.strategy,
        f"{_named(result)} {result.spec.timeframe}",
        f"{result.start:%Y-%m-%d} .. {result.end:%Y-%m-%d}",
        _percent(metrics.total_return),
        _percent(metrics.annual_return),
        _number(metrics.sharpe_ratio),
        _percent(-metrics.max_drawdown_ratio),
        f"{len(result.round_trips):,}" + ("+" if result.positions else ""),
        _percent(metrics.win_rate),
        f"{result.final_equity:,.{_decimals(result)}f} {result.spec.currency}",
    )


def _decimals(result: BacktestResult) -> int:
    """How much of its money to show: a hundredth of a coin is no small change."""
    return 6 if any(one.is_inverse for one in result.spec.instruments) else 2


def _named(result: BacktestResult) -> str:
    """The instrument, or the first of several and how many more there are."""
    first, *others = result.spec.symbols
    return f"{first} +{len(others)}" if others else first


def _print_instruments(result: BacktestResult) -> None:
    decimals = _decimals(result)
    headings = ("Symbol", "Bars", "Fills", "Trips", "Profit", "Open", "Commission", "Held")
    rows = [
        (
            line.symbol,
            f"{line.bars:,}",
            f"{line.fills:,}",
            f"{line.round_trips:,}",
            f"{line.profit:,.{decimals}f}",
            f"{line.unrealised:,.{decimals}f}",
            f"{line.commission:,.{decimals}f}",
            f"{line.quantity:,f}",
        )
        for line in instrument_lines(result)
    ]
    print_table(
        "Instruments", headings, rows, right="lrrrrrrr", spare=("Bars", "Fills", "Commission")
    )


def _print_groups(result: BacktestResult) -> None:
    values = result.metrics.as_dict()
    has_benchmark = values["benchmark_return"] is not None
    rows = []
    for group, names in MEASURES.items():
        if group != "Benchmark" or has_benchmark:
            told = [
                f"{METRICS[name].label_en} {show_measure(METRICS[name], values[name])}"
                for name in names
            ]
            rows.append((group, " · ".join(told)))
    paid = [
        f"{kind.replace('_', ' ').capitalize()} {amount:,.{_decimals(result)}f}"
        for kind, amount in payment_sums(result).items()
    ]
    if paid:
        rows.append(("Payments", " · ".join(paid)))
    print_table("Measures", ("Of", "What came out"), rows)


def _print_explained(result: BacktestResult) -> None:
    values, reasons = result.metrics.as_dict(), result.metrics.reasons
    rows = [
        (
            metric.label_en,
            show_measure(metric, values[name]),
            f"no value: {REASONS[reasons[name]].text_en}" if name in reasons else metric.meaning_en,
        )
        for name, metric in METRICS.items()
    ]
    print_table("Measures", ("Measure", "Value", "What it tells"), rows, right="lrl")


def show_measure(metric: Metric, value: float | None) -> str:
    """A measure as its unit wants it."""
    if value is None or value != value:  # noqa: PLR0124  NaN
        return _UNKNOWN
    if metric.unit == "ratio":
        return _percent(value)
    if metric.unit == "days":
        return f"{value:,.{0 if float(value).is_integer() else 2}f} d"
    return f"{value:,.{0 if metric.unit == 'count' else 2}f}"


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
    return _UNKNOWN if value is None else f"{value:,.2%}"


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:,.2f}"
