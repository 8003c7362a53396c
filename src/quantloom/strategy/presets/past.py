"""Closes to look back on, where an instrument is still traded."""

from datetime import timedelta

from quantloom.kit import FloatArray
from quantloom.strategy.context import Context

# Longer than any holiday, and than the bars of a month.
_ENDED = timedelta(days=40)


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
