"""Quotes and trades of one symbol from several sources, as ticks in the order of their times."""

from collections.abc import Sequence

import numpy as np

from quantloom.kit import FloatArray, IntArray, freeze
from quantloom.market.tick import QUOTE
from quantloom.market.tick_columns import BadTicks
from quantloom.market.ticks import Ticks, check_ticks


def merge_ticks(*parts: Ticks) -> Ticks:
    """Put ticks of one symbol, such as its quotes and its trades, in the order of their times.

    Of rows at one time those of the part named first come first; name trades before quotes, which
    tell what the trades have left.

    Raises:
        BadTicks: parts of several symbols, or some with and some without times of receipt.
    """
    first = parts[0]
    if {one.symbol for one in parts} != {first.symbol}:
        names = ", ".join(sorted({one.symbol for one in parts}))
        raise BadTicks(names, "more than one symbol", sum(map(len, parts)), ())
    if len({one.received is None for one in parts}) > 1:
        raise BadTicks(first.symbol, "times of receipt in some parts only", len(first), ())
    levels = max(one.levels for one in parts)
    ts = np.concatenate([one.ts for one in parts])
    order = np.argsort(ts, kind="stable")
    kind = np.concatenate([one.kind for one in parts])[order]
    # A trade stands between the prices of the last quote before it.
    quoted = np.maximum.accumulate(np.where(kind & QUOTE != 0, np.arange(len(ts)), -1))
    received = None
    if first.received is not None:
        heard = np.concatenate([_known(one.received) for one in parts])[order]
        received = np.maximum.accumulate(heard)
    columns = [
        freeze(_carried(_stacked(parts, name, levels)[order], quoted, empty))
        for name, empty in (("bid", np.nan), ("bid_size", 0.0), ("ask", np.nan), ("ask_size", 0.0))
    ]
    merged = Ticks(
        symbol=first.symbol,
        ts=freeze(ts[order]),
        received=None if received is None else freeze(received),
        kind=freeze(kind),
        bid=columns[0],
        bid_size=columns[1],
        ask=columns[2],
        ask_size=columns[3],
        price=freeze(np.concatenate([one.price for one in parts])[order]),
        size=freeze(np.concatenate([one.size for one in parts])[order]),
        side=freeze(np.concatenate([one.side for one in parts])[order]),
    )
    check_ticks(merged)
    return merged


def _known(received: IntArray | None) -> IntArray:
    return np.zeros(0, np.int64) if received is None else received


def _stacked(parts: Sequence[Ticks], name: str, levels: int) -> FloatArray:
    empty = 0.0 if name.endswith("size") else np.nan
    wide = [np.full((len(one), levels), empty) for one in parts]
    for target, one in zip(wide, parts, strict=True):
        target[:, : one.levels] = getattr(one, name)
    return np.concatenate(wide)


def _carried(values: FloatArray, rows: IntArray, empty: float) -> FloatArray:
    carried = values[np.maximum(rows, 0)]
    carried[rows < 0] = empty
    return carried
