"""What re-runs of a run in the event engine cost, and what of an audit's budget is left for them.

All of it is counted in steps that callbacks are called on.
"""

from dataclasses import dataclass

from quantloom.backtest.lookahead.budget import CALLS, Budget

UNSEEN = 0.25
"""What a bar that is only computed on costs of one that a callback is called on."""

_OVERHEAD_S = 0.001


@dataclass(slots=True)
class Spending:
    """What one audit spends.

    Attributes:
        pace_s: seconds that the run took for each step.
        count, instruments: steps of the run, and how many instruments it has.
        first: the step with which its callbacks begin.
        known_until: the step up to which it is known what the run did.
        spent: so far. reserved: what is kept for later.
    """

    budget: Budget
    pace_s: float
    count: int
    instruments: int
    first: int
    known_until: int
    spent: float = 0.0
    reserved: float = 0.0

    def cost(self, until: int, stop: int) -> float:
        """Of a re-run over `stop` bars that are called on from the warm-up to before `until`."""
        begins = 0.0 if self.budget.limit_s is None else _OVERHEAD_S / self.pace_s
        return max(until - self.first, 0) + UNSEEN * stop + begins

    def spend(self, until: int, stop: int) -> None:
        """Take the cost of a re-run off."""
        self.spent += self.cost(until, stop)

    @property
    def left(self) -> float:
        """What may be spent now."""
        units = self.budget.units(
            CALLS, self.count, pace_s=self.pace_s, instruments=self.instruments
        )
        return units - self.spent - self.reserved

    def can_afford(self, until: int, stop: int) -> bool:
        """Whether there is enough left for a re-run, and time."""
        return self.cost(until, stop) <= self.left and not self.budget.is_over

    def steps_for(self, share: float) -> int:
        """Up to which step a share of what is left pays for callbacks."""
        steps = max(self.left, 0.0) * share / (1 + 2 * UNSEEN)
        return int(min(self.first + steps, self.known_until))
