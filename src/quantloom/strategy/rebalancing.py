"""From weights to orders: what a strategy that gives weights means, told as a strategy."""

import math
from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from quantloom.kit import FloatArray
from quantloom.market import Bar, exact, exactly
from quantloom.strategy.base import Strategy
from quantloom.strategy.context import Context
from quantloom.strategy.triggers import Trigger
from quantloom.strategy.weights import Basis, Weights
from quantloom.trading import worth


def rebalance(ctx: Context, weights: Mapping[str, float], of: Basis = "equity") -> None:
    """Send the orders that lead to weights, those first that set most money free.

    Each is a `ctx.target_weight`, or of money a `ctx.target_value`. They go out in the order of
    what the notional value is to grow by, so sales come before purchases and the largest purchase
    comes last; equal ones in the order of the mapping. Where money runs out the last are trimmed.

    Args:
        weights: by symbol; NaN leaves an instrument as it is.
    Raises:
        NoPriceYet: an instrument that has had no bar is given a weight.
    """
    whole = ctx.account.equity if of == "equity" else Decimal(1)
    with exactly():
        values = {
            symbol: exact(float(weight)) * whole
            for symbol, weight in weights.items()
            if not math.isnan(weight)
        }
        growth = {symbol: abs(value) - _held(ctx, symbol) for symbol, value in values.items()}
    for symbol in sorted(values, key=lambda one: growth[one]):
        if values[symbol]:
            ctx.target_value(symbol, values[symbol])
        else:
            ctx.close(symbol)


def _held(ctx: Context, symbol: str) -> Decimal:
    """What the position is worth in the account's currency, at or above zero."""
    quantity = ctx.position_of(symbol).quantity
    if not quantity:
        return quantity
    value = worth(ctx.instrument(symbol), quantity, ctx.price(symbol))
    return value.copy_abs() * ctx.rate(symbol)


class WeightFollower(Strategy):
    """Follows weights by ordinary orders: this is what they mean, whoever runs them.

    Args:
        weights: of the panel of the run.
        steps: of the run in all.
        first: step at which the run begins; weights of earlier ones are passed over.
    """

    def __init__(self, weights: Weights, *, steps: int, first: int = 0) -> None:
        super().__init__()
        self._of = weights.of
        self._rows: FloatArray = weights.values[weights.rows >= first]
        self._mask = np.zeros(steps, dtype=np.bool_)
        self._mask[weights.rows] = True
        self._place = 0

    def initialize(self, ctx: Context) -> None:
        ctx.wake_on(Trigger((), lambda _: self._mask))

    def on_bars(self, ctx: Context, bars: Mapping[str, Bar]) -> None:  # noqa: ARG002  the base's
        row = self._rows[self._place].tolist()
        self._place += 1
        rebalance(ctx, dict(zip(ctx.portfolio, row, strict=True)), self._of)
