"""How often a secret may be tried: more and more slowly, and then not for a quarter of an hour.

Each try is counted before it is looked at and taken back when it was right, so that fifty at once
are fifty tries. Nothing is locked for good.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

LOCK = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries are free, and after how many the door stays shut for a while."""

    name: str
    free: int
    lock_at: int


ACCOUNT = Pace("tries of one account", free=4, lock_at=10)
# Many people may share an address, so it is given more.
ADDRESS = Pace("tries from one address", free=40, lock_at=100)
REGISTRATIONS = Pace("registrations from one address", free=20, lock_at=30)
MAILS = Pace("mails to one address", free=2, lock_at=6)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was tried, and until when it may not be."""

    tries: int = 0
    last_at: datetime | None = None
    shut_until: datetime | None = None

    def wait_s(self, now: datetime) -> int:
        """Seconds until the next try is let in; 0 for at once."""
        if self.shut_until is None or now >= self.shut_until:
            return 0
        return max(1, ceil((self.shut_until - now).total_seconds()))


def count(tally: Tally, now: datetime, pace: Pace) -> Tally:
    """Count one more try."""
    if _is_forgotten(tally, now, pace):
        tally = Tally()
    tries = tally.tries + 1
    return Tally(tries, now, now + _pause(tries, pace))


def take_back(tally: Tally) -> Tally:
    """Uncount a try that was right, where others' tries stay counted."""
    return replace(tally, tries=max(0, tally.tries - 1), shut_until=None)


def _pause(tries: int, pace: Pace) -> timedelta:
    if tries >= pace.lock_at:
        return LOCK
    if tries <= pace.free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(tries - pace.free - 1, 20)), LOCK)


def _is_forgotten(tally: Tally, now: datetime, pace: Pace) -> bool:
    if tally.last_at is None:
        return True
    was_locked = tally.tries >= pace.lock_at
    return now - tally.last_at >= (LOCK if was_locked else _FORGOTTEN_AFTER)
