"""Rebalancing orders by the moment at which they were sent: turnover, costs, what is held then."""

from collections.abc import Sequence

import numpy as np

from quantloom.backtest.analysis import Splits
from quantloom.backtest.tables import Table
from quantloom.kit import DayArray, FloatArray, IntArray
from quantloom.market import Instrument

# Below a thousandth of a lot a sum of floats is nothing held.
_NOTHING = 1e-3


def moments_table(
    log: Table,
    fills: Table,
    equity: Table,
    days: DayArray,
    *,
    instruments: Sequence[Instrument],
    splits: Splits,
) -> Table:
    """A row for each moment at which market orders were sent, the earliest first.

    Args:
        log: of `rebalances_table`. fills, equity, days: of a result.
        splits: by symbol, when they came and by how much they multiplied shares.
    """
    times, moment = np.unique(log["ts_ns"], return_inverse=True)
    count = len(times)
    decided = np.maximum(np.searchsorted(equity["ts_ns"], times) - 1, 0)
    settled = _settled(log, fills, times, moment)
    last = np.maximum(np.searchsorted(equity["ts_ns"], settled, side="right") - 1, decided)
    account = equity["equity"][last].astype(np.float64)

    def total(values: FloatArray) -> FloatArray:
        return np.bincount(moment, values, count).astype(np.float64)

    return Table(
        {
            "ts_ns": times.astype(np.int64),
            "day": days[decided],
            "orders": np.bincount(moment, minlength=count).astype(np.int64),
            **{name: total(log[name]) for name in ("turnover", "commission", "slippage")},
            "missed": total(np.abs(log["wanted"] - log["reached"])),
            "holdings": _holdings(fills, settled, instruments, splits),
            "gross": equity["gross_exposure"][last] / np.where(account > 0, account, np.nan),
        }
    )


def _settled(log: Table, fills: Table, times: IntArray, moment: IntArray) -> IntArray:
    """When the last order of each moment had filled; where none did, the moment itself."""
    found = times.astype(np.int64).copy()
    order = np.argsort(log["order_id"], kind="stable")
    ids = log["order_id"][order].astype(np.int64)
    of_fills = fills["order_id"].astype(np.int64)
    is_ours = np.isin(of_fills, ids)
    rows = order[np.searchsorted(ids, of_fills[is_ours])]
    np.maximum.at(found, moment[rows], fills["ts_ns"][is_ours].astype(np.int64))
    return found


def _holdings(
    fills: Table, times: IntArray, instruments: Sequence[Instrument], splits: Splits
) -> IntArray:
    """In how many instruments there is a position at each time."""
    found = np.zeros(len(times), dtype=np.int64)
    symbols = fills["symbol"].astype(str)
    for instrument in instruments:
        rows = np.flatnonzero(symbols == instrument.symbol)
        signs = np.where(fills["side"][rows] == "buy", 1.0, -1.0)
        at, positions = _positions(
            fills["ts_ns"][rows].astype(np.int64),
            signs * fills["quantity"][rows].astype(np.float64),
            splits.get(instrument.symbol, ()),
            can_short=instrument.can_short,
        )
        is_held = np.abs(np.append(0.0, positions)) > _NOTHING * float(instrument.lot)
        found += is_held[np.searchsorted(at, times, side="right")]
    return found


def _positions(
    times: IntArray, signed: FloatArray, steps: Sequence[tuple[int, float]], *, can_short: bool
) -> tuple[IntArray, FloatArray]:
    """When the position of an instrument changed, and what it was from then on."""
    if not steps:
        return times, np.cumsum(signed)
    # A split comes before what fills at its moment, and parts of a share are paid out.
    changes = [(ts_ns, True, one) for ts_ns, one in zip(times.tolist(), signed, strict=True)]
    changes = sorted([*((ts_ns, False, ratio) for ts_ns, ratio in steps), *changes], key=_place)
    found, position = [], 0.0
    for _, is_fill, value in changes:
        position = position + value if is_fill else np.trunc(position * value + _NOTHING)
        # Shares that rights brought were bought by no fill, so their sale goes below zero.
        position = position if can_short else max(position, 0.0)
        found.append(float(position))
    return np.array([one[0] for one in changes]), np.array(found)


def _place(change: tuple[int, bool, float]) -> tuple[int, bool]:
    return change[:2]
