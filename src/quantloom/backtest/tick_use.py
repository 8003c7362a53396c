"""What a run on ticks rested on, as its result tells it."""

import hashlib
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from quantloom.market import Ticks


class Kindness(StrEnum):
    """What a run on ticks may assume in the strategy's favour."""

    NO_LATENCY = "an order, a cancel or its news takes no time"
    NO_FEED_LATENCY = "ticks are heard of at the moment they happen"
    CANCELLATIONS = "cancellations move orders up their queue, by shares that nobody knows"
    NO_TRADES = "no trades are known: limit orders fill where quotes cross them"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickUse:
    """The ticks of a run, and what was assumed where they do not tell.

    Attributes:
        count: rows it went through.
        levels: prices of each side that were known at most.
        queue, latency: the models, in words.
        kinder: what was assumed in the strategy's favour; empty where nothing was.
    """

    count: int
    levels: int
    queue: str
    latency: str
    kinder: tuple[Kindness, ...] = ()

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
