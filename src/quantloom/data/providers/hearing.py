"""Tell of every question that a vendor was asked, retries and failures among them."""

import time
from collections.abc import Callable

from quantloom.data.providers.asking import Answer, Asker, Question
from quantloom.errors import QuantloomError

Heard = Callable[[Question, Answer | QuantloomError, float], None]
"""Is told a question, what came of it, and how many milliseconds that took."""


class HeardAsker:
    """Asks through another asker and tells of it."""

    def __init__(self, asker: Asker, heard: Heard) -> None:
        self.asker, self.heard = asker, heard

    def ask(self, question: Question) -> Answer:
        """Ask once; what comes of it is told before it is passed on."""
        started = time.monotonic()
        try:
            answer = self.asker.ask(question)
        except QuantloomError as error:
            self.heard(question, error, (time.monotonic() - started) * 1e3)
            raise
        self.heard(question, answer, (time.monotonic() - started) * 1e3)
        return answer

    def close(self) -> None:
        """End what the asker behind this one started."""
        self.asker.close()
