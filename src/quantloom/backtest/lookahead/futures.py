"""Other futures for the same past: bars that are plausible, and as different as can be."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars

Kind = Literal["mirrored", "shuffled", "wild", "drawn"]
"""How a future is made of bars that there were.

Mirrored: every move goes the other way. Shuffled: the same moves in another order. Wild: after a
jump, moves drawn from them twice as large. Drawn: moves drawn from them, each up or down by chance,
so that nothing is left of what really came.
"""

IN_TURNS: tuple[Kind, ...] = ("mirrored", "wild", "mirrored", "shuffled")
"""Kinds as audits try them; mirrored moves turn the decision of most who see the next bar."""

# Beyond a factor of four a series is no plausible future of its past, and ticks become coarse.
_FARTHEST = np.log(4.0)
_PERCENT = 0.01
_FACTORS = frozenset({"factor", "volume_factor", "offset"})


@dataclass(frozen=True, slots=True)
class _Shape:
    """Bars as logarithmic moves: from the close before, within the body, and the two wicks."""

    gap: FloatArray
    body: FloatArray
    above: FloatArray
    below: FloatArray

    @classmethod
    def of(cls, bars: Bars) -> "_Shape":
        opens, closes = np.log(bars.open), np.log(bars.close)
        gap = np.zeros(len(bars))
        gap[1:] = opens[1:] - closes[:-1]
        return cls(
            gap,
            closes - opens,
            np.log(bars.high) - np.maximum(opens, closes),
            np.minimum(opens, closes) - np.log(bars.low),
        )

    def take(self, rows: IntArray, *, signs: FloatArray) -> "_Shape":
        """The moves of rows, turned round where a sign is below zero, and scaled by it."""
        above, below, size = self.above[rows], self.below[rows], np.abs(signs)
        return _Shape(
            self.gap[rows] * signs,
            self.body[rows] * signs,
            np.where(signs > 0, above, below) * size,
            np.where(signs > 0, below, above) * size,
        )


@dataclass(frozen=True, slots=True)
class Futures:
    """Makes other futures of one instrument's bars.

    Attributes:
        tick: of its prices, which the bars made keep to where the real ones do.
    """

    bars: Bars
    tick: float

    def after(self, row: int, stop: int, kind: Kind, rng: np.random.Generator) -> Bars:
        """Keep the bars up to a row, and replace those after it.

        Args:
            row: the last bar that stays as it was, byte for byte; -1 keeps none but the first open.
            stop: how many bars there are in all.
        """
        kept, count = self.bars[:stop], stop - row - 1
        if count <= 0:
            return kept
        # With the last real bar in front, from whose close the first move leads away.
        source = self.bars[max(row, 0) : stop]
        rows, signs = _choose(len(source) - count, len(source), kind, rng)
        moves = _Shape.of(source).take(rows, signs=signs)
        opens, highs, lows, closes = self._walk(row, moves, rng, jumps=kind == "wild")
        real = self.bars.volume[row + 1 : stop]
        factors = np.exp(rng.normal(0.0, 0.5, count) + rng.normal(0.0, 0.7))
        # Nothing traded stays nothing, and something stays something.
        volume = np.where(real > 0, np.maximum(np.rint(real * factors), 1.0), real)
        extras = {
            name: column if name in _FACTORS else _joined(column, row, source.extras[name][rows])
            for name, column in kept.extras.items()
        }
        return Bars.of(
            kept.symbol,
            kept.timeframe,
            ts=kept.ts,
            open=_joined(kept.open, row, opens),
            high=_joined(kept.high, row, highs),
            low=_joined(kept.low, row, lows),
            close=_joined(kept.close, row, closes),
            volume=_joined(kept.volume, row, volume),
            extras=extras,
        )

    def _walk(
        self, row: int, moves: _Shape, rng: np.random.Generator, *, jumps: bool
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        gap, body = moves.gap.copy(), moves.body
        if jumps or not (gap.any() or body.any()):
            gap += rng.normal(0.0, _PERCENT, len(gap))
            gap[0] += rng.choice(np.array([-1.0, 1.0])) * rng.uniform(3, 8) * _PERCENT
        path = np.cumsum(gap + body)
        scale = min(1.0, float(_FARTHEST / max(np.abs(path).max(), _PERCENT)))
        start = self.bars.close[row] if row >= 0 else self.bars.open[0]
        closes = np.log(start) + path * scale
        opens = closes - body * scale
        highs = np.maximum(opens, closes) + moves.above * scale
        lows = np.minimum(opens, closes) - moves.below * scale
        opens, highs, lows, closes = (self._on_grid(one) for one in (opens, highs, lows, closes))
        return (
            opens,
            np.maximum(highs, np.maximum(opens, closes)),
            np.minimum(lows, np.minimum(opens, closes)),
            closes,
        )

    def _on_grid(self, logs: FloatArray) -> FloatArray:
        prices: FloatArray = np.exp(logs)
        if not self.keeps_ticks:
            return prices
        ticks = np.maximum(np.rint(prices / self.tick), 1.0)
        decimals = max(0, int(np.ceil(-np.log10(self.tick))) + 2)
        rounded: FloatArray = np.round(ticks * self.tick, decimals)
        return rounded

    @property
    def keeps_ticks(self) -> bool:
        """Whether the real prices are whole ticks, as those of adjusted bars are not."""
        ticks = self.bars.close[:64] / self.tick
        return bool(np.allclose(ticks, np.rint(ticks), rtol=0, atol=1e-6))


def _choose(
    first: int, stop: int, kind: Kind, rng: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """Which rows' moves come after one another, and their signs and sizes."""
    future = np.arange(first, stop)
    if kind == "mirrored":
        return future, np.full(len(future), -1.0)
    if kind == "shuffled":
        return rng.permutation(future), np.ones(len(future))
    signs = rng.choice(np.array([-1.0, 1.0]), len(future))
    return rng.choice(future, len(future)), signs * (2.0 if kind == "wild" else 1.0)


