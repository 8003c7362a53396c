"""The tables of a report: rows of cells, ready to be shown."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from quantloom.backtest import BacktestResult, Table
from quantloom.kit import DayArray, FloatArray
from quantloom.market import Instrument
from quantloom.performance import (
    METRICS,
    ReasonKey,
    daily_equity,
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
    held,
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
    """One headline figure; `unit` is the currency of money."""

    label: str
    text: str
    style: str
    unit: str


def headline(result: BacktestResult, words: Words) -> list[Figure]:
    """The eight figures that a reader looks for first."""
    found = []
    for name in HEADLINE:
        value = getattr(result.metrics, name)
        style = sign(value) if name in _SIGNED else ""
        kind = METRICS[name].unit
        unit = result.spec.instrument.currency if kind == "money" else ""
        found.append(Figure(words.label(name), by_unit(value, kind), style, unit))
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
    return _sheet(words, "measure* value meaning*", rows)


def _meaning(name: str, reason: ReasonKey | None, words: Words) -> str:
    if reason is None:
        return words.meaning(name)
    return words("cell.no_value", meaning=words.meaning(name), reason=words.reason(reason))


def round_trips_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last round trips, newest first; without the column of tags where there is none."""
    total = len(result.round_trips)
    last = Table({name: column[-MAX_ROWS:] for name, column in result.round_trips.items()})
    instrument = result.spec.instrument
    numbered = list(enumerate(last.rows(), start=total - len(last) + 1))[::-1]
    rows = [
        [_number(number, str(number)), *_round_trip(trip, instrument, words, clock)]
        for number, trip in numbered
    ]
    heads = (
        "number side* quantity entry* entry_price exit* exit_price pnl return commission slippage "
        "held"
    )
    if any(last["tag"]):
        heads += " tag*"
        rows = [[*row, Cell(trip["tag"])] for row, (_, trip) in zip(rows, numbered, strict=True)]
    return _sheet(words, heads, rows, total)


def _round_trip(
    trip: dict[str, Any], instrument: Instrument, words: Words, clock: LocalClock
) -> list[Cell]:
    decimals = decimals_of(instrument.tick_size)
    duration = trip["exit_ns"] - trip["entry_ns"]
    earned = float(trip["pnl"] / (trip["entry_price"] * trip["quantity"] * instrument.multiplier))
    return [
        Cell(words(f"side.{trip['side']}")),
        _number(trip["quantity"], plain(trip["quantity"])),
        _time(trip["entry_ns"], clock),
        _number(trip["entry_price"], fixed(trip["entry_price"], decimals)),
        _time(trip["exit_ns"], clock),
        _number(trip["exit_price"], fixed(trip["exit_price"], decimals)),
        _gain(trip["pnl"], fixed(trip["pnl"])),
        _gain(earned, percent(earned)),
        _number(trip["commission"], fixed(trip["commission"])),
        _number(trip["slippage"], fixed(trip["slippage"])),
        _number(duration, held(duration, words)),
    ]


def monthly_sheet(result: BacktestResult, words: Words, days: DayArray) -> Sheet:
    """Returns by month with the year at the end, newest year first."""
    facts: dict[str, Any] = {
        "equity": result.equity.floats("equity"),
        "initial": float(result.spec.cash),
        "days": days,
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


def drawdowns_sheet(result: BacktestResult, words: Words, days: DayArray) -> Sheet:
    """The five deepest falls of daily equity."""
    dates, equity = daily_equity(result.equity.floats("equity"), days)
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
    return _sheet(words, "depth peak* trough* recovery* length", rows)


def costs_sheet(result: BacktestResult, words: Words) -> Sheet:
    """From gross profit to net profit, each cost with its share."""
    metrics = result.metrics
    net, commission, slippage = metrics.net_profit, metrics.commission, metrics.slippage
    gross = net + commission + slippage
    # A cost is shown as what it took away, its share without a sign.
    lines = (
        ("gross", gross, gross),
        ("commission", -commission, commission),
        ("slippage", -slippage, slippage),
        ("total", -commission - slippage, commission + slippage),
        ("net", net, net),
    )
    rows = [
        [
            Cell(words(f"cost.{name}")),
            Cell(fixed(amount), style=sign(amount) if name in {"gross", "net"} else ""),
            Cell(percent(part / gross, 1) if gross > 0 else UNKNOWN),
        ]
        for name, amount, part in lines
    ]
    return _sheet(words, "item* amount share", rows)


def positions_sheet(result: BacktestResult, words: Words) -> Sheet:
    """What was still open after the last bar."""
    decimals = decimals_of(result.spec.instrument.tick_size)
    rows = [
        [
            Cell(held_now["symbol"]),
            Cell(plain(held_now["quantity"])),
            Cell(fixed(held_now["average_price"], decimals)),
            Cell(fixed(held_now["unrealised"]), style=sign(held_now["unrealised"])),
        ]
        for held_now in result.positions.rows()
    ]
    return _sheet(words, "symbol* quantity average_price unrealised", rows)


def refused_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last refused orders, newest first."""
    refused = [row for row in result.orders.rows() if row["status"] == "rejected"]
    rows = [
        [
            _number(order["id"], str(order["id"])),
            _time(order["updated_ns"], clock),
            Cell(words(f"order.{order['side']}")),
            Cell(words(f"kind.{order['kind']}")),
            _number(order["quantity"], plain(order["quantity"])),
            Cell(words.name(f"rule.{order['rule']}", str(order["rule"]))),
            Cell(str(order["reason"])),
        ]
        for order in reversed(refused[-MAX_ROWS:])
    ]
    return _sheet(words, "number time* side* kind* quantity rule* reason*", rows, len(refused))


def log_sheet(result: BacktestResult, words: Words, clock: LocalClock) -> Sheet:
    """The last lines of the strategy's log, oldest first."""
    rows = [[_time(moment, clock), Cell(text)] for moment, text in result.log[-MAX_ROWS:]]
    return _sheet(words, "time* text*", rows, len(result.log))


def order_counts(result: BacktestResult) -> dict[str, int]:
    """How many orders ended in which state, most frequent first."""
    return dict(Counter(result.orders["status"].tolist()).most_common())


def _sheet(
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
