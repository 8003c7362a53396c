"""What a run would have earned, had it cost more to trade."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.kit import FloatArray, IntArray
from quantloom.performance.series import WrongShape, column


def equity_at_costs(
    *, equity: ArrayLike, ts_ns: IntArray, fill_ns: IntArray, costs: ArrayLike, multiple: float
) -> FloatArray:
    """Redraw an equity curve for costs of so many times what was paid, the fills being the same.

    It is a first answer, not a second run: orders are not made smaller by the money that is gone,
    and none is refused for want of it.

    Args:
        equity: (n,) mark-to-market equity, oldest first.
        ts_ns: (n,) int64 time of each point, rising.
        fill_ns: (f,) int64 time of each fill; its cost counts from the last point at or before it.
        costs: (f,) commission and slippage of each fill, money, above zero where paid.
        multiple: 0 for no costs, 1 for the curve as it is, 2 for twice the costs.
    Returns:
        (n,) equity.
    Raises:
        NotFinite: NaN or infinity in equity, costs or multiple.
        WrongShape: columns that differ in length.
    """
    values = column(equity, "equity")
    paid = column(costs, "costs", len(fill_ns))
    extra = float(column([multiple], "multiple")[0]) - 1.0
    if ts_ns.shape != values.shape:
        raise WrongShape("ts_ns", ts_ns.shape, f"{len(values)} rows, one for each point of equity")
    if not len(values):
        return values
    rows = np.maximum(np.searchsorted(ts_ns, fill_ns, side="right") - 1, 0)
    by_point = np.bincount(rows, weights=paid, minlength=len(values))
    return values - extra * np.cumsum(by_point)
