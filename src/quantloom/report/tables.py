"""The tables of a report: rows of cells, ready to be shown."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, Table
from quantloom.backtest.result import GroupedBy
from quantloom.kit import FloatArray
from quantloom.performance import (
    METRICS,
    ReasonKey,
    list_drawdowns,
    monthly_returns,
    yearly_returns,
)
from quantloom.report.formats import (
    UNKNOWN,
    LocalClock,
    by_unit,
    decimals_of,
    fixed,
    percent,
    plain,
    sign,
)
from quantloom.report.texts import Words

MAX_ROWS = 500
HEADLINE = (
    "total_return",
    "annual_return",
    "sharpe_ratio",
    "max_drawdown_ratio",
    "final_equity",
    "win_rate",
    "profit_factor",
    "round_trip_count",
)
BENCHMARK = (
    "benchmark_return",
    "alpha",
    "beta",
    "correlation",
    "tracking_error",
    "information_ratio",
    "up_capture",
    "down_capture",
)
GROUPED_BY: tuple[GroupedBy, ...] = ("side", "exit", "symbol", "tag", "year")
MAX_GROUPS = 100
_GROUP_HEADS = "group* trips win_rate pnl profit_factor average adverse favourable"
_GAINS = {"gross", "payments", "net", "twice"}
_DAILY_PAYMENTS = ("interest", "borrow")
_LEAST_STRONG = 0.005
_SIGNED = {"total_return", "annual_return", "net_profit", "expectancy"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        value: what to sort by; None to sort by the text.
        style: `up` or `down` for a gain or a loss.
        shade: 0 to 1, how strongly a heatmap colours it.
    """

    text: str
    value: float | int | None = None
    style: str = ""
    shade: float = 0.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table.

    Attributes:
        heads: what each column is called.
        numeric: which columns are aligned to the right.
        total: rows there are in all; `rows` may be the last of them.
    """

    heads: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[Cell]]
    total: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure; `unit` is the currency of money, `reason` why there is no value."""

    label: str
    text: str
    style: str
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Group:
    """Round trips taken apart by one of their traits."""

    title: str
    sheet: Sheet


def headline(result: BacktestResult, words: Words) -> list[Figure]:
    """The eight figures that a reader looks for first."""
    found = []
    for name in HEADLINE:
        value = getattr(result.metrics, name)
        style = sign(value) if name in _SIGNED else ""
        kind = METRICS[name].unit
        unit = result.spec.currency if kind == "money" else ""
        key = result.metrics.reasons.get(name)
        reason = "" if key is None else words.reason(key)
        found.append(Figure(words.label(name), by_unit(value, kind), style, unit, reason))
    return found


def metrics_sheet(result: BacktestResult, words: Words) -> Sheet:
    """Every measure with its meaning, and with the reason where it has no value."""
    rows = [
        [
            Cell(words.label(name)),
            Cell(by_unit(value, METRICS[name].unit), style=sign(value) if name in _SIGNED else ""),
            Cell(_meaning(name, result.metrics.reasons.get(name), words)),
        ]
        for name, value in result.metrics.as_dict().items()
    ]
    return sheet_of(words, "measure* value meaning*", rows)


def _meaning(name: str, reason: ReasonKey | None, words: Words) -> str:
    if reason is None:
        return words.meaning(name)
    return words("cell.no_value", meaning=words.meaning(name), reason=words.reason(reason))


def benchmark_sheet(result: BacktestResult, words: Words) -> Sheet:
    """The run beside what it is compared with; no rows where it is with nothing."""
    shown = BENCHMARK if result.benchmark is not None else ()
    values = result.metrics.as_dict()
    rows = [
        [Cell(words.label(name)), Cell(by_unit(values[name], METRICS[name].unit))] for name in shown
    ]
    return sheet_of(words, "measure* value", rows)


def group_sheets(result: BacktestResult, words: Words) -> list[Group]:
    """Round trips by side, and by each trait in which they differ, but not each from each."""
    found = []
    for by in GROUPED_BY:
        if by in result.round_trips and len(set(result.round_trips[by].tolist())) > MAX_GROUPS:
            continue
        rows = [_group(row, by, words) for row in result.groups(by).rows()]
        if len(rows) > (by != "side"):
            found.append(Group(words(f"group.{by}"), sheet_of(words, _GROUP_HEADS, rows)))
    return found


