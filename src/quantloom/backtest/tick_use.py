"""What a run on ticks rested on, as its result tells it."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from quantloom.market import Ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class TickUse:
    """The ticks of a run, and what was assumed where they do not tell.

    Attributes:
        count: rows it went through.
        levels: prices of each side that were known at most.
        queue, latency: the models, in words.
        kinder: what was assumed in the strategy's favour; empty where nothing was.
        executor: `python`, or `compiled` for a program.
    """

    count: int
    levels: int
    queue: str
    latency: str
    kinder: tuple[str, ...] = ()
    executor: str = "python"

    def plain(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class ToldTicks:
    """What a run was told beside the bars that its equity is marked at."""

    ticks: Ticks
    use: TickUse

    def digest(self) -> str:
        """SHA-256 of the ticks and of the models."""
        text = f"{self.ticks.digest()}|{self.use.plain()}"
        return hashlib.sha256(text.encode()).hexdigest()