def _joined(column: FloatArray, row: int, future: FloatArray) -> FloatArray:
    return np.concatenate((column[: row + 1], future))


def known_at(bars: Bars, row: int) -> Bars | None:
    """Tell bars as an adjustment would have told them at a row, knowing no later action.

    Returns:
        None where the bars were not moved by anything after the row, or do not say how.
    """
    factor, offset = bars.extras.get("factor"), bars.extras.get("offset")
    scale = 1.0 if factor is None else float(factor[row])
    shift = 0.0 if offset is None else float(offset[row])
    if not (_is_anchored_late(factor, 1.0) or _is_anchored_late(offset, 0.0)):
        return None
    if scale == 1.0 and shift == 0.0:
        return None
    volume_factor = bars.extras.get("volume_factor")
    volume_scale = 1.0 if volume_factor is None else float(volume_factor[row])
    extras = dict(bars.extras)
    extras |= {} if factor is None else {"factor": factor / scale}
    extras |= {} if offset is None else {"offset": offset - shift}
    extras |= {} if volume_factor is None else {"volume_factor": volume_factor / volume_scale}
    prices = {
        name: (getattr(bars, name) - shift) / scale for name in ("open", "high", "low", "close")
    }
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=bars.ts,
        **prices,
        volume=bars.volume / volume_scale,
        extras=extras,
    )


def moved_by_later(bars: Bars) -> IntArray:
    """Rows right after which something moved the past of the bars; none where nothing did."""
    for name, real in (("factor", 1.0), ("offset", 0.0)):
        column = bars.extras.get(name)
        if _is_anchored_late(column, real) and column is not None:
            return np.flatnonzero(np.diff(column))
    return np.empty(0, dtype=np.int64)


def _is_anchored_late(column: FloatArray | None, real: float) -> bool:
    return column is not None and bool(column[-1] == real) and bool((column != real).any())