def _group(row: dict[str, Any], by: str, words: Words) -> list[Cell]:
    key = row["key"]
    names = {"side": words.name(f"side.{key}", key), "exit": words.name(f"exit.{key}", key)}
    return [
        Cell(names.get(by, key) or UNKNOWN),
        _number(row["count"], fixed(row["count"], 0)),
        _number(row["win_rate"], percent(row["win_rate"], 1)),
        _gain(row["pnl"], fixed(row["pnl"])),
        _number(row["profit_factor"], fixed(row["profit_factor"])),
        _gain(row["expectancy"], fixed(row["expectancy"])),
        _number(row["average_adverse_ratio"], percent(row["average_adverse_ratio"])),
        _number(row["average_favourable_ratio"], percent(row["average_favourable_ratio"])),
    ]


def monthly_sheet(result: BacktestResult, words: Words) -> Sheet:
    """Returns by month with the year at the end, newest year first."""
    facts: dict[str, Any] = {
        "equity": result.equity.floats("equity"),
        "initial": float(result.spec.cash),
        "days": result.days,
    }
    months, years = monthly_returns(**facts), yearly_returns(**facts)
    of_year = dict(zip(years.years.tolist(), years.ratios.tolist(), strict=True))
    strongest = _strongest(months.ratios)
    rows = []
    for year, ratios in zip(months.years.tolist(), months.ratios.tolist(), strict=True):
        cells = [_heat(ratio, strongest) for ratio in ratios]
        whole = of_year.get(year, float("nan"))
        rows.append([Cell(str(year)), *cells, _gain(whole, _percent_or_blank(whole))])
    heads = ["", *(f"{month:02d}" for month in range(1, 13)), words("year")]
    return Sheet(heads, [False, *[True] * 13], rows[::-1], len(rows))


def drawdowns_sheet(result: BacktestResult, words: Words) -> Sheet:
    """The five deepest falls of daily equity."""
    dates, equity = result.daily["day"], result.daily["equity"]
    falls = list_drawdowns(np.concatenate(([float(result.spec.cash)], equity)))
    # Point 0 is the initial capital; what peaks there is dated by the first day.
    shown = np.concatenate((dates[:1], dates)).astype(str).tolist()
    rows = [
        [
            _gain(-fall.depth_ratio, percent(-fall.depth_ratio)),
            Cell(shown[fall.peak]),
            Cell(shown[fall.trough]),
            Cell(words("cell.not_yet") if fall.recovery is None else shown[fall.recovery]),
            _number(fall.length, str(fall.length)),
        ]
        for fall in falls
    ]
    return sheet_of(words, "depth peak* trough* recovery* length", rows)


def costs_sheet(result: BacktestResult, words: Words) -> Sheet:
    """From gross profit to net profit, each cost with its share."""
    metrics = result.metrics
    net, commission, slippage = metrics.net_profit, metrics.commission, metrics.slippage
    paid = float(_earned(result))
    gross = net + commission + slippage - paid
    # A cost is shown as what it took away, its share without a sign.
    lines = (
        ("gross", gross, gross),
        ("commission", -commission, commission),
        ("slippage", -slippage, slippage),
        ("total", -commission - slippage, commission + slippage),
        *([("payments", paid, abs(paid))] if paid else []),
        ("net", net, net),
        ("twice", net - commission - slippage, math.nan),
    )
    rows = [
        [
            Cell(words(f"cost.{name}")),
            Cell(fixed(amount), style=sign(amount) if name in _GAINS else ""),
            Cell(percent(part / gross, 1) if gross > 0 else UNKNOWN),
        ]
        for name, amount, part in lines
    ]
    return sheet_of(words, "item* amount share", rows)


def _earned(result: BacktestResult) -> Decimal:
    """What payments added; rights that were bought are not lost, the shares are worth them."""
    found = _payments_by_kind(result).items()
    return sum(
        (
            amount
            for (kind, _), amounts in found
            for amount in amounts
            if kind != "rights" or amount > 0
        ),
        Decimal(0),
    )


def positions_sheet(result: BacktestResult, words: Words) -> Sheet:
    """What was still open after the last bar; of a series, in which contract."""
    decimals = {one.symbol: decimals_of(one.tick_size) for one in result.spec.instruments}
    rows = [
        [
            Cell(held_now.get("contract") or held_now["symbol"]),
            Cell(plain(held_now["quantity"])),
            Cell(fixed(held_now["average_price"], decimals[held_now["symbol"]])),
            Cell(fixed(held_now["unrealised"]), style=sign(held_now["unrealised"])),
        ]
        for held_now in result.positions.rows()
    ]
    return sheet_of(words, "symbol* quantity average_price unrealised", rows)


