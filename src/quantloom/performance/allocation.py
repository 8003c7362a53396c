"""How much of each instrument to hold: equal parts, equal risk, least variance, best ratio."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import FloatArray
from quantloom.performance.limits import LONG_ONLY, Constraints, Limits, constraints_of
from quantloom.performance.quadratic import minimise
from quantloom.performance.series import column, positive

# Rounding may leave an eigenvalue of zero a little below it.
_SEMIDEFINITE = -1e-10
_STEPS = 200
_CLOSE = 1e-13
# Newton's method on a self-concordant function takes whole steps from here on.
_WHOLE_STEP = 0.25


class BadCovariance(Invalid):
    """A matrix that is no covariance."""

    code = "performance.bad_covariance"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the covariance {self.problem}"


class NoAllocation(Invalid):
    """No portfolio is what was asked for."""

    code = "performance.no_allocation"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return self.problem


def equal_weights(count: int) -> FloatArray:
    """Give each of `count` instruments the same weight.

    Source:
        DeMiguel, Garlappi and Uppal, Optimal Versus Naive Diversification, Review of Financial
        Studies 22 (2009).
    """
    return np.full(count, 1.0 / positive(count, "count"))


def inverse_volatility(covariance: ArrayLike) -> FloatArray:
    """Weigh each instrument by one over its volatility; together they are 1.

    Raises:
        BadCovariance: it is none, or an instrument does not vary.
    """
    deviation = np.sqrt(_varying(covariance).diagonal())
    found: FloatArray = 1.0 / deviation / (1.0 / deviation).sum()
    return found


def risk_contributions(weights: ArrayLike, covariance: ArrayLike) -> FloatArray:
    """Share out a portfolio's variance among its instruments.

    Returns:
        (m,) shares that add up to 1, below zero for what hedges; NaN where nothing varies.
    """
    matrix = _covariance(covariance)
    held = column(weights, "weights", len(matrix))
    parts = held * (matrix @ held)
    total = parts.sum()
    found: FloatArray = parts / total if total > 0 else np.full(len(held), np.nan)
    return found


def risk_parity(covariance: ArrayLike, budget: ArrayLike | None = None) -> FloatArray:
    """Find the weights above zero of which each carries its share of the variance.

    Args:
        covariance: (m, m).
        budget: (m,) shares of the variance, above zero; equal ones where not given.
    Returns:
        (m,) weights that add up to 1.
    Raises:
        BadCovariance: it is none, or an instrument does not vary.
        NoAllocation: instruments hedge each other completely, so there is no variance to share.
    Source:
        Maillard, Roncalli and Teiletche, The Properties of Equally Weighted Risk Contribution
        Portfolios, Journal of Portfolio Management 36 (2010); solved as Spinu, An Algorithm for
        Computing Risk Parity Weights (2013), does: the least of x'Cx / 2 - sum(b log x).
    """
    matrix = _varying(covariance)
    shares = np.ones(len(matrix)) if budget is None else column(budget, "budget", len(matrix))
    for share in shares.tolist():
        positive(share, "budget")
    shares = shares / shares.sum()
    deviation = np.sqrt(matrix.diagonal())
    found = _spread_risk(matrix / np.outer(deviation, deviation), shares) / deviation
    weights: FloatArray = found / found.sum()
    return weights


def _spread_risk(correlation: FloatArray, shares: FloatArray) -> FloatArray:
    """Newton's method, with steps cut short far from the solution, where it might leap past it."""
    held = np.sqrt(shares)
    for _ in range(_STEPS):
        slope = correlation @ held - shares / held
        bend = correlation + np.diag(shares / held**2)
        step = np.linalg.lstsq(bend, slope)[0]
        decrement = np.sqrt(max(slope @ step, 0.0) / shares.min())
        if decrement <= _CLOSE:
            return held
        held = held - step / (1.0 if decrement < _WHOLE_STEP else 1.0 + decrement)
        if not (np.isfinite(held).all() and (held < 1.0 / _CLOSE).all()):
            break
    off = np.abs(held * (correlation @ held) / shares - 1.0).max()
    if off <= 1e-9:
        return held
    raise NoAllocation(
        "no portfolio shares out the risk: some instruments hedge each other completely; "
        "leave one of them out, or take shrunk_covariance"
    )


def minimum_variance(covariance: ArrayLike, limits: Limits | None = LONG_ONLY) -> FloatArray:
    """Find the weights of least variance.

    Args:
        limits: what the portfolio may be; None for nothing but weights that add up to 1.
    Returns:
        (m,) weights. Where several have the same variance, those nearest to equal ones.
    Raises:
        BadCovariance: it is none.
        NoAllocation: nothing is within the limits.
        AllocationExtraMissing: limits are given and scipy is not installed.
    Source:
        Markowitz, Portfolio Selection, Journal of Finance 7 (1952); without limits C^-1 1 over
        1'C^-1 1.
    """
    matrix = _covariance(covariance)
    if limits is None:
        return _least_without_limits(matrix)
    return _within(matrix, np.zeros(len(matrix)), constraints_of(limits, len(matrix)))


