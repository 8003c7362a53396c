"""Runs made once more over other bars, up to a step, as if nobody had noticed."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from quantloom.backtest.callbacks import overrides
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import run_until
from quantloom.backtest.lookahead.quiet import Chance
from quantloom.backtest.ready import Ground, make_strategy
from quantloom.backtest.record import Act
from quantloom.market import Bars


class Rerun(NamedTuple):
    """What came of one.

    Attributes:
        acts: what it did up to where it was compared. desk: None where it could not be made.
    """

    acts: list[Act]
    desk: BarDesk | None
    has_failed: bool


@dataclass(slots=True)
class Reruns:
    """Makes a run again.

    Attributes:
        ground: what it stood on. desk: what it left.
        chance: where the process's generators stood before it.
        acts: what the run did.
    """

    ground: Ground
    desk: BarDesk
    chance: Chance
    tells_days: bool
    acts: list[Act]

    @classmethod
    def of(cls, ground: Ground, desk: BarDesk, chance: Chance) -> "Reruns":
        tells_days = overrides(object.__new__(ground.strategy), "before_trading")
        return cls(ground, desk, chance, tells_days, desk.acts)

    def acts_until(self, step: int) -> list[Act]:
        """What the run did before the bars of a step were seen."""
        return self.until(self.acts, step)

    def until(self, acts: list[Act], step: int) -> list[Act]:
        """Of what was done, what was before the bars of a step were seen."""
        limit_ns = self._limit_ns(step)
        return [*takewhile(lambda act: act.ts_ns <= limit_ns, acts)]

    def make(self, bars: Mapping[str, Bars], until: int, *, first: int = 0) -> Rerun:
        """Run over bars until before a step, whatever the strategy does.

        Args:
            first: the step that the bars begin with.
        """
        self.chance.restore()
        desk: BarDesk | None = None
        limit_ns = self._limit_ns(until)
        try:
            running = make_strategy(self.ground.strategy, self.ground.spec)
            desk = self.ground.make_desk(bars)
            run_until(running, desk, until - first, deepcopy(dict(self.ground.spec.state)))
        except Exception:  # noqa: BLE001  user code fails as it likes, and over too few bars it may
            if desk is None or desk.step < 0:
                return Rerun([], None, has_failed=True)
            limit_ns = self._limit_ns(first + desk.step)
            return Rerun([act for act in desk.acts if act.ts_ns <= limit_ns], None, has_failed=True)
        return Rerun([act for act in desk.acts if act.ts_ns <= limit_ns], desk, has_failed=False)

    def _limit_ns(self, until: int) -> int:
        """The last instant at which the bars of a step were not seen."""
        closes, days = self.desk.timeline.closes_ns, self.desk.timeline.days
        if until < 1:
            return int(closes[0]) - 1
        if self.tells_days and until < len(closes) and days[until] != days[until - 1]:
            return int(closes[until]) - 1
        return int(closes[until - 1])