def payments_sheet(result: BacktestResult, words: Words) -> Sheet:
    """What was paid and received without a fill, summed by kind and instrument."""
    rows = [
        [
            Cell(words.name(f"payment.{kind}", kind)),
            Cell(symbol or UNKNOWN),
            _number(len(amounts), fixed(len(amounts), 0)),
            _gain(sum(amounts), fixed(sum(amounts))),
        ]
        for (kind, symbol), amounts in _payments_by_kind(result).items()
    ]
    return sheet_of(words, "payment* symbol* times amount", rows)


def _payments_by_kind(result: BacktestResult) -> dict[tuple[str, str], list[Decimal]]:
    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in result.payments.rows():
        found.setdefault((row["kind"], row["symbol"]), []).append(row["amount"])
    return found


def payment_list_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last payments one by one, newest first, without the interest that each day brings."""
    kept = np.flatnonzero(~np.isin(result.payments["kind"].astype(str), _DAILY_PAYMENTS))
    paid = Table({name: column[kept] for name, column in result.payments.items()})
    last = Table({name: column[-MAX_ROWS:] for name, column in paid.items()})
    rows = [
        [
            _time(row["ts_ns"], clock),
            Cell(words.name(f"payment.{row['kind']}", row["kind"])),
            Cell(row["symbol"] or UNKNOWN),
            _gain(row["amount"], fixed(row["amount"])),
        ]
        for row in reversed([*last.rows()])
    ]
    return sheet_of(words, "time* payment* symbol* amount", rows, len(paid))


def refused_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last refused orders, newest first."""
    places = np.flatnonzero(result.orders["status"] == "rejected")
    last = Table({name: column[places[-MAX_ROWS:]] for name, column in result.orders.items()})
    rows = [
        [
            _number(order["id"], str(order["id"])),
            _time(order["updated_ns"], clock),
            Cell(order["symbol"]),
            Cell(words(f"order.{order['side']}")),
            Cell(words.name(f"kind.{order['kind']}", order["kind"])),
            _number(order["quantity"], plain(order["quantity"])),
            Cell(words.name(f"rule.{order['rule']}", str(order["rule"]))),
            Cell(str(order["reason"])),
        ]
        for order in reversed([*last.rows()])
    ]
    heads = "number time* symbol* side* kind* quantity rule* reason*"
    return sheet_of(words, heads, rows, len(places))


def log_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last lines of the strategy's log, oldest first."""
    rows = [[_time(moment, clock), Cell(text)] for moment, text in result.log[-MAX_ROWS:]]
    return sheet_of(words, "time* text*", rows, len(result.log))


def order_counts(result: BacktestResult) -> dict[str, int]:
    """How many orders ended in which state, most frequent first."""
    return dict(Counter(result.orders["status"].tolist()).most_common())


def sheet_of(
    words: Words, heads: str, rows: Sequence[Sequence[Cell]], total: int | None = None
) -> Sheet:
    """Name columns by their keys; a star marks one of text."""
    names = heads.split()
    return Sheet(
        heads=[words(_head_key(name.rstrip("*"))) for name in names],
        numeric=[not name.endswith("*") for name in names],
        rows=rows,
        total=len(rows) if total is None else total,
    )


def _head_key(name: str) -> str:
    return "symbol" if name == "symbol" else f"head.{name}"


def _number(value: Decimal | float, text: str) -> Cell:
    return Cell(text, float(value))


def _gain(value: Decimal | float, text: str) -> Cell:
    return Cell(text, float(value), sign(value))


def _time(ts_ns: int, clock: LocalClock) -> Cell:
    return Cell(clock.show(ts_ns), ts_ns // 1_000_000)


def _heat(ratio: float, strongest: float) -> Cell:
    shade = 0.0 if math.isnan(ratio) else min(abs(ratio) / strongest, 1.0)
    return Cell(_percent_or_blank(ratio), style=sign(ratio), shade=round(shade, 2))


def _percent_or_blank(ratio: float) -> str:
    # A month without a point has no return; a dash in each such cell would drown the others.
    return "" if math.isnan(ratio) else percent(ratio, 1)


def _strongest(ratios: FloatArray) -> float:
    """The size that gets full colour: the 95th percentile, so that one month does not pale all."""
    sizes = np.abs(ratios[np.isfinite(ratios)])
    return max(float(np.percentile(sizes, 95)), _LEAST_STRONG) if len(sizes) else _LEAST_STRONG