def mean_variance(
    means: ArrayLike,
    covariance: ArrayLike,
    *,
    risk_aversion: float,
    limits: Limits = LONG_ONLY,
) -> FloatArray:
    """Find the weights with the most mean return less risk_aversion / 2 times variance.

    Args:
        means: (m,) expected return of each instrument, of the covariance's periods.
    Raises:
        NotPositive: risk_aversion is not above zero.
        BadCovariance, NoAllocation, AllocationExtraMissing: as `minimum_variance`.
    Source:
        Markowitz, Portfolio Selection (1952).
    """
    matrix = _covariance(covariance)
    gains = column(means, "means", len(matrix)) / positive(risk_aversion, "risk_aversion")
    return _within(matrix, -gains, constraints_of(limits, len(matrix)))


def target_return(
    means: ArrayLike, covariance: ArrayLike, *, target: float, limits: Limits = LONG_ONLY
) -> FloatArray:
    """Find the weights of least variance among those that are expected to earn `target` or more.

    Raises:
        NoAllocation: nothing within the limits is expected to earn as much.
        BadCovariance, AllocationExtraMissing: as `minimum_variance`.
    Source:
        Markowitz, Portfolio Selection (1952).
    """
    matrix = _covariance(covariance)
    gains = column(means, "means", len(matrix))
    known = constraints_of(limits, len(matrix))
    wanted = np.zeros(known.size)
    wanted[: len(gains)] = gains
    # Returns of a day are small numbers beside weights.
    scale = float(np.abs(gains).max()) or 1.0
    rows, values = known.least
    least = np.vstack([rows, wanted / scale]), np.append(values, target / scale)
    found = minimise(matrix, np.zeros(len(matrix)), Constraints(known.size, known.equal, least))
    if found is None:
        raise NoAllocation(
            f"nothing within the limits is expected to earn {target:g}; ask for less, or widen them"
        )
    return found[: len(gains)]


def max_sharpe(
    means: ArrayLike, covariance: ArrayLike, *, risk_free: float = 0.0, limits: Limits = LONG_ONLY
) -> FloatArray:
    """Find the weights with the most mean return above `risk_free` over its deviation.

    Args:
        risk_free: return of cash over ONE period.
    Raises:
        NoAllocation: nothing within the limits is expected to earn more than cash.
        BadCovariance, AllocationExtraMissing: as `minimum_variance`.
    Source:
        Tobin, Liquidity Preference as Behavior Towards Risk (1958); solved as Cornuejols and
        Tutuncu, Optimization Methods in Finance (2007), section 8.2, do: the ratio does not change
        with the size, so the excess return is set to 1 and the size found with the weights.
    """
    matrix = _covariance(covariance)
    excess = column(means, "means", len(matrix)) - risk_free
    known, count = constraints_of(limits, len(matrix)), len(matrix)
    scale = float(np.abs(excess).max()) or 1.0
    # The variables are the weights times a size, which comes last; all limits grow with it.
    gains = np.zeros(known.size + 1)
    gains[:count] = excess / scale
    size_itself = np.zeros(known.size + 1)
    size_itself[-1] = 1.0
    rows, values = known.equal
    equal = np.vstack([_with_size(rows, values), gains]), np.append(0.0 * values, 1.0)
    rows, values = known.least
    least = np.vstack([_with_size(rows, values), size_itself]), np.zeros(len(values) + 1)
    found = minimise(matrix, np.zeros(count), Constraints(known.size + 1, equal, least))
    if found is None or not found[-1] > 0:
        raise NoAllocation("nothing within the limits is expected to earn more than cash")
    weights: FloatArray = found[:count] / found[-1]
    return weights


def _with_size(rows: FloatArray, values: FloatArray) -> FloatArray:
    return np.column_stack([rows, -values])


def _within(matrix: FloatArray, linear: FloatArray, constraints: Constraints) -> FloatArray:
    found = minimise(matrix, linear, constraints)
    if found is None:
        raise NoAllocation("no portfolio is within the limits; widen them")
    return found[: len(linear)]


def _least_without_limits(matrix: FloatArray) -> FloatArray:
    """By the equations of the optimum, which have a solution though the matrix has no inverse."""
    count = len(matrix)
    scale = float(np.trace(matrix)) / count or 1.0
    equations = np.ones((count + 1, count + 1))
    equations[:count, :count], equations[count, count] = matrix / scale, 0.0
    wanted = np.zeros(count + 1)
    wanted[count] = 1.0
    found, *_ = np.linalg.lstsq(equations, wanted, rcond=1e-12)
    return np.asarray(found[:count], dtype=np.float64)


def _varying(covariance: ArrayLike) -> FloatArray:
    matrix = _covariance(covariance)
    if not (matrix.diagonal() > 0).all():
        place = int(np.argmin(matrix.diagonal() > 0))
        raise BadCovariance(f"has no variance in column {place}; leave that instrument out")
    return matrix


def _covariance(given: ArrayLike) -> FloatArray:
    matrix = np.asarray(given, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not len(matrix):
        raise BadCovariance(f"has shape {matrix.shape}; give as many rows as columns")
    if not np.isfinite(matrix).all():
        raise BadCovariance("has a NaN or an infinity; leave out what has no history")
    scale = float(np.abs(matrix).max())
    if not np.allclose(matrix, matrix.T, rtol=0.0, atol=1e-10 * scale):
        raise BadCovariance("is not symmetric")
    if np.linalg.eigvalsh(matrix)[0] < _SEMIDEFINITE * scale * len(matrix):
        raise BadCovariance("has a portfolio with a variance below zero; estimate it in one piece")
    return matrix
