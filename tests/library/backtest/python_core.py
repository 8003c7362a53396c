"""Runs seeded cases by the kernels as plain Python; NUMBA_DISABLE_JIT=1 has to be set."""

import sys
from collections.abc import Iterable
from random import Random
from typing import Any

import numpy as np

from quantloom.backtest import core, vectorised
from quantloom.backtest.kernels import layout
from tests import conftest
from tests.library.backtest.signal_cases import make_signal_case


def outcomes_of(seeds: Iterable[int]) -> list[str]:
    """Who has made each run, and the hash of its result."""
    results = (make_signal_case(Random(seed)).run("vectorised") for seed in seeds)
    return [f"{one.executor} {one.hashes.result}" for one in results]


class _Object(np.record):  # type: ignore[misc]
    """A record whose fields are its attributes, `size` among them, which numpy has one of too."""

    def __getattribute__(self, name: str) -> Any:
        return self["size"] if name == "size" else super().__getattribute__(name)


def _as_objects(records: Any) -> Any:
    return records.view(np.dtype((_Object, records.dtype)))


def read_records_as_objects() -> None:
    """Let records have their fields as attributes, as kernels write it."""
    new_run, market_of = layout.new_run, core.market_of

    def run_of_objects(*args: Any, **named: Any) -> layout.Run:
        return layout.Run(*map(_as_objects, new_run(*args, **named)))

    def market_of_objects(*args: Any) -> layout.Market:
        found = market_of(*args)
        return found._replace(days=_as_objects(found.days))

    setattr(layout, "new_run", run_of_objects)  # noqa: B010  what the run looks up
    setattr(vectorised, "market_of", market_of_objects)  # noqa: B010


if __name__ == "__main__":
    conftest.pytest_configure()
    read_records_as_objects()
    sys.stdout.write("\n".join(outcomes_of(map(int, sys.argv[1:]))))
