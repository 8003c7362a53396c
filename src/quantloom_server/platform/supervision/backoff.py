"""How long to wait before a process that died is started again."""

from dataclasses import dataclass
from random import Random

# Three deaths within a minute of the start each are no accident any more.
LOOPING = 3


@dataclass(slots=True)
class Backoff:
    """Twice as long after each quick death, from the start after a steady life.

    The jitter keeps processes that died together from coming back together.
    """

    rng: Random
    first_s: float = 0.5
    longest_s: float = 15.0
    steady_s: float = 60.0
    deaths: int = 0

    def after(self, lived_s: float) -> float:
        """Count a death; returns the seconds to wait."""
        self.deaths = 1 if lived_s >= self.steady_s else self.deaths + 1
        wait_s = min(self.longest_s, self.first_s * 2.0 ** min(self.deaths - 1, 20))
        return wait_s * self.rng.uniform(0.75, 1.0)

    @property
    def is_looping(self) -> bool:
        return self.deaths >= LOOPING
