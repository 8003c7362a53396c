"""Where to cut the future off, so that a leak which touches few bars is met nevertheless."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from quantloom.kit import IntArray


@dataclass(frozen=True, slots=True)
class Places:
    """What matters of a run to an audit, in steps.

    Attributes:
        first, last: the earliest and the latest step after which the future may be cut off.
        decided: rising, those at which the strategy decided something.
        day_starts: rising, those with which a trading day begins.
        special: further ones to cut at, such as the end of a warm-up.
    """

    first: int
    last: int
    decided: IntArray
    day_starts: IntArray
    special: IntArray


def plan_cuts(places: Places, count: int, rng: np.random.Generator, *, limit: int) -> list[int]:
    """Choose the steps after which to cut.

    Half of them are steps with a decision and the one before; the others are ends and starts of
    days, special ones and any.

    Args:
        count: how many at most.
        limit: none is later than this step.
    Returns:
        Steps, each once, in the order in which to try them.
    """
    last = min(places.last, limit)
    if last < places.first:
        return []
    turns = (
        _drawn(places.decided, places.first, last, rng),
        _drawn(places.decided, places.first, last, rng),
        _drawn(places.decided - 1, places.first, last, rng),
        _drawn(places.day_starts, places.first, last, rng),
        _drawn(places.decided, places.first, last, rng),
        _any(places.first, last, rng),
        _drawn(places.day_starts - 1, places.first, last, rng),
        _drawn(places.special, places.first, last, rng),
    )
    found: dict[int, None] = {}
    # Small runs have fewer steps than cuts, and the same ones are drawn again and again.
    for turn in islice(cycle(turns), 8 * count):
        step = next(turn, None)
        if step is not None:
            found.setdefault(step)
        if len(found) == count:
            break
    return [*found]


def _drawn(steps: IntArray, first: int, last: int, rng: np.random.Generator) -> Iterator[int]:
    """The steps within the bounds, each once, shuffled."""
    inside = steps[(steps >= first) & (steps <= last)]
    yield from rng.permutation(inside).tolist()


def _any(first: int, last: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield int(rng.integers(first, last + 1))
