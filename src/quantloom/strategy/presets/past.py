"""Closes to look back on, where an instrument is still traded."""

from datetime import timedelta

import numpy as np

from quantloom.kit import FloatArray
from quantloom.strategy.context import Context
from quantloom.strategy.panel import Panel

# Longer than any holiday, and than the bars of a month.
_ENDED = timedelta(days=40)
_ENDED_NS = _ENDED.days * 86_400_000_000_000


def past_closes(ctx: Context, symbol: str, bars: int) -> FloatArray | None:
    """The closes from `bars` bars ago to now.

    Returns:
        (bars + 1,) oldest first; None while there are fewer, and where none came for 40 days:
        what is delisted keeps its last price for ever.
    """
    found = ctx.history(bars + 1, symbol)
    if len(found) <= bars or ctx.now - found.end > _ENDED:
        return None
    return found.close


def shown_closes(panel: Panel, bars: int) -> list[FloatArray | None]:
    """What `past_closes` gives at the last row of a panel, for each of its symbols."""
    return [_shown(panel, column, bars) for column in range(len(panel.symbols))]


def _shown(panel: Panel, column: int, bars: int) -> FloatArray | None:
    shown = np.flatnonzero(~np.isnan(panel.close[:, column]))
    if len(shown) <= bars or panel.closes_ns[-1] - panel.opens_ns[shown[-1]] > _ENDED_NS:
        return None
    found: FloatArray = panel.close[shown[-bars - 1 :], column]
    return found
