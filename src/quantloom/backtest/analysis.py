"""What a result's tables tell beyond its metrics, worked out when it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.tables import Table
from quantloom.kit import BoolArray, DayArray, FloatArray, IntArray, from_ns, objects
from quantloom.market import Bars, Instrument
from quantloom.market.adjustment import scaled
from quantloom.performance import (
    Excursions,
    TripGroup,
    TripStatistics,
    daily_equity,
    drawdown_ratios,
    measure_excursions,
    rolling_beta,
    rolling_sharpe,
    rolling_volatility,
    simple_returns,
)

_DAY_NS = 86_400_000_000_000
ENDED_DAYS = 20
"""Days without bars before the end of a run that no holiday explains."""

Splits = Mapping[str, tuple[tuple[int, float], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Benchmark:
    """What a run is compared with.

    Attributes:
        symbol: of its bars.
        returns: (d,) its return over each trading day of the run; NaN where it is not known.
    """

    symbol: str
    returns: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TripColumns:
    """Round trips as the measures read them: exact numbers as float64."""

    symbol: NDArray[Any]
    side: NDArray[Any]
    quantity: FloatArray
    multiplier: FloatArray
    is_inverse: BoolArray
    entry_ns: IntArray
    entry_price: FloatArray
    exit_ns: IntArray
    exit_price: FloatArray
    pnl: FloatArray
    exit_reason: NDArray[Any]
    tag: NDArray[Any]

    @classmethod
    def of(cls, trips: Table, instruments: Sequence[Instrument]) -> "TripColumns":
        return cls(
            symbol=trips["symbol"],
            side=trips["side"],
            quantity=trips.floats("quantity"),
            multiplier=multipliers(trips, instruments, rate="exit_rate"),
            is_inverse=inverse_rows(trips, instruments),
            entry_ns=trips["entry_ns"].astype(np.int64),
            entry_price=trips.floats("entry_price"),
            exit_ns=trips["exit_ns"].astype(np.int64),
            exit_price=trips.floats("exit_price"),
            pnl=trips.floats("pnl"),
            exit_reason=trips["exit"],
            tag=trips["tag"],
        )


def held_after_end(data: Mapping[str, Bars], positions: Table) -> dict[str, date]:
    """What is still held although its bars end more than `ENDED_DAYS` days before the last of all.

    Returns:
        By symbol the day of the last bar.
    """
    last = {symbol: int(bars.ts[-1]) for symbol, bars in data.items()}
    end = max(last.values())
    limit = end - ENDED_DAYS * _DAY_NS
    held = positions["symbol"].tolist()
    return {symbol: from_ns(last[symbol]).date() for symbol in held if last[symbol] < limit}


def excursions_of(trips: TripColumns, data: Mapping[str, Bars], splits: Splits) -> Excursions:
    """How far price went while each trip was held; a split is no move of it.

    Args:
        splits: when they came, and how many shares one had become.
    """
    bars, shares = dict(data), np.ones(len(trips.exit_ns))
    for symbol, steps in splits.items():
        times = np.array([ts_ns for ts_ns, _ in steps])
        grown: FloatArray = np.cumprod([1.0, *(ratio for _, ratio in steps)]).astype(np.float64)
        bars[symbol] = scaled(data[symbol], grown[times.searchsorted(data[symbol].ts, "right")])
        rows = np.flatnonzero(trips.symbol == symbol)
        shares[rows] = grown[times.searchsorted(trips.exit_ns[rows], "right")]
    # Prices of a trip are told in the shares of its exit; told in the oldest ones all compare.
    told = replace(
        trips,
        quantity=trips.quantity / shares,
        entry_price=trips.entry_price * shares,
        exit_price=trips.exit_price * shares,
    )
    return measure_excursions(told, bars)


@dataclass(frozen=True, slots=True, eq=False)
class FillColumns:
    """Fills as the measures read them."""

    symbol: NDArray[Any]
    ts_ns: IntArray
    quantity: FloatArray

    @classmethod
    def of(cls, fills: Table) -> "FillColumns":
        return cls(fills["symbol"], fills["ts_ns"].astype(np.int64), fills.floats("quantity"))


def multipliers(
    table: Table, instruments: Sequence[Instrument], *, rate: str = "rate"
) -> FloatArray:
    """Look up what one unit of each row gains, in the account's money, when its price gains 1.

    Args:
        table: with a column `symbol`.
        rate: the column of rates, which a table has only where there are several currencies.
    """
    known = {one.symbol: float(one.multiplier) for one in instruments}
    found = np.array([known[symbol] for symbol in table["symbol"]], dtype=np.float64)
    return found * table.floats(rate) if rate in table else found


def inverse_rows(table: Table, instruments: Sequence[Instrument]) -> BoolArray:
    """Tell the rows that are of inverse swaps, whose money goes by 1 / price."""
    inverse = {one.symbol for one in instruments if one.is_inverse}
    return np.array([symbol in inverse for symbol in table["symbol"]], dtype=np.bool_)


def notionals(
    table: Table,
    instruments: Sequence[Instrument],
    *,
    price: str = "price",
    rate: str = "rate",
) -> FloatArray:
    """What the quantity of each row is worth at its price, in the account's money.

    Args:
        table: with columns `symbol` and `quantity`.
        price: the column of prices.
        rate: the column of rates, if it has one.
    """
    units, prices = multipliers(table, instruments, rate=rate), table.floats(price)
    is_inverse = inverse_rows(table, instruments)
    if is_inverse.any():
        prices = np.where(is_inverse, 1.0 / prices, prices)
    return table.floats("quantity") * prices * units


def daily_table(
    equity: FloatArray, days: DayArray, initial: float, benchmark: Benchmark | None
) -> Table:
    """Equity, return and drawdown of each trading day, and the benchmark's return beside it.

    Returns are NaN where equity is or was at or below zero: they would have no base.
    """
    dates, by_day = daily_equity(equity, days)
    curve = np.concatenate(([initial], by_day))
    has_base = float(curve.min()) > 0
    columns: dict[str, NDArray[Any]] = {
        "day": dates,
        "equity": by_day,
        "return": simple_returns(curve) if has_base else np.full(len(by_day), np.nan),
        "drawdown": drawdown_ratios(curve)[1:],
    }
    if benchmark is not None:
        columns["benchmark_return"] = benchmark.returns
    return Table(columns)


def without_ruin(returns: FloatArray) -> FloatArray:
    """Daily returns in which the day after all was lost counts -1 and those after it 0."""
    lost = np.isnan(returns)
    if not lost.any():
        return returns
    found = np.where(lost, 0.0, returns)
    found[int(lost.argmax())] = -1.0
    return found


def rolling_table(daily: Table, *, window: int, periods_per_year: int) -> Table:
    """Volatility, Sharpe ratio and, beside a benchmark, beta over the days up to each day."""
    returns = daily["return"]
    if np.isnan(returns).any():
        returns = np.empty(0)
    columns: dict[str, FloatArray] = {
        "volatility": rolling_volatility(returns, window=window, periods_per_year=periods_per_year),
        "sharpe": rolling_sharpe(returns, window=window, periods_per_year=periods_per_year),
    }
    if "benchmark_return" in daily:
        market = daily["benchmark_return"]
        known = np.isfinite(market) & (len(returns) > 0)
        beta = np.full(len(daily), np.nan)
        beta[known] = rolling_beta(daily["return"][known], market[known], window=window)
        columns["beta"] = beta
    unknown = np.full(len(daily), np.nan)
    filled = {name: column if len(column) else unknown for name, column in columns.items()}
    return Table({"day": daily["day"], **filled})


def groups_table(groups: Sequence[TripGroup]) -> Table:
    """One row for each group: its key and its statistics, NaN where one has no value."""
    columns: dict[str, NDArray[Any]] = {"key": objects([group.key for group in groups])}
    for field in fields(TripStatistics):
        if field.name == "reasons":
            continue
        values = [getattr(group.statistics, field.name) for group in groups]
        kind = np.int64 if field.type is int else np.float64
        columns[field.name] = np.array([np.nan if one is None else one for one in values], kind)
    return Table(columns)


def days_of(moments: IntArray, ts_ns: IntArray, days: DayArray) -> DayArray:
    """The trading day of each moment: that of the last point at or before it."""
    rows = np.searchsorted(ts_ns, moments, side="right") - 1
    return days[np.maximum(rows, 0)] if len(days) else moments.astype("datetime64[ns]")
