"""Weights through the compiled core: what it takes, what it gives, and what it does not know."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from quantloom.backtest.portfolio.kernels import Costs, Grid, Journal, Market, follow_weights
from quantloom.backtest.portfolio.kernels.columns import IS_FULL
from quantloom.backtest.spec import BacktestSpec
from quantloom.kit import IntArray
from quantloom.market import Instrument
from quantloom.simulation import Slippage, VolumeShareSlippage, counts_volume
from quantloom.strategy import Panel, Weights

Number = TypeVar("Number", bound=np.generic)

_FEWEST_ROWS = 1_024


class Ground(NamedTuple):
    """What runs over one panel share, whatever their weights."""

    market: Market
    grid: Grid
    costs: Costs
    cash: float


def ground_of(panel: Panel, spec: BacktestSpec, opens_ns: IntArray | None = None) -> Ground:
    """Lay out a panel as the core takes it.

    Args:
        spec: one that `is_plain` is true of.
        opens_ns: (n, m) when each bar opens, where bars of a step do not open together.
    """
    market = Market(
        opens_ns=_sealed(panel.opens_ns[:, np.newaxis] if opens_ns is None else opens_ns),
        closes_ns=_sealed(panel.closes_ns),
        open=_sealed(panel.open),
        last=_sealed(panel.last),
        volume=_sealed(panel.volume),
        by_symbol=_sealed(panel.last.T),
    )
    grid = grid_of(panel, spec.instruments)
    return Ground(market, grid, costs_of(spec), float(spec.cash))


def _sealed(values: NDArray[Number]) -> NDArray[Number]:
    # Machine code is made anew for each array that may be written where another may not.
    shown = np.ascontiguousarray(values).view()
    shown.flags.writeable = False
    return shown


def simulate(ground: Ground, weights: Weights, *, first: int = 0) -> Journal:
    """Follow weights over a panel.

    Args:
        first: step at which the run begins.
    """
    rows = max(_FEWEST_ROWS, 4 * int(np.count_nonzero(np.nan_to_num(weights.values))))
    while True:
        journal = _empty(ground, rows)
        follow_weights(
            ground.market,
            ground.grid,
            ground.costs,
            journal,
            rows=weights.rows,
            weights=weights.values,
            is_money=weights.of == "money",
            first=first,
        )
        if not journal.counts[IS_FULL]:
            return journal
        rows *= 4


def grid_of(panel: Panel, instruments: Sequence[Instrument]) -> Grid:
    """What the core needs to know of each instrument."""
    known = {one.symbol: one for one in instruments}
    listed = [known[symbol] for symbol in panel.symbols]
    with np.errstate(invalid="ignore"):
        has_volume = (panel.volume > 0).any(axis=0)
    return Grid(
        lot=np.array([float(one.lot) for one in listed]),
        unit=np.array([float(one.lot * one.multiplier) for one in listed]),
        tick=np.array([float(one.tick_size) for one in listed]),
        steps=np.array([_steps_in_one(one.tick_size) for one in listed]),
        can_short=np.array([one.can_short for one in listed]),
        counts=np.array([counts_volume(one) for one in listed]) & has_volume,
    )


def costs_of(spec: BacktestSpec) -> Costs:
    """What fills cost and positions tie up."""
    scheme, slippage = spec.commission, spec.slippage
    impact = Decimal(0)
    base = slippage if isinstance(slippage, Slippage) else Slippage()
    if isinstance(slippage, VolumeShareSlippage):
        impact, base = slippage.impact, slippage.base
    figures = (
        scheme.open.by_money,
        scheme.open.by_unit,
        scheme.close.by_money,
        scheme.close.by_unit,
        scheme.minimum,
        scheme.sell_tax,
        scheme.buy_tax,
        scheme.sell_levy,
        scheme.transfer,
        spec.margin.long,
        spec.margin.short,
        base.ticks,
        base.ratio,
        impact,
        spec.participation or Decimal(0),
    )
    return Costs(*map(float, figures))


def _steps_in_one(tick: Decimal) -> float:
    steps = 1 / tick
    return float(steps) if steps == int(steps) else 0.0


def _empty(ground: Ground, rows: int) -> Journal:
    def whole(*shape: int) -> IntArray:
        return np.empty(shape, dtype=np.int64)

    steps, count = ground.market.last.shape
    return Journal(
        orders=whole(rows, 9),
        paid=np.empty((rows, 2)),
        fills=whole(rows, 4),
        prices=np.empty((rows, 3)),
        unsure=whole(rows, 4),
        waiting=whole(rows),
        counts=np.zeros(5, dtype=np.int64),
        held=np.zeros(count, dtype=np.int64),
        cash=np.array([ground.cash]),
        equity=np.zeros(steps),
        net=np.zeros(steps),
        gross=np.zeros(steps),
    )
