"""Backward adjustment factors, by whatever rows a vendor gives them."""

from datetime import date

import numpy as np

from quantloom.data.providers.errors import ProviderBadData
from quantloom.kit import FloatArray, IntArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Factors

_DAY_NS = 86_400 * NS_PER_SECOND


def factors_of_days(
    provider: str,
    symbol: str,
    days: IntArray,
    factor: FloatArray,
    *,
    start: date,
    end: date,
    volume_factor: FloatArray | None = None,
) -> Factors:
    """Make factors of a factor for each day, or for each day it changed, in any order.

    Args:
        days: (n,) midnight UTC, nanoseconds.
        factor: (n,) in force from that day on.
    Raises:
        ProviderBadData: there are none, or one is not above zero.
    """
    if not len(days):
        raise ProviderBadData(provider, "adj_factors", f"no factors of {symbol}")
    if not (np.isfinite(factor) & (factor > 0)).all():
        raise ProviderBadData(provider, "adj_factors", f"a factor of {symbol} is not above zero")
    order = np.argsort(days, kind="stable")
    day = (days[order] // _DAY_NS).astype("datetime64[D]")
    columns = [factor[order]] if volume_factor is None else [factor[order], volume_factor[order]]
    is_new = np.append(True, np.diff(day) > np.timedelta64(0, "D"))
    changes = np.append(True, np.logical_or.reduce([np.diff(one) != 0 for one in columns]))
    kept = is_new & changes
    day, columns = day[kept], [one[kept] for one in columns]
    first = max(int(np.searchsorted(day, np.datetime64(start), side="right")) - 1, 0)
    last = int(np.searchsorted(day, np.datetime64(end), side="right"))
    rows = slice(first, max(last, first + 1))
    return Factors(
        symbol=symbol,
        day=day[rows],
        factor=columns[0][rows],
        volume_factor=None if volume_factor is None else columns[1][rows],
    )
