"""What a strategy over many instruments wants to hold, and when."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray, freeze

Basis = Literal["equity", "money"]
"""What a weight is of: a share of equity, or an amount in the account's currency."""


class BadWeights(Invalid):
    """Weights that cannot be traded by."""

    code = "strategy.bad_weights"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"weights: {self.problem}"


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What to hold of each instrument, from the open after each of some steps on.

    Attributes:
        rows: (k,) rows of the panel at whose close the weights are decided, rising.
        values: (k, m) signed weight of each symbol of the panel; NaN leaves an instrument as it
            is, 0 closes it, below zero sells it short.
        of: `equity` for shares of equity at the close of the row, `money` for amounts in the
            account's currency.
    """

    rows: IntArray
    values: FloatArray
    of: Basis = "equity"

    def __post_init__(self) -> None:
        rows = np.ascontiguousarray(self.rows, dtype=np.int64)
        values = np.ascontiguousarray(self.values, dtype=np.float64)
        problem = _misfit(rows, values, self.of)
        if problem:
            raise BadWeights(problem)
        object.__setattr__(self, "rows", freeze(rows))
        object.__setattr__(self, "values", freeze(values))

    def __len__(self) -> int:
        """How many moments."""
        return len(self.rows)


def _misfit(rows: IntArray, values: FloatArray, of: str) -> str:
    if of not in get_args(Basis):
        return f"they are of {of!r}; it must be {' or '.join(map(repr, get_args(Basis)))}"
    if rows.ndim != 1 or values.ndim != 2 or len(rows) != len(values):
        shapes = f"rows have shape {rows.shape} and values {values.shape}"
        return f"{shapes}; give one row of values for each moment and one column for each symbol"
    if len(rows) and (rows[0] < 0 or (np.diff(rows) <= 0).any()):
        return "rows must rise from 0 on, each row once"
    return (
        "one is infinite; give finite weights, or NaN to leave one"
        if np.isinf(values).any()
        else ""
    )
