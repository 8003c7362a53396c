"""Ids that sort by the time they were made: UUID version 7 (RFC 9562)."""

import secrets
from collections.abc import Callable
from uuid import UUID

from quantloom.kit.clock import Clock

_COUNTER_LIMIT = 1 << 12


class IdMaker:
    """Makes UUIDv7 values that never repeat and never sort before an earlier one.

    Ids of one millisecond count up in the twelve bits after the time; when those are used up, or
    the clock steps back, the maker borrows from the next millisecond instead of going backwards.
    One maker serves one thread.
    """

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = secrets.randbits) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._ms = -1
        self._counter = 0

    def new(self) -> UUID:
        """Make the next id."""
        now_ms = self._clock.now_ns() // 1_000_000
        if now_ms > self._ms:
            self._ms, self._counter = now_ms, 0
        else:
            self._counter += 1
            if self._counter == _COUNTER_LIMIT:
                self._ms, self._counter = self._ms + 1, 0
        value = self._ms << 80 | 7 << 76 | self._counter << 64 | 2 << 62 | self._random_bits(62)
        return UUID(int=value)
