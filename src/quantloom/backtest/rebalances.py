"""What each rebalancing order was to lead to and what it led to, from the tables of a result."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.analysis import Splits, inverse_rows, multipliers, notionals
from quantloom.backtest.tables import Table
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars, Instrument, closes_of


def rebalances_table(
    orders: Table,
    fills: Table,
    equity: Table,
    data: Mapping[str, Bars],
    instruments: Sequence[Instrument],
    *,
    splits: Splits,
) -> Table:
    """A row for each market order, in the order in which they were sent.

    Args:
        orders, fills, equity, data: of a result.
        splits: by symbol, when they came.
    """
    sent = Table({name: orders[name][orders["kind"] == "market"] for name in orders})
    money = _money(sent, fills, instruments)
    lots = _quantities(sent, fills)
    times = sent["submitted_ns"].astype(np.int64)
    before = np.searchsorted(equity["ts_ns"], times) - 1
    account = equity["equity"][np.maximum(before, 0)].astype(np.float64)
    account = np.where(account > 0, account, np.nan)
    share = _worth_of_one(sent, data, instruments, money["rate"]) / account
    for symbol, steps in splits.items():
        if steps:
            share[(sent["symbol"] == symbol) & (times >= steps[0][0])] = np.nan
    return Table(
        {
            "ts_ns": times,
            "symbol": sent["symbol"],
            **{name: lots[name] * share for name in ("held", "wanted", "reached")},
            "turnover": money["notional"] / account,
            "commission": money["commission"],
            "slippage": money["slippage"],
            "order_id": sent["id"],
        }
    )


def _money(sent: Table, fills: Table, instruments: Sequence[Instrument]) -> dict[str, FloatArray]:
    """What was traded by each order and what it cost; the rate of its currency, NaN unfilled."""
    rows = np.searchsorted(sent["id"], fills["order_id"])
    is_ours = np.isin(fills["order_id"], sent["id"])

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(rows[is_ours], values[is_ours], len(sent)).astype(np.float64)

    found = {
        "notional": total(notionals(fills, instruments)),
        "commission": total(fills.floats("commission")),
        "slippage": total(fills.floats("slippage")),
        "rate": np.ones(len(sent)),
    }
    if "rate" in fills:
        quantity = fills.floats("quantity")
        with np.errstate(invalid="ignore"):
            found["rate"] = total(quantity * fills.floats("rate")) / total(quantity)
    return found


def _worth_of_one(
    sent: Table, data: Mapping[str, Bars], instruments: Sequence[Instrument], rate: FloatArray
) -> FloatArray:
    """What one unit was worth at the last close before each order."""
    price = np.full(len(sent), np.nan)
    for symbol, rows in _rows_of(sent["symbol"]).items():
        bars = data[symbol]
        closed = closes_of(bars.ts, bars.timeframe)
        last = np.searchsorted(closed, sent["submitted_ns"][rows].astype(np.int64), "right") - 1
        price[rows] = np.where(last >= 0, bars.close[np.maximum(last, 0)], np.nan)
    is_inverse = inverse_rows(sent, instruments)
    # An inverse swap is worth coin, and bought by selling it.
    worth = np.where(is_inverse, 1.0 / price, price)
    found: FloatArray = worth * multipliers(sent, instruments) * rate
    return found


def _quantities(sent: Table, fills: Table) -> dict[str, FloatArray]:
    """What was held before each order, what it led to, and how far it came."""
    found = {name: np.zeros(len(sent)) for name in ("held", "wanted", "reached")}
    sides, quantities = _signs(sent["side"]), sent.floats("quantity")
    unfilled = sides * (quantities - sent.floats("filled"))
    bought = _rows_of(fills["symbol"])
    filled = _signs(fills["side"]) * fills.floats("quantity")
    for symbol, rows in _rows_of(sent["symbol"]).items():
        own = bought.get(symbol, np.empty(0, dtype=np.int64))
        times = fills["ts_ns"][own].astype(np.int64)
        held = np.append([0.0], np.cumsum(filled[own]))
        at = held[np.searchsorted(times, sent["submitted_ns"][rows].astype(np.int64))]
        found["held"][rows] = at
        aim = at + _waiting(sent, rows, fills, own) + (sides * quantities)[rows]
        found["wanted"][rows], found["reached"][rows] = aim, aim - unfilled[rows]
    return found


def _waiting(sent: Table, rows: IntArray, fills: Table, own: IntArray) -> FloatArray:
    """What earlier market orders of one symbol had yet to fill when each of its orders was sent."""
    parts: dict[int, list[tuple[int, float]]] = {}
    for row in own.tolist():
        filled = float(fills["quantity"][row])
        parts.setdefault(int(fills["order_id"][row]), []).append((int(fills["ts_ns"][row]), filled))
    found, open_rows = np.zeros(len(rows)), list[int]()
    for place, row in enumerate(rows.tolist()):
        now = int(sent["submitted_ns"][row])
        open_rows = [one for one in open_rows if int(sent["updated_ns"][one]) >= now]
        for one in open_rows:
            done = sum(part for ts_ns, part in parts.get(int(sent["id"][one]), ()) if ts_ns < now)
            sign = 1.0 if sent["side"][one] == "buy" else -1.0
            found[place] += sign * (float(sent["quantity"][one]) - done)
        open_rows.append(row)
    return found


def _signs(side: NDArray[Any]) -> FloatArray:
    return np.where(side == "buy", 1.0, -1.0)


def _rows_of(symbols: NDArray[Any]) -> dict[str, IntArray]:
    names, which = np.unique(symbols.astype(str), return_inverse=True)
    return {str(name): np.flatnonzero(which == place) for place, name in enumerate(names)}
