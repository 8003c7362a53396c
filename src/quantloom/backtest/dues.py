"""What happens to an account besides what its strategy asks for, as a desk calls it."""

from collections.abc import Collection
from typing import Protocol


class Due(Protocol):
    """What happens to an account between two bars, whether the strategy acts or not.

    Attributes:
        steps: of the timeline, each before whose bars something happens.
    """

    @property
    def steps(self) -> Collection[int]: ...

    def happen(self, step: int) -> None:
        """Book what is due before a step; the desk still stands at the step before."""
        ...


class Rolling(Due, Protocol):
    """A due that trades as well, at the open of a step's bars."""

    def happen_at_open(self, step: int) -> None: ...


class EndingDay(Protocol):
    """What the rules do to an account at the end of a trading day."""

    def happen(self) -> None:
        """End the day of the present step."""
        ...


class Watching(Protocol):
    """What closes positions inside of bars."""

    def watch(self, step: int) -> None:
        """Find the prices at which it does so from a step on."""
        ...
