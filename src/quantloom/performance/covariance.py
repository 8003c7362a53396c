"""How returns of several instruments vary together, estimated three ways."""

import numpy as np
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import FloatArray
from quantloom.performance.returns import MIN_RETURNS
from quantloom.performance.series import WrongShape, positive


class TooFewReturns(Invalid):
    """Returns of several instruments with too few rows that all of them have.

    Attributes:
        emptiest: column that has the fewest.
    """

    code = "performance.too_few_returns"

    def __init__(self, rows: int, emptiest: int) -> None:
        super().__init__(rows, emptiest)
        self.rows, self.emptiest = rows, emptiest

    def __str__(self) -> str:
        return (
            f"{self.rows} row(s) of returns have a value in every column and {MIN_RETURNS} are the "
            f"least; leave out what has no history, column {self.emptiest} first"
        )


def sample_covariance(returns: ArrayLike) -> FloatArray:
    """Estimate the covariance of returns from all of them alike.

    Args:
        returns: (t, m) simple returns, oldest first; rows with a NaN are left out.
    Returns:
        (m, m), with t - 1 in the denominator; singular where there are no more rows than columns.
    Raises:
        TooFewReturns: fewer than 2 rows have a value in every column.
        WrongShape: returns are not a table.
    """
    known = complete_rows(returns)
    return _symmetric(np.atleast_2d(np.cov(known, rowvar=False)))


def weighted_covariance(returns: ArrayLike, halflife: float) -> FloatArray:
    """Estimate the covariance of returns with weights that halve with every so many rows.

    Args:
        returns: as for `sample_covariance`.
        halflife: rows after which a return counts half as much as the last one.
    Raises:
        NotPositive: halflife is not above zero.
    Source:
        RiskMetrics Technical Document (1996), section 5.2, about its own weighted mean; the same
        as pandas' `ewm(halflife=...).cov()`, unbiased.
    """
    known = complete_rows(returns)
    age = np.arange(len(known))[::-1]
    weights = 0.5 ** (age / positive(halflife, "halflife"))
    weights /= weights.sum()
    centred = known - weights @ known
    return _symmetric((weights[:, np.newaxis] * centred).T @ centred / (1.0 - weights @ weights))


def shrunk_covariance(returns: ArrayLike) -> FloatArray:
    """Estimate the covariance of returns drawn towards one variance for all and no correlation.

    It can be inverted however few rows there are, and errs less than the sample where they are
    not many times as many as the columns.

    Args:
        returns: as for `sample_covariance`.
    Source:
        Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices,
        Journal of Multivariate Analysis 88 (2004), section 3.3; as there, with t in the
        denominator.
    """
    known = complete_rows(returns)
    count, columns = known.shape
    centred = known - known.mean(axis=0)
    sample = centred.T @ centred / count
    target = np.eye(columns) * np.trace(sample) / columns
    distance = float(((sample - target) ** 2).sum())
    if distance == 0:
        return _symmetric(sample)
    # The sum of ||x x' - S||^2 over the rows, without a matrix for each of them.
    spread = float(((centred**2).sum(axis=1) ** 2).sum()) - count * float((sample**2).sum())
    share = min(spread / count**2 / distance, 1.0)
    return _symmetric(share * target + (1.0 - share) * sample)


def complete_rows(returns: ArrayLike) -> FloatArray:
    """The rows of returns in which every column has a value."""
    table = np.asarray(returns, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1]:
        raise WrongShape("returns", table.shape, "a row for each period and a column for each")
    is_known = np.isfinite(table)
    known: FloatArray = table[is_known.all(axis=1)]
    if len(known) < MIN_RETURNS:
        raise TooFewReturns(len(known), int(is_known.sum(axis=0).argmin()))
    return known


def _symmetric(matrix: FloatArray) -> FloatArray:
    found: FloatArray = (matrix + matrix.T) / 2.0
    return found
