"""How else a run might have ended: its days and its trades drawn anew, and bands of the outcome."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike

from quantloom.errors import Invalid
from quantloom.kit import FloatArray, IntArray
from quantloom.performance.deflation import BadShare
from quantloom.performance.resampling import Seed, optimal_block_length, stationary_rows
from quantloom.performance.returns import MIN_RETURNS
from quantloom.performance.series import WrongShape, column, is_rounding, positive

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Nine runs in ten end between the first and the last, every other one between the inner two."""

DRAWS = 1_000
POINTS = 200
"""Places along a run at which its bands are kept."""

TradeMethod = Literal["shuffle", "resample", "skip"]

# Runs are drawn in parts of so many values, so that memory does not grow with their number.
_AT_ONCE = 1 << 19


class BadTradeMethod(Invalid):
    """A way to redraw trades that is not known."""

    code = "performance.bad_trade_method"

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.method = method

    def __str__(self) -> str:
        return f"method is {self.method!r}; pass {' or '.join(get_args(TradeMethod))}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReturnBands:
    """What a run's days, drawn anew in blocks, might have come to.

    Attributes:
        levels: (k,) shares of the drawn runs that ended below each band.
        draws, block: how many runs, and the mean length of their blocks in days.
        annual_return, sharpe_ratio, max_drawdown_ratio, final_equity: (k,) at each level; NaN
            where a run has no such figure. Drawdown is above zero: its last level is the worst.
        loss_probability: share of runs that ended below where they began.
        days: (p,) how many days had passed at each point of the curves.
        equity: (k, p) bands of the curve.
    """

    levels: FloatArray
    draws: int
    block: float
    annual_return: FloatArray
    sharpe_ratio: FloatArray
    max_drawdown_ratio: FloatArray
    final_equity: FloatArray
    loss_probability: float
    days: IntArray
    equity: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TradeBands:
    """What a run's trades, drawn anew, might have come to.

    Attributes:
        method: how: shuffle, resample or skip.
        levels, draws: as in `ReturnBands`.
        final_equity, max_drawdown_ratio: (k,) at each level.
        loss_probability: share of runs that ended below where they began.
        ruin_probability: share of runs that ever lost `ruin` of the initial equity.
        ruin: which share that is.
        trades: (p,) how many trades had been made at each point of the curves.
        equity: (k, p) bands of the curve.
    """

    method: TradeMethod
    levels: FloatArray
    draws: int
    final_equity: FloatArray
    max_drawdown_ratio: FloatArray
    loss_probability: float
    ruin_probability: float
    ruin: float
    trades: IntArray
    equity: FloatArray


def bootstrap_returns(
    returns: ArrayLike,
    *,
    periods_per_year: float,
    initial: float = 1.0,
    draws: int = DRAWS,
    block: float | None = None,
    seed: Seed = 0,
    levels: ArrayLike = LEVELS,
) -> ReturnBands:
    """Draw the days of a run anew, in blocks, and tell between what its figures then lie.

    Args:
        returns: (n,) daily returns above -1, 2 or more.
        periods_per_year: trading days that make a year.
        initial: equity before the first day.
        draws: how many runs. block: mean length of a block; found from the data where None.
        seed: or the generator to draw from.
        levels: (k,) shares from 0 to 1, rising.
    Raises:
        WrongShape, NotFinite, NotPositive, BadShare: what cannot be drawn from.
    Source:
        Politis and Romano (1994), The Stationary Bootstrap; Politis and White (2004) for the block.
    """
    values = _compounding(returns)
    generator: Generator = np.random.default_rng(seed)
    length = optimal_block_length(values) if block is None else block
    points = _points(len(values))
    kept = _Kept(points, draws)
    ratios = np.empty(draws)
    for first, count in _parts(draws, len(values)):
        rows = stationary_rows(len(values), block=length, draws=count, generator=generator)
        drawn = values[rows]
        ratios[first : first + count] = _sharpe(drawn) * np.sqrt(periods_per_year)
        growth = np.asarray(np.cumprod(1.0 + drawn, axis=1)) * positive(initial, "initial")
        kept.take(first, growth, initial)
    years = len(values) / positive(periods_per_year, "periods_per_year")
    shares = _levels(levels)
    final = kept.curves[:, -1]
    ends = np.quantile(final, shares)
    return ReturnBands(
        levels=shares,
        draws=draws,
        block=length,
        annual_return=np.expm1(np.log(ends / initial) / years),
        sharpe_ratio=_quantile(ratios, shares),
        max_drawdown_ratio=np.quantile(kept.depths, shares),
        final_equity=ends,
        loss_probability=float((final < initial).mean()),
        days=points,
        equity=np.quantile(kept.curves, shares, axis=0),
    )


