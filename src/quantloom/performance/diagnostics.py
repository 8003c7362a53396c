"""What speaks against the figures of a run: luck, costs, prices that could not be had."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray
from quantloom.performance.excursions import BarColumns
from quantloom.performance.findings import Finding, Severity
from quantloom.performance.series import daily_equity, last_of_each, runs
from quantloom.performance.summary import Summary
from quantloom.performance.trips import DetailedTrips

FEW_TRIPS = 30
"""Below this the standard error of a win rate is above 9 points: a coin looks like a strategy."""

FEW_DAYS = 63
"""A quarter of a year of trading."""

SURE = 0.95
"""The usual bar for a probabilistic Sharpe ratio: one false claim in twenty."""

TOO_GOOD = 4.0
"""Few funds keep a Sharpe ratio above 2 for years; twice that is more often a fault."""

FEW_MONTHS = 6
FEW_SYMBOLS = 3
"""With fewer, one is bound to carry the profit."""

OPEN_SHARE = 0.5
"""Half of the profit not yet taken, or half of what was taken not yet lost."""

LAST_BAR_SHARE = 0.25
LAST_BAR_POINTS = 20
LAST_BAR_MOVE = 0.005
"""A quarter of the profit in one bar of twenty or more; moves below 0.5 % of capital are noise."""

DWARFED = 10.0
OFTEN_RIGHT = 0.7
"""A strategy that wins often and lets one loss undo ten wins waits for the next such loss."""

FILL_SHARE = 0.01
"""One fill in a hundred may be an accident of the data; more are a way of trading."""

VOLUME_SHARE = 0.1
"""A usual ceiling of execution desks: with more of the volume an order moves the price."""

SAME_BAR_SHARE = 0.1
"""A tenth of the round trips, enough to carry a result, resting on an assumed path."""

REFUSED_SHARE = 0.1
"""A tenth of the orders: more than the odd one at the edge of the funds."""

HIGH_TURNOVER = 100.0
"""From here each basis point (0.01 %) of cost takes 1 % of equity a year."""

COSTLY_SHARE = 0.25
"""A quarter of the gross profit: twice the costs would take half of it."""

FLAT_SHARE = 0.25
"""A quarter of the span, and at least `FEW_DAYS`, without any change of equity."""

_BASIS_POINT = 1e-4


class FillColumns(Protocol):
    """Fills as columns of equal length, in the order they happened.

    Attributes:
        symbol: (f,) text.
        ts_ns: (f,) int64 UTC nanoseconds, of bars the open time.
        quantity: (f,) float64 above zero, in the unit of the bars' volume.
    """

    @property
    def symbol(self) -> NDArray[Any]: ...

    @property
    def ts_ns(self) -> IntArray: ...

    @property
    def quantity(self) -> FloatArray: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunColumns:
    """A finished run, as far as its diagnosis looks.

    Attributes:
        summary: its measures.
        equity: (n,) mark-to-market equity, without the starting point.
        days: (n,) trading day of each point.
        round_trips, fills: as columns.
        bars: by symbol, the bars it ran on.
        orders, refused_orders: how many were sent, and how many of those were refused.
        open_profit: of the positions still open, at the last price, in money.
        stitched: chains of contracts that were run as if they were one.
    """

    summary: Summary
    equity: FloatArray
    days: DayArray
    round_trips: DetailedTrips
    fills: FillColumns
    bars: Mapping[str, BarColumns]
    orders: int
    refused_orders: int
    open_profit: float
    stitched: tuple[str, ...] = ()

    @property
    def has_fills(self) -> bool:
        return len(self.fills.ts_ns) > 0


Facts = Mapping[str, float | int | str]


def diagnose(run: RunColumns) -> tuple[Finding, ...]:
    """Find what a reader must know before believing the figures.

    Each finding has a threshold, a constant of this module with its reason beside it. None of
    them proves a fault; each names a way in which backtests are known to deceive.

    Args:
        run: a finished run.
    Returns:
        The findings, grave ones first; empty where nothing speaks against the figures.
    Raises:
        WrongShape: columns that differ in length.
    """
    told = ((code, check(run)) for code, check in _CHECKS.items())
    findings = [Finding(code, facts) for code, facts in told if facts is not None]
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))


def _ruined(run: RunColumns) -> Facts | None:
    lowest = float(run.equity.min(initial=np.inf))
    return {"lowest": lowest} if lowest <= 0 else None


def _no_fills(run: RunColumns) -> Facts | None:
    return None if run.has_fills else {}


def _costs_exceed_profit(run: RunColumns) -> Facts | None:
    net, costs = run.summary.net_profit, _costs(run)
    return {"gross": net + costs, "costs": costs} if net <= 0 < net + costs else None


def _too_good(run: RunColumns) -> Facts | None:
    sharpe, days = run.summary.sharpe_ratio, run.summary.trading_days
    if sharpe is None or sharpe < TOO_GOOD or days < FEW_DAYS:
        return None
    return {"sharpe": sharpe, "days": days}


def _one_trip_makes_profit(run: RunColumns) -> Facts | None:
    pnl = run.round_trips.pnl
    return _carried_by_best(pnl) if len(pnl) > 1 else None


def _month_makes_profit(run: RunColumns) -> Facts | None:
    days, equity = daily_equity(run.equity, run.days)
    last = last_of_each(days.astype("datetime64[M]"))
    earned = np.diff(equity[last], prepend=run.summary.initial_equity)
    facts = _carried_by_best(earned) if len(earned) >= FEW_MONTHS else None
    if facts is None:
        return None
    month = str(days[last][earned.argmax()].astype("datetime64[M]"))
    return {**facts, "month": month, "others": len(earned) - 1}


def _symbol_makes_profit(run: RunColumns) -> Facts | None:
    symbols, row_of = np.unique(np.asarray(run.round_trips.symbol, dtype=str), return_inverse=True)
    earned = np.zeros(len(symbols))
    np.add.at(earned, row_of, run.round_trips.pnl)
    facts = _carried_by_best(earned) if len(symbols) >= FEW_SYMBOLS else None
    if facts is None:
        return None
    return {**facts, "symbol": str(symbols[earned.argmax()]), "others": len(symbols) - 1}


def _carried_by_best(earned: FloatArray) -> dict[str, float | int | str] | None:
    """Tell the best part where the profit is gone without it."""
    total, best = float(earned.sum()), float(earned.max())
    return {"best": best, "total": total} if 0 < total <= best and len(earned) > 1 else None


def _open_position_makes_profit(run: RunColumns) -> Facts | None:
    total = run.summary.net_profit
    is_carried = total > 0 and run.open_profit >= OPEN_SHARE * total
    return {"open": run.open_profit, "total": total} if is_carried else None


def _open_losses(run: RunColumns) -> Facts | None:
    closed = float(run.round_trips.pnl.sum())
    is_hidden = closed > 0 and -run.open_profit >= OPEN_SHARE * closed
    return {"open": -run.open_profit, "closed": closed} if is_hidden else None


def _losses_dwarf_wins(run: RunColumns) -> Facts | None:
    win_rate, win = run.summary.win_rate, run.summary.average_win
    loss = run.summary.largest_loss
    if win_rate is None or win is None or loss is None or win_rate < OFTEN_RIGHT:
        return None
    return {"win_rate": win_rate, "wins": -loss / win} if -loss >= DWARFED * win else None


def _profit_hangs_on_last_bar(run: RunColumns) -> Facts | None:
    if len(run.equity) < LAST_BAR_POINTS:
        return None
    last = float(run.equity[-1] - run.equity[-2])
    total = run.summary.net_profit
    least = max(LAST_BAR_SHARE * abs(total), LAST_BAR_MOVE * run.summary.initial_equity)
    return {"last": last, "total": total} if abs(last) >= least else None


def _double_costs(run: RunColumns) -> Facts | None:
    total = run.summary.net_profit
    doubled = total - _costs(run)
    return {"total": total, "doubled": doubled} if doubled <= 0 < total else None


def _costs_eat_profit(run: RunColumns) -> Facts | None:
    net, costs = run.summary.net_profit, _costs(run)
    # Where costs are as high as the profit, `double_costs` says it more plainly.
    if net <= costs or costs < COSTLY_SHARE * (net + costs):
        return None
    return {"share": costs / (net + costs)}


def _sharpe_unsure(run: RunColumns) -> Facts | None:
    summary = run.summary
    probability = summary.probabilistic_sharpe_ratio
    if probability is None or summary.sharpe_ratio is None or summary.sharpe_error is None:
        return None
    if summary.sharpe_ratio <= 0 or probability >= SURE:
        return None
    return {
        "sharpe": summary.sharpe_ratio,
        "error": summary.sharpe_error,
        "probability": probability,
    }


def _best_of_trials(run: RunColumns) -> Facts | None:
    summary = run.summary
    alone, after = summary.probabilistic_sharpe_ratio, summary.deflated_sharpe_ratio
    if alone is None or after is None or summary.sharpe_ratio is None:
        return None
    # Where it does not convince alone, `sharpe_unsure` says so.
    if not after < SURE <= alone:
        return None
    count = summary.trial_count or 1
    return {"sharpe": summary.sharpe_ratio, "count": count, "probability": after}


def _few_trips(run: RunColumns) -> Facts | None:
    count = run.summary.round_trip_count
    return {"count": count, "enough": FEW_TRIPS} if run.has_fills and count < FEW_TRIPS else None


def _short_span(run: RunColumns) -> Facts | None:
    days = run.summary.trading_days
    return {"count": days} if days < FEW_DAYS else None


def _stale_fills(run: RunColumns) -> Facts | None:
    return _many_fills(run, _is_stale)


def _large_fills(run: RunColumns) -> Facts | None:
    facts = _many_fills(run, _is_large)
    return None if facts is None else {**facts, "share": VOLUME_SHARE}


def _is_stale(columns: BarColumns, rows: IntArray, _: FloatArray) -> BoolArray:
    is_flat = columns.high[rows] == columns.low[rows]
    if not _knows_volume(columns):
        return np.asarray(is_flat)
    return np.asarray(is_flat | ~(columns.volume[rows] > 0))


def _is_large(columns: BarColumns, rows: IntArray, quantity: FloatArray) -> BoolArray:
    if not _knows_volume(columns):
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray(quantity > VOLUME_SHARE * columns.volume[rows])


def _knows_volume(columns: BarColumns) -> bool:
    return bool(np.nansum(columns.volume) > 0)


def _many_fills(
    run: RunColumns, is_so: Callable[[BarColumns, IntArray, FloatArray], BoolArray]
) -> Facts | None:
    """Count the fills that are so on their bars, where they are many."""
    fills = run.fills
    count = sum(
        int(is_so(columns, bar_rows, fills.quantity[rows]).sum())
        for columns, rows, (bar_rows,) in _on_bars(run.bars, fills.symbol, fills.ts_ns)
    )
    total = len(fills.ts_ns)
    return {"count": count, "total": total} if count and count >= FILL_SHARE * total else None


def _trips_within_a_bar(run: RunColumns) -> Facts | None:
    trips = run.round_trips
    on_bars = _on_bars(run.bars, trips.symbol, trips.entry_ns, trips.exit_ns)
    count = sum(int((entry == leave).sum()) for _, _, (entry, leave) in on_bars)
    total = len(trips.pnl)
    return {"count": count, "total": total} if count and count >= SAME_BAR_SHARE * total else None


def _on_bars(
    bars: Mapping[str, BarColumns], symbol: NDArray[Any], *times: IntArray
) -> Iterator[tuple[BarColumns, IntArray, tuple[IntArray, ...]]]:
    """Give for each symbol its bars, its rows and the rows of the bars that hold their times."""
    for name, columns in bars.items():
        rows = np.flatnonzero(np.asarray(symbol) == name)
        found = (np.searchsorted(columns.ts, one[rows], side="right") - 1 for one in times)
        yield columns, rows, tuple(np.maximum(one, 0) for one in found)


def _refused_orders(run: RunColumns) -> Facts | None:
    count, total = run.refused_orders, run.orders
    is_much = count > 0 and count >= REFUSED_SHARE * total
    return {"count": count, "total": total} if is_much else None


def _rolls_in_prices(run: RunColumns) -> Facts | None:
    return {"symbols": ", ".join(run.stitched)} if run.stitched and run.has_fills else None


def _no_commission(run: RunColumns) -> Facts | None:
    return {} if run.has_fills and run.summary.commission == 0 else None


def _no_slippage(run: RunColumns) -> Facts | None:
    return {} if run.has_fills and run.summary.slippage == 0 else None


def _high_turnover(run: RunColumns) -> Facts | None:
    turnover = run.summary.turnover_ratio
    if turnover is None or turnover < HIGH_TURNOVER:
        return None
    return {"turnover": turnover, "drag": turnover * _BASIS_POINT}


def _flat_stretch(run: RunColumns) -> Facts | None:
    if not run.has_fills:
        return None
    _, equity = daily_equity(run.equity, run.days)
    starts, stops = runs(np.diff(equity, prepend=run.summary.initial_equity) == 0)
    longest, total = int((stops - starts).max(initial=0)), len(equity)
    is_long = longest >= max(FEW_DAYS, FLAT_SHARE * total)
    return {"days": longest, "total": total} if is_long else None


def _costs(run: RunColumns) -> float:
    return run.summary.commission + run.summary.slippage


_ORDER = get_args(Severity)
_CHECKS: Mapping[str, Callable[[RunColumns], Facts | None]] = {
    "ruined": _ruined,
    "no_fills": _no_fills,
    "costs_exceed_profit": _costs_exceed_profit,
    "too_good": _too_good,
    "one_trip_makes_profit": _one_trip_makes_profit,
    "month_makes_profit": _month_makes_profit,
    "symbol_makes_profit": _symbol_makes_profit,
    "open_position_makes_profit": _open_position_makes_profit,
    "open_losses": _open_losses,
    "losses_dwarf_wins": _losses_dwarf_wins,
    "profit_hangs_on_last_bar": _profit_hangs_on_last_bar,
    "double_costs": _double_costs,
    "sharpe_unsure": _sharpe_unsure,
    "best_of_trials": _best_of_trials,
    "few_trips": _few_trips,
    "short_span": _short_span,
    "stale_fills": _stale_fills,
    "large_fills": _large_fills,
    "trips_within_a_bar": _trips_within_a_bar,
    "refused_orders": _refused_orders,
    "rolls_in_prices": _rolls_in_prices,
    "no_commission": _no_commission,
    "no_slippage": _no_slippage,
    "costs_eat_profit": _costs_eat_profit,
    "high_turnover": _high_turnover,
    "flat_stretch": _flat_stretch,
}
