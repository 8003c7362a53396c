"""A child process of a study: reads sets of parameters, backtests them, writes what came of them.

It is started as a program, so nothing of a notebook or script that started it runs again here.
"""

import mmap
import os
import queue
import shutil
import sys
import threading
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from typing import Any

import msgspec

from quantloom.backtest.optimise.evaluate import Job, Trier
from quantloom.backtest.optimise.messaging import padding, read_message, write_message
from quantloom.backtest.optimise.trial import Span


def read_job(folder: Path) -> Job:
    """Load what the parent wrote; its arrays are views of one file that all children share."""
    sizes = msgspec.json.decode((folder / "sizes.json").read_bytes(), type=list[int])
    buffers: list[memoryview] = []
    if sum(sizes):
        with (folder / "arrays").open("rb") as file:
            held = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        first = 0
        for size in sizes:
            buffers.append(held[first : first + size])
            first += size + padding(size)
    else:
        buffers = [memoryview(b"") for _ in sizes]
    # Written by the process that started this one, into a folder that is the user's alone.
    job: Job = ForkingPickler.loads((folder / "job").read_bytes(), buffers=buffers)
    return job


def main(folder: str) -> None:
    """Work until the parent closes the pipe or dies."""
    answers = os.fdopen(os.dup(1), "wb")
    # What a strategy prints must not stand between messages.
    os.dup2(2, 1)
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(asked, Path(folder)), daemon=True).start()
    trier = Trier(read_job(Path(folder)))
    write_message(answers, {"ready": os.getpid()})
    while True:
        task = asked.get()
        span = msgspec.convert(task["span"], Span)
        trial = trier.try_set(task["parameters"], span)
        write_message(answers, {"is_quick": trier.is_quick, "trial": trial.plain()})


def _listen(asked: "queue.SimpleQueue[Any]", folder: Path) -> None:
    """Hand tasks on; a parent that was killed closes the pipe, and nothing of it outlives it."""
    source = os.fdopen(os.dup(0), "rb")
    while (task := read_message(source)) is not None:
        asked.put(task)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