def redraw_trades(
    pnl: ArrayLike,
    *,
    initial: float,
    method: TradeMethod = "resample",
    draws: int = DRAWS,
    skip: float = 0.1,
    ruin: float = 0.5,
    seed: Seed = 0,
    levels: ArrayLike = LEVELS,
) -> TradeBands:
    """Draw the trades of a run anew and tell between what its figures then lie.

    `shuffle` makes the same trades in another order: the end is the same, the way there is not.
    `resample` draws as many trades with replacement: some twice, some never. `skip` leaves each
    trade out by chance. Trades are added up in money, as if each had been as large whatever was
    earned before it.

    Args:
        pnl: (t,) profit of each round trip after costs, in money; one or more.
        initial: equity before the first.
        draws: how many runs.
        skip: share of trades that `skip` leaves out on average.
        ruin: share of the initial equity whose loss counts as ruin.
        seed: or the generator to draw from.
        levels: (k,) shares from 0 to 1, rising.
    Raises:
        BadTradeMethod: another method.
        WrongShape, NotFinite, NotPositive, BadShare: what cannot be drawn from.
    Source:
        Vince (1990), Portfolio Management Formulas, for drawdown and ruin by redrawn trades;
        Efron (1979), Bootstrap Methods, for drawing with replacement.
    """
    values = column(pnl, "pnl")
    if not len(values):
        raise WrongShape("pnl", values.shape, "one trade at least")
    draw = _trade_draw(method, _share(skip, "skip"))
    generator: Generator = np.random.default_rng(seed)
    points = _points(len(values))
    kept = _Kept(points, draws)
    floor = positive(initial, "initial") * (1.0 - _share(ruin, "ruin"))
    for first, count in _parts(draws, len(values)):
        curve = np.cumsum(draw(values, count, generator), axis=1) + initial
        kept.take(first, curve, initial)
    shares = _levels(levels)
    final = kept.curves[:, -1]
    return TradeBands(
        method=method,
        levels=shares,
        draws=draws,
        final_equity=np.quantile(final, shares),
        max_drawdown_ratio=np.quantile(kept.depths, shares),
        loss_probability=float((final < initial).mean()),
        ruin_probability=float((kept.lowest <= floor).mean()),
        ruin=ruin,
        trades=points,
        equity=np.quantile(kept.curves, shares, axis=0),
    )


class _Kept:
    """What is kept of drawn runs: their curves at some points, deepest drawdown, lowest equity."""

    def __init__(self, points: IntArray, draws: int) -> None:
        positive(draws, "draws")
        self.points = points
        self.curves = np.empty((draws, len(points)))
        self.depths = np.empty(draws)
        self.lowest = np.empty(draws)

    def take(self, first: int, curve: FloatArray, initial: float) -> None:
        rows = slice(first, first + len(curve))
        whole = np.concatenate((np.full((len(curve), 1), initial), curve), axis=1)
        peaks = np.maximum.accumulate(whole, axis=1)
        self.depths[rows] = (1.0 - whole / peaks).max(axis=1)
        self.lowest[rows] = whole.min(axis=1)
        self.curves[rows] = whole[:, self.points]


def _trade_draw(method: str, skip: float) -> Callable[[FloatArray, int, Generator], FloatArray]:
    def shuffle(values: FloatArray, count: int, generator: Generator) -> FloatArray:
        return generator.permuted(np.tile(values, (count, 1)), axis=1)

    def resample(values: FloatArray, count: int, generator: Generator) -> FloatArray:
        return np.asarray(values[generator.integers(0, len(values), (count, len(values)))])

    def leave_out(values: FloatArray, count: int, generator: Generator) -> FloatArray:
        return np.where(generator.random((count, len(values))) < skip, 0.0, values)

    found = {"shuffle": shuffle, "resample": resample, "skip": leave_out}.get(method)
    if found is None:
        raise BadTradeMethod(method)
    return found


def _compounding(returns: ArrayLike) -> FloatArray:
    values = column(returns, "returns")
    if len(values) < MIN_RETURNS:
        raise WrongShape("returns", values.shape, f"{MIN_RETURNS} returns at least")
    positive(1.0 + float(values.min()), "1 + the worst return")
    return values


def _points(length: int) -> IntArray:
    """Where a run of so many steps is looked at: its start, its end and what lies between."""
    return np.unique(np.linspace(0, length, min(POINTS, length + 1)).round().astype(np.int64))


def _parts(draws: int, length: int) -> Iterator[tuple[int, int]]:
    step = max(1, _AT_ONCE // length)
    for first in range(0, draws, step):
        yield first, min(step, draws - first)


def _sharpe(drawn: FloatArray) -> FloatArray:
    mean, spread = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    steady = is_rounding(spread, mean)
    return np.asarray(np.where(steady, np.nan, mean / np.where(steady, 1.0, spread)))


def _quantile(values: FloatArray, shares: FloatArray) -> FloatArray:
    known = values[np.isfinite(values)]
    return np.quantile(known, shares) if len(known) else np.full(len(shares), np.nan)


def _levels(levels: ArrayLike) -> FloatArray:
    shares = column(levels, "levels")
    for share in shares:
        _share(float(share), "levels")
    return shares


def _share(value: float, name: str) -> float:
    if not 0 < value < 1:
        raise BadShare(name, value)
    return value
