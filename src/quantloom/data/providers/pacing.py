"""How often a host is asked: limits, retries with back-off, and rest for one that fails."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from quantloom.data.providers.asking import Answer, Asker, Question
from quantloom.data.providers.errors import (
    ProviderBadData,
    ProviderRateLimited,
    ProviderUnavailable,
)
from quantloom.errors import QuantloomError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a host is asked.

    Attributes:
        per_second: questions in the long run. burst: at once, after a rest.
        attempts: how often one question is asked before its error is passed on.
        first_wait_s, longest_wait_s: the ends of the back-off, which doubles; the wait is drawn
            evenly from half of it to all of it. A host that names its own wait is obeyed.
        failures: in a row, after which a host is left alone.
        rest_s: for so long; then one question tries it.
    """

    per_second: float = 1.0
    burst: int = 2
    attempts: int = 4
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    failures: int = 5
    rest_s: float = 120.0


@dataclass(slots=True)
class _Host:
    """What is known of a host: its bucket of tokens, and its failures in a row."""

    tokens: float
    filled_at: float
    failures: int = 0
    rests_until: float = 0.0


class PacedAsker:
    """Asks through another asker, no more often than hosts bear.

    The time is the machine's uptime, which no correction of the clock moves.
    """

    def __init__(
        self,
        asker: Asker,
        pace: Pace | None = None,
        *,
        generator: np.random.Generator,
        uptime: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.asker, self.pace = asker, pace or Pace()
        self._generator, self._uptime, self._sleep = generator, uptime, sleep
        self._hosts: dict[str, _Host] = {}

    def ask(self, question: Question) -> Answer:
        """Ask until there is an answer, or until asking again makes no sense.

        Raises:
            ProviderUnavailable: also where the host rests after many failures in a row.
        """
        host = self._host(question.host)
        for attempt in range(1, self.pace.attempts + 1):
            self._demand_awake(question, host)
            self._take_token(host)
            try:
                answer = self.asker.ask(question)
            except QuantloomError as error:
                self._count_failure(host, error)
                if attempt == self.pace.attempts or not _may_pass(error):
                    raise
                self._sleep(self._wait(attempt, error))
            else:
                host.failures = 0
                return replace(answer, attempts=attempt)
        raise AssertionError("the last attempt returns or raises")

    def close(self) -> None:
        """End what the asker behind this one started."""
        self.asker.close()

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            self._hosts[name] = _Host(self.pace.burst, self._uptime())
        return self._hosts[name]

    def _demand_awake(self, question: Question, host: _Host) -> None:
        left = host.rests_until - self._uptime()
        if left > 0:
            problem = (
                f"{question.host} failed {host.failures} times in a row and is left alone for "
                f"{left:.0f} seconds"
            )
            raise ProviderUnavailable(question.provider, problem)

    def _take_token(self, host: _Host) -> None:
        now = self._uptime()
        earned = (now - host.filled_at) * self.pace.per_second
        host.tokens, host.filled_at = min(host.tokens + earned, self.pace.burst), now
        if host.tokens < 1:
            wait = (1 - host.tokens) / self.pace.per_second
            self._sleep(wait)
            host.tokens, host.filled_at = 1.0, now + wait
        host.tokens -= 1

    def _count_failure(self, host: _Host, error: QuantloomError) -> None:
        if not isinstance(error, (ProviderUnavailable, ProviderRateLimited)):
            return
        host.failures += 1
        if host.failures >= self.pace.failures:
            host.rests_until = self._uptime() + self.pace.rest_s

    def _wait(self, attempt: int, error: QuantloomError) -> float:
        named = error.wait_s if isinstance(error, ProviderRateLimited) else 0.0
        backed_off = min(self.pace.first_wait_s * 2 ** (attempt - 1), self.pace.longest_wait_s)
        drawn = backed_off * float(self._generator.uniform(0.5, 1.0))
        wait: float = min(max(named, drawn), self.pace.longest_wait_s)
        return wait


def _may_pass(error: QuantloomError) -> bool:
    if isinstance(error, ProviderBadData):
        return error.may_pass
    return isinstance(error, (ProviderUnavailable, ProviderRateLimited))
