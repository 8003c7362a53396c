"""Running user code once more without anybody noticing: nothing printed, nothing drawn twice."""

import io
import logging
import random
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np


class _Muted(io.TextIOBase):
    """Swallows what one thread writes; the others' goes where it went."""

    def __init__(self, stream: TextIO | Any) -> None:
        self._stream, self._thread = stream, threading.get_ident()

    def write(self, text: str, /) -> int:
        if threading.get_ident() == self._thread:
            return len(text)
        written: int = self._stream.write(text)
        return written

    def flush(self) -> None:
        self._stream.flush()


class _Unheard(logging.Filter):
    """Drops the records of one thread."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread


@dataclass(frozen=True, slots=True)
class Chance:
    """Where the generators stand that a whole process shares."""

    plain: tuple[Any, ...]
    arrays: Any

    @classmethod
    def now(cls) -> "Chance":
        return cls(random.getstate(), np.random.get_state())  # noqa: NPY002  users' strategies draw from it

    def restore(self) -> None:
        """Let them draw again what they drew from here on."""
        random.setstate(self.plain)
        np.random.set_state(self.arrays)  # noqa: NPY002  as above


@contextmanager
def unnoticed() -> Iterator[None]:
    """Keep what this thread prints, logs, warns of and draws from everybody else."""
    before, unheard = Chance.now(), _Unheard()
    handlers = _handlers()
    with ExitStack() as stack:
        stack.callback(before.restore)
        stack.enter_context(redirect_stdout(_Muted(sys.stdout)))
        stack.enter_context(redirect_stderr(_Muted(sys.stderr)))
        stack.enter_context(warnings.catch_warnings(action="ignore"))
        for handler in handlers:
            handler.addFilter(unheard)
            stack.callback(handler.removeFilter, unheard)
        yield


def _handlers() -> list[logging.Handler]:
    """Every handler that a record may reach."""
    named = [*logging.root.manager.loggerDict.values()]
    loggers = [logging.root, *(one for one in named if isinstance(one, logging.Logger))]
    found = {id(handler): handler for one in loggers for handler in one.handlers}
    if logging.lastResort is not None:
        found[id(logging.lastResort)] = logging.lastResort
    return [*found.values()]
