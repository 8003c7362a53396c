"""The least of a convex quadratic function under linear limits."""

import numpy as np

from quantloom.errors import Unavailable
from quantloom.kit import BoolArray, FloatArray
from quantloom.performance.limits import Constraints

# What makes a singular matrix one that can be inverted, as a share of its mean diagonal.
_RIDGE = 1e-11
_FEASIBLE = 1e-9
_RANK = 1e-12
# What is left to mend at most.
_NEARLY = 1e-7


class AllocationExtraMissing(Unavailable):
    """scipy, which solves for weights within limits, is not installed."""

    code = "performance.extra_missing"

    def __str__(self) -> str:
        return (
            "weights within limits need scipy: pip install 'quantloom[optimise]'; "
            "equal_weights, inverse_volatility and risk_parity do without"
        )


def minimise(
    quadratic: FloatArray, linear: FloatArray, constraints: Constraints
) -> FloatArray | None:
    """Find the x with the least x'Qx / 2 + c'x that meets all constraints.

    Args:
        quadratic, linear: (m, m), positive semidefinite, and (m,): of the first variables; the
            others matter to the constraints alone.
    Returns:
        All variables; None where nothing meets the constraints.
    Raises:
        AllocationExtraMissing: scipy is not installed.
    Source:
        Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23: what is strictly
        convex is a least distance problem, whose dual has no limits but signs.
    """
    count, size = len(linear), constraints.size
    whole, slope = np.zeros((size, size)), np.zeros(size)
    whole[:count, :count], slope[:count] = quadratic, linear
    scale = float(np.trace(quadratic)) / count or 1.0
    whole += _RIDGE * scale * np.eye(size)
    start, free = _solutions(*constraints.equal)
    if start is None:
        return None
    rows, values = constraints.least
    values = values - rows @ start
    if not free.shape[1]:
        return start if (values <= _FEASIBLE).all() else None
    slope = free.T @ (slope + whole @ start)
    root = np.linalg.cholesky(free.T @ whole @ free)
    # In the variables y = root' x + root^-1 slope the function is |y|^2 / 2.
    shift = np.linalg.solve(root, slope)
    turned = np.linalg.solve(root, free.T @ rows.T).T
    distance, is_active = _least_distance(
        turned, values + turned @ shift, far=float(np.linalg.norm(shift))
    )
    if distance is None:
        return None
    found = start + free @ np.linalg.solve(root.T, distance - shift)
    return _mended(found, constraints, is_active)


def _mended(found: FloatArray, constraints: Constraints, is_active: BoolArray) -> FloatArray:
    """Take off what rounding left between a solution and the limits that it touches."""
    rows = np.vstack([constraints.equal[0], constraints.least[0][is_active]])
    values = np.append(constraints.equal[1], constraints.least[1][is_active])
    step, *_ = np.linalg.lstsq(rows, values - rows @ found)
    return np.asarray(found + step, dtype=np.float64)


def _solutions(rows: FloatArray, values: FloatArray) -> tuple[FloatArray | None, FloatArray]:
    """One solution of the equations, and directions in which all the others lie."""
    left, sizes, right = np.linalg.svd(rows)
    rank = int((sizes > _RANK * max(sizes[0], 1.0)).sum())
    start = right[:rank].T @ ((left.T @ values)[:rank] / sizes[:rank])
    misses = np.abs(rows @ start - values).max()
    is_met = misses <= _FEASIBLE * max(1.0, float(np.abs(values).max()))
    return (start if is_met else None), right[rank:].T


def _least_distance(
    rows: FloatArray, values: FloatArray, *, far: float
) -> tuple[FloatArray | None, BoolArray]:
    """The shortest y with rows @ y >= values, None where there is none; and the rows it meets.

    Args:
        far: about how long it may be.
    """
    try:
        from scipy.optimize import nnls  # noqa: PLC0415  an extra
    except ImportError:
        raise AllocationExtraMissing from None
    is_active = np.zeros(len(rows), dtype=np.bool_)
    # Each inequality at length 1, so that the dual's tolerance means the same for all.
    lengths = np.linalg.norm(rows, axis=1)
    kept = lengths > 0
    if (values[~kept] > _FEASIBLE).any():
        return None, is_active
    if not kept.any():
        return np.zeros(rows.shape[1]), is_active
    rows, values = rows[kept] / lengths[kept, np.newaxis], values[kept] / lengths[kept]
    reach = max(1.0, far, float(np.abs(values).max()))
    stacked = np.vstack([rows.T, values / reach])
    aim = np.zeros(len(stacked))
    aim[-1] = 1.0
    dual, _ = nnls(stacked, aim, maxiter=50 * stacked.shape[1])
    rest = stacked @ dual - aim
    if not -rest[-1] > _RANK:
        return None, is_active
    found: FloatArray = -rest[:-1] / rest[-1] * reach
    is_active[kept] = dual > 0
    is_met = (rows @ found - values >= -_NEARLY * reach).all()
    return (found if is_met else None), is_active
