"""How random examples are drawn, and what happens where the shared market data is absent."""

import os

import pytest
from hypothesis import settings

from tests.shared_data import SHARED

# A busy machine is no fault of the code, so no example has a deadline.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    absent = pytest.mark.skip(reason=f"no market data in {SHARED}; the packaged set is tested")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(absent)


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
