"""How examples and rows are drawn, what coverage follows, and what no shared data leads to."""

import gc
import hashlib
import os
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import is_hypothesis_test, settings

from quantloom.backtest import backtest
from tests.shared_data import SHARED

# Tests start more than a hundred processes; without bytecode each would read all its sources anew.
if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    folder = Path(__file__).resolve().parent.parent / ".cache" / "bytecode"
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(folder))

# What is collected is nearly all kept; to look for garbage in it took a fifth of collecting it.
gc.disable()

# A busy machine is no fault of the code, so no example has a deadline.
settings.register_profile("dev", deadline=None, max_examples=60)
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_configure() -> None:
    """Count runs only where a test names a folder: the user's own ledger is no place for tests."""
    # Not a fixture: some modules of tests make their runs as they are read.
    from quantloom.backtest import facade, trials
    from quantloom.backtest.optimise import result, study
    from quantloom.backtest.sweeps import sweeping

    def count(run: Any, strategy: Any, given: Any) -> Any:
        return run if given is True else trials.count_run(run, strategy, given)

    def own(count: Any) -> Any:
        def count_all(*told: Any, trials: Any = True, **named: Any) -> Any:
            return None if trials is True else count(*told, trials=trials, **named)

        return count_all

    setattr(facade, "count_run", count)  # noqa: B010  a name that mypy knows as another module's

    def find(lineage: Any, given: Any) -> Any:
        return None if given is True else trials.find_trials(lineage, given)

    setattr(study, "count_search", own(trials.count_search))  # noqa: B010
    setattr(sweeping, "count_trials", own(trials.count_trials))  # noqa: B010
    setattr(result, "find_trials", find)  # noqa: B010


# The suite makes tens of thousands of runs; tests/library/backtest/lookahead audits its own.
backtest.__kwdefaults__ = (backtest.__kwdefaults__ or {}) | {"audit": False}


_KILLERS = {
    ("cli", "test_serve.py"),
    ("cli", "test_up.py"),
    ("embedded", "test_postgres.py"),
    ("embedded", "test_valkey.py"),
    ("faults", "test_ending.py"),
    ("faults", "test_migrating.py"),
    ("faults", "test_platform.py"),
    ("faults", "test_service.py"),
    ("faults", "test_two_beats.py"),
    ("jobs", "test_faults.py"),
    ("platform", "test_outages.py"),
    ("supervision", "test_supervisor.py"),
}


def is_in_sample(test_id: str, share: float) -> bool:
    """Whether a row is in the sample of so many; always the same ones, whatever else there is."""
    digest = hashlib.sha256(test_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") < share * 2**32


# First, so that what it leaves for the long run is marked before pytest looks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        sample = item.get_closest_marker("sample")
        if sample and not is_in_sample(item.nodeid, *sample.args):
            item.add_marker("soak")
        if item.path.parts[-2:] in _KILLERS:
            # A process that is killed may leave a torn file, which spoils the whole count.
            item.add_marker("untraced")
        if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj):
            # Coverage counts what a test names, and none of what chance comes upon; to follow
            # random runs line by line takes more than twice as long as to make them.
            item.add_marker("untraced")
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason=f"no market data in {SHARED}; the packaged set is tested")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)


# What coverage follows costs twice as much, and pytest itself is none of what it counts:
# it follows what is imported and the three phases of a test, and nothing between them.
@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    with out_of_sight():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run what is marked `untraced` out of sight of coverage, and the processes that it starts."""
    with out_of_sight() as tracer, pytest.MonkeyPatch.context() as patch:
        if item.get_closest_marker("untraced"):
            patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        else:
            item.stash[TRACER] = tracer
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with in_sight(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with in_sight(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with in_sight(item):
        return (yield)


Tracer = Any
TRACER = pytest.StashKey[Tracer]()


@contextmanager
def out_of_sight() -> Iterator[Tracer]:
    # Not by `no_cover` of pytest-cov: in a worker another tracer goes on while its own one pauses.
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield tracer
    finally:
        sys.settrace(tracer)


@contextmanager
def in_sight(item: pytest.Item) -> Iterator[None]:
    sys.settrace(item.stash.get(TRACER, None))
    try:
        yield
    finally:
        sys.settrace(None)


def pytest_collection_finish() -> None:
    """Leave what was collected alone: to look through it for garbage took as long as many tests."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skips, where QUANTLOOM_NO_SKIPS says that everything needed is there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("QUANTLOOM_NO_SKIPS"):
        return
    skipped = len(reporter.stats.get("skipped", []))
    if skipped and session.exitstatus == pytest.ExitCode.OK:
        reporter.write_line(f"\n{skipped} skipped, though nothing is missing", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
