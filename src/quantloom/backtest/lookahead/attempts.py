"""Which re-runs an audit of a run in the event engine tries, and in which order."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from quantloom.backtest.desk import BarDesk
from quantloom.backtest.lookahead.cuts import Places, plan_cuts
from quantloom.backtest.lookahead.decisions import lines_of, warm_ends
from quantloom.backtest.lookahead.futures import IN_TURNS, Kind
from quantloom.backtest.lookahead.spending import Spending
from quantloom.kit import IntArray

WINDOW = 256
"""Bars of another future that a re-run goes on for after a cut, where there are so many."""

LATE = 0.3
"""Share of what is left that a late cut may cost."""

_EARLY = 0.05
_TRUNCATED_EVERY = 5
# Whatever is spent, something that was decided has to be compared.
_SOONEST = 0.8


class Attempt(NamedTuple):
    """One re-run: the bars after `cut` are others, and there are none from `stop` on.

    Attributes:
        has_calls: whether bars are called on; lines can be compared without.
        first: the step that the bars begin with.
    """

    cut: int
    stop: int
    kind: Kind
    is_truncated: bool = False
    has_calls: bool = True
    first: int = 0


def plan_attempts(
    desk: BarDesk,
    decided: IntArray,
    spending: Spending,
    *,
    last: int,
    rng: np.random.Generator,
) -> Iterator[Attempt]:
    """Plan early cuts, which are cheap, and late ones among them.

    Args:
        decided: the steps at which the run decided something.
        last: the latest step after which the future may be cut off.
    """
    timeline = desk.timeline
    closes = timeline.closes_ns
    places = Places(spending.first, last, decided, timeline.day_steps(), warm_ends(desk))
    count = spending.budget.cuts
    soonest = int(decided[0]) + 1 if len(decided) else 0
    limit = max(spending.steps_for(_EARLY), min(soonest, spending.steps_for(LATE)))
    early = plan_cuts(places, count, rng, limit=limit)
    is_near = soonest <= spending.steps_for(_SOONEST)
    latest = max(spending.steps_for(LATE), soonest if is_near else 0)
    # Of few bars the same ones are drawn.
    late = [cut for cut in plan_cuts(places, 2, rng, limit=latest) if cut not in early]
    far = plan_cuts(places, 2, rng, limit=last)
    for turn, cut in enumerate(early):
        yield _attempt(desk, cut, turn)
        if turn in (0, 5) and late:
            yield _attempt(desk, late.pop(0), turn)
        if turn == 2 and any(True for _ in lines_of(desk)):
            yield from (Attempt(one, len(closes), "mirrored", has_calls=False) for one in far[:1])
    if not early:
        yield from (_attempt(desk, cut, turn) for turn, cut in enumerate(late))


def _attempt(desk: BarDesk, cut: int, turn: int) -> Attempt:
    days = desk.timeline.days
    if turn % _TRUNCATED_EVERY == _TRUNCATED_EVERY - 1:
        # To the end of the next bar's day: whether a bar ends its day shows with the next.
        stop = int(np.searchsorted(days, days[cut + 1], side="right"))
        return Attempt(cut, stop, "mirrored", is_truncated=True)
    stop = min(len(days), 2 * cut + WINDOW)
    return Attempt(cut, stop, IN_TURNS[turn % len(IN_TURNS)])
