"""Backtests in several processes, each a program of its own that reads one file of bars."""

import os
import selectors
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from quantloom.backtest.optimise.evaluate import Job, Ways
from quantloom.backtest.optimise.messaging import padding, read_message, write_message
from quantloom.backtest.optimise.trial import WHOLE, Span, Trial, trial_of
from quantloom.errors import Invalid, Unavailable
from quantloom.strategy import Value

USER_MODULE = "quantloom_user_"
"""How the modules are named that `load_strategy` makes of files."""

_WORKER = "quantloom.backtest.optimise.worker"
_TRIES = 2
_WAIT_S = 0.5


class WorkersDie(Unavailable):
    """Child processes end before they can run anything."""

    code = "optimise.workers_die"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"worker processes end before they run a backtest: {self.problem}; workers=1 "
            "(--workers 1) runs them here, and shows what is wrong"
        )


class NotCarried(Invalid):
    """A strategy or a setting that cannot be handed to another process."""

    code = "optimise.not_carried"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return (
            f"the strategy or a setting cannot be handed to other processes: {self.problem}; "
            "write the strategy into a file, or run with workers=1"
        )


@dataclass(frozen=True, slots=True)
class _Task:
    place: int
    parameters: Mapping[str, Value]
    tries: int = 0


class _Child:
    """One worker process and what it is at."""

    def __init__(self, folder: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(  # noqa: S603  this very interpreter
            [sys.executable, "-m", _WORKER, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            # Ctrl-C goes to the parent alone, which then ends its children.
            start_new_session=True,
        )
        self.asks = cast("BinaryIO", self.process.stdin)
        self.answers = cast("BinaryIO", self.process.stdout)
        self.task: _Task | None = None
        self.is_ready = False

    def send(self, task: _Task, span: Span) -> None:
        """Give it something to do; that it is dead shows when its answer is read."""
        self.task = task
        asked = {"parameters": dict(task.parameters), "span": msgspec.to_builtins(span)}
        with suppress(OSError):
            write_message(self.asks, asked)

    def answer(self) -> Any:
        return read_message(self.answers)

    def end(self) -> int:
        """Kill it if it lives, and give its exit code."""
        self.process.kill()
        for pipe in (self.asks, self.answers):
            with suppress(OSError):
                pipe.close()
        return self.process.wait()


class PoolEvaluator:
    """Tries sets in processes; a child that dies is replaced.

    The set that it was at is tried once more, then recorded as failed.
    """

    def __init__(self, job: Job, workers: int) -> None:
        self.workers = workers
        self.ways = Ways(job)
        self._folder = tempfile.TemporaryDirectory(prefix="quantloom-study-")
        self._children: list[_Child] = []
        self._deaths_at_birth = 0
        try:
            write_job(job, Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise

    @property
    def executor(self) -> str:
        """What ran the sets so far."""
        return f"{self.ways}, {self.workers} processes"

    def evaluate(self, sets: Sequence[Mapping[str, Value]], span: Span = WHOLE) -> Iterator[Trial]:
        """Give a trial for each set, in their order, each as soon as those before it are there."""
        waiting = deque(_Task(place, values) for place, values in enumerate(sets))
        found: dict[int, Trial] = {}
        try:
            for place, values in enumerate(sets):
                while place not in found:
                    self._work(waiting, found, span)
                yield replace(found.pop(place), parameters=values)
        except BaseException:
            # Whoever stops in between leaves children at work on what nobody asks for any more.
            self._end_all()
            raise

    def close(self) -> None:
        """End the children and remove the file that they share."""
        self._end_all()
        self._folder.cleanup()

    def _end_all(self) -> None:
        children, self._children = self._children, []
        for child in children:
            child.end()

    def _work(self, waiting: "deque[_Task]", found: dict[int, Trial], span: Span) -> None:
        """Keep every child busy until one of them has told something."""
        busy = sum(one.task is not None for one in self._children)
        wanted = min(self.workers, len(waiting) + busy)
        while len(self._children) < wanted:
            self._children.append(_Child(Path(self._folder.name)))
        for child in self._children:
            if child.is_ready and child.task is None and waiting:
                child.send(waiting.popleft(), span)
        with selectors.DefaultSelector() as selector:
            for child in self._children:
                selector.register(child.answers, selectors.EVENT_READ, child)
            for key, _ in selector.select(_WAIT_S):
                self._hear(key.data, waiting, found)

    def _hear(self, child: _Child, waiting: "deque[_Task]", found: dict[int, Trial]) -> None:
        message = child.answer()
        if message is None:
            self._bury(child, waiting, found)
        elif "ready" in message:
            child.is_ready = True
        elif child.task is not None:
            trial = trial_of(message["trial"])
            self.ways.note(trial, is_quick=message["is_quick"])
            found[child.task.place] = trial
            child.task = None

    def _bury(self, child: _Child, waiting: "deque[_Task]", found: dict[int, Trial]) -> None:
        """Take a dead child's set back, unless it has killed another one before."""
        self._children.remove(child)
        code = child.end()
        if not child.is_ready:
            self._deaths_at_birth += 1
            if self._deaths_at_birth > self.workers:
                raise WorkersDie(f"exit code {code}, see above")
        task = child.task
        if task is None:
            return
        if task.tries + 1 < _TRIES:
            waiting.appendleft(replace(task, tries=task.tries + 1))
            return
        problem = f"its process ended with exit code {code}, {_TRIES} times"
        found[task.place] = Trial(parameters=task.parameters, state="failed", problem=problem)


def write_job(job: Job, folder: Path) -> None:
    """Write what children need: one file of all arrays, and one of the rest.

    Raises:
        NotCarried: something in it cannot be written.
    """
    rest, buffers = _packed(job)
    (folder / "job").write_bytes(rest)
    sizes = []
    with (folder / "arrays").open("wb") as file:
        for buffer in buffers:
            raw = buffer.raw()
            sizes.append(len(raw))
            file.write(raw)
            file.write(bytes(padding(len(raw))))
    (folder / "sizes.json").write_bytes(msgspec.json.encode(sizes))


def _packed(job: Job) -> tuple[bytes, list[Any]]:
    """Pack a job; a class of a notebook or of a file goes as it is, any other one by its name."""
    # Slow to load, and only needed with processes.
    cloudpickle: Any = import_module("numba.cloudpickle")
    module = sys.modules[job.strategy.__module__]
    is_of_file = module.__name__.startswith(USER_MODULE)
    buffers: list[Any] = []
    if is_of_file:
        cloudpickle.register_pickle_by_value(module)
    try:
        packed: bytes = cloudpickle.dumps(job, protocol=5, buffer_callback=buffers.append)
    except Exception as error:  # whatever an object's own reduction may raise
        raise NotCarried(f"{type(error).__name__}: {error}") from error
    finally:
        if is_of_file:
            cloudpickle.unregister_pickle_by_value(module)
    return packed, buffers
