"""Whether decisions or a column foresee bars that they cannot know.

A strategy that holds the real future elsewhere, say in a frame loaded before the run, decides alike
whatever bars it is shown. Shown bars of which every move was drawn anew, an honest one decides by
those, and what really came later is to its decisions a series of coin tosses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb, sqrt

import numpy as np

from quantloom.kit import BoolArray, FloatArray, IntArray
from quantloom.market import Bars

_HORIZONS = (1, 3, 10, 30)
# One honest strategy in a million is taken for a seer, by four horizons.
_UNLIKELY, _DEVIATIONS = 2.5e-7, 5.2
# Of the moves that could be had, an edge that can be had in earnest takes a small share.
_SHARE = 0.35
_MANY = 2_000
# A series that tells its own future makes seers of honest strategies.
_LAGS, _REGULAR = 40, 0.35
_SAMPLE = 4_096
_STRONG, _ENOUGH, _MOST_ROWS = 0.5, 60, 20_000


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions on one instrument: rows of its bars, rising, and +1 to buy, -1 to sell."""

    rows: IntArray
    signs: FloatArray


def foresees(decided: Mapping[str, Decided], bars: Mapping[str, Bars]) -> bool:
    """Whether decisions go with what the bars do next, as chance and an edge do not."""
    usable = {symbol: one for symbol, one in decided.items() if not is_regular(bars[symbol])}
    return any(_is_seer(usable, bars, horizon) for horizon in _HORIZONS)


def _is_seer(decided: Mapping[str, Decided], bars: Mapping[str, Bars], horizon: int) -> bool:
    earned = [_earned(one, bars[symbol], horizon) for symbol, one in decided.items()]
    gains = np.concatenate([*earned, np.empty(0)])
    gains = gains[gains != 0]
    if not len(gains):
        return False
    share, right = gains.sum() / np.abs(gains).sum(), int((gains > 0).sum())
    deviations = gains.sum() / sqrt(float((gains**2).sum()))
    return bool(share > _SHARE) and (
        deviations > _DEVIATIONS or _chance(right, len(gains)) < _UNLIKELY
    )


def _earned(decided: Decided, bars: Bars, horizon: int) -> FloatArray:
    """What each decision earns from the next open on, beyond the drift of the bars."""
    inside = decided.rows + horizon < len(bars)
    rows, signs = decided.rows[inside], decided.signs[inside]
    # Overlapping spans would count one move several times.
    kept = _apart(rows, horizon)
    rows, signs = rows[kept], signs[kept]
    moves = np.log(bars.close[rows + horizon] / bars.open[rows + 1])
    drift = np.log(bars.close[-1] / bars.close[0]) / max(len(bars) - 1, 1)
    earned: FloatArray = signs * (moves - drift * horizon)
    return earned


def _apart(rows: IntArray, distance: int) -> BoolArray:
    kept, last = np.zeros(len(rows), dtype=np.bool_), -distance
    for place, row in enumerate(rows.tolist()):
        if row - last >= distance:
            kept[place], last = True, row
    return kept


def _chance(right: int, count: int) -> float:
    """How likely so many of fair coin tosses are right, or more."""
    if count > _MANY:  # told by deviations
        return 1.0
    ways: int = sum(comb(count, many) for many in range(right, count + 1))
    return ways / float(1 << count) if count < 1_000 else ways / (1 << count)


def is_regular(bars: Bars) -> bool:
    """Whether the moves repeat themselves, as those of made-up waves do."""
    moves = np.diff(np.log(bars.close[:_SAMPLE]))
    moves = moves - moves.mean() if len(moves) else moves
    power = float((moves**2).sum())
    if power == 0:
        return True
    lags = range(1, min(_LAGS, len(moves) // 4) + 1)
    return any(abs(float((moves[lag:] * moves[:-lag]).sum())) > _REGULAR * power for lag in lags)


@dataclass(frozen=True, slots=True)
class TellingColumn:
    """A column whose values go with the moves after them."""

    name: str
    correlation: float
    bars: int

    @property
    def facts(self) -> dict[str, float | int | str]:
        """What its note tells."""
        return {"what": self.name, "value": self.correlation, "bars": self.bars}


def telling_columns(bars: Bars, names: Sequence[str]) -> list[TellingColumn]:
    """Find columns that were made with the future: by rank they follow what comes after."""
    if is_regular(bars):
        return []
    found = (_telling(bars, name) for name in names)
    return [one for one in found if one is not None]


def with_column(bars: Bars, name: str, values: FloatArray) -> Bars:
    """The bars with another column in place of one of their extras."""
    return Bars.of(
        bars.symbol,
        bars.timeframe,
        ts=bars.ts,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        extras=dict(bars.extras) | {name: values},
    )


def _telling(bars: Bars, name: str) -> TellingColumn | None:
    column = bars.extras[name]
    best: TellingColumn | None = None
    for horizon in (1, 5, 20):
        rows = np.flatnonzero(~np.isnan(column[: max(len(bars) - horizon, 0)]))[:_MOST_ROWS]
        if len(rows) < _ENOUGH * horizon:
            continue
        moves = np.log(bars.close[rows + horizon] / bars.close[rows])
        value = _rank_correlation(column[rows], moves)
        if abs(value) > max(_STRONG, 0.0 if best is None else abs(best.correlation)):
            best = TellingColumn(name, value, horizon)
    return best


def _rank_correlation(one: FloatArray, other: FloatArray) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: FloatArray) -> FloatArray:
    """Ranks, equal values sharing theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks: FloatArray = (ends - (counts - 1) / 2)[place]
    return ranks
