"""Where prices have moved far enough since they last did, one bar after the other."""

from math import isnan

import numpy as np

from quantloom.kit import FloatArray
from quantloom.kit.compiling import kernel


@kernel
def crossings(returns: FloatArray, limit: FloatArray) -> FloatArray:
    """Mark the rows at which returns, summed up or down, have come beyond a limit.

    Args:
        returns: (n,) a missing one is left out, as if the bar had not been.
        limit: (n,) above 0; nothing is summed while it is not known.
    Returns:
        (n,) 1 where the sum upward crosses, -1 where the one downward does, else 0; the sum that
        has crossed begins anew.
    Source:
        Marcos Lopez de Prado, Advances in Financial Machine Learning (2018), snippet 2.4.
    """
    found = np.zeros(len(returns))
    up = down = 0.0
    for row in range(len(returns)):
        if isnan(returns[row]) or isnan(limit[row]):
            continue
        up = max(0.0, up + returns[row])
        down = min(0.0, down + returns[row])
        if down < -limit[row]:
            down = 0.0
            found[row] = -1.0
        elif up > limit[row]:
            up = 0.0
            found[row] = 1.0
    return found
